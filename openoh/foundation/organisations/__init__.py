"""Systems, employers, sites, teams; occupational health providers and the contracts between them."""
