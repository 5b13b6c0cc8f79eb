"""The path of one person through the service, in the order in which they meet it."""
