"""Persons as an occupational health provider knows them, and engagements as an employer knows them."""
