"""Pages of managers: ten minutes, between two meetings."""
