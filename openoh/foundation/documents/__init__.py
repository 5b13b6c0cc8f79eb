"""Files, encrypted at rest, checked for being what they say they are."""
