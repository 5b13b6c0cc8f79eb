"""The episode of care."""
