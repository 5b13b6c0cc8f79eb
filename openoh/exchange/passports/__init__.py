"""A passport of adjustments, shown by its person to somebody else."""
