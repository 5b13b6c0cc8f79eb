"""Pages of employers: feeds, people, purposes. They never reach clinical records or who asked for help."""
