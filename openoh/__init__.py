"""OpenOH: the open occupational health and wellbeing platform for public-service workforces."""

__version__ = "0.1.0"
