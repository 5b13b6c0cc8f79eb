"""Messages as an outbox: written in the action's transaction, sent once, with no word about health."""
