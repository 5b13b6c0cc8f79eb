"""Risk of suicide and self-harm: never lost, always owned."""
