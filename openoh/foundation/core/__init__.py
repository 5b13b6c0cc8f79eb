"""Scope, wall, clock, facts, keys: what no package can do without."""
