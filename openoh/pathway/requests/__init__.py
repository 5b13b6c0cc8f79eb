"""People's own requests for help. No manager or employer ever reads these tables."""
