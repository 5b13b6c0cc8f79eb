"""Pages of HR and small employers."""
