"""Absence, offers and measures: what concerns everybody who works."""
