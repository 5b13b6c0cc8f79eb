"""Pages of managers: who needs something from me, refer, advice, cover. They never reach clinical records."""
