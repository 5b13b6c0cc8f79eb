"""Everything that an installation holds of one service or one employer, in open files."""
