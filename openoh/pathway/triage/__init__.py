"""The clinical decision on what happens next."""
