"""Who did what, who read whose record, sealed so that it cannot be changed unseen."""
