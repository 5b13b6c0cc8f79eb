"""Pages that anybody may open: sign-in, crisis help, who can see what, accessibility, privacy."""
