"""A person chooses a time for their case."""
