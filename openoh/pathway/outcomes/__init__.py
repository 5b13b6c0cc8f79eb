"""What happened afterwards, asked and chased; silence counted as lost."""
