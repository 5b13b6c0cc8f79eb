"""What HR tells all people of an employer on their start page."""
