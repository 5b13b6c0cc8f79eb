"""Invented organisations, people and absence: deterministic, for demonstrations, tests and benches."""
