"""Published comparison figures, and measures from live data."""
