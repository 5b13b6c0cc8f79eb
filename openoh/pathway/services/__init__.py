"""What a provider offers, and where else to turn."""
