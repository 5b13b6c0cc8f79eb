"""The file that says which services, employers and contracts an installation is for."""
