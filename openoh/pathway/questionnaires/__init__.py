"""Instruments answered by a person, with score, band and flags."""
