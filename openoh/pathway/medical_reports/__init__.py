"""Asking the person's own doctor for a report, with the person's rights kept."""
