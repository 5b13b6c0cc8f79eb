"""Pages of the person signed in for themselves: phone first, one thing a page."""
