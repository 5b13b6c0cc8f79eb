"""Advice: drafted, seen first by the person, released to named people."""
