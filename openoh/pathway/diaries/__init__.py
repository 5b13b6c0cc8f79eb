"""A service's diary: its weeks, making times by a pattern, taking times back, and services that have none."""
