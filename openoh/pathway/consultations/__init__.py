"""What a clinician found, recorded in a structure."""
