"""How long somebody has waited, for whom, and by when it is due."""
