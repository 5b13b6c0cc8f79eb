"""Pages of clinicians."""
