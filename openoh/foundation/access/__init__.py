"""Roles, permissions, assignments, delegation, break-glass, and the actor that a request becomes."""
