"""Spells of absence as an employer reports them."""
