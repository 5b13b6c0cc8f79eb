"""Help offered because of an absence, by versioned rules."""
