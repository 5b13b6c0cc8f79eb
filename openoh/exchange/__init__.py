"""Ways in and out for other systems."""
