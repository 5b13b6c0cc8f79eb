"""Clinicians, slots, appointments."""
