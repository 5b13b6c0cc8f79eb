"""Benchmarks; each prints `name: ratio R (limit L)`, a ratio above its limit is a fault."""
