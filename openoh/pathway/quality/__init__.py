"""Peer review of reports, incidents, supervision: what a clinical lead looks after."""
