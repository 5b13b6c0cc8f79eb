"""Purposes of processing, objections, and each decision about a disclosure with its ground."""
