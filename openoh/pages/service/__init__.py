"""Pages of the service, its boards and systems."""
