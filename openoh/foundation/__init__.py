"""What every later floor stands on: who people are, who may see what, and that it is written down."""
