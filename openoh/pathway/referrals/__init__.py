"""Referrals by managers."""
