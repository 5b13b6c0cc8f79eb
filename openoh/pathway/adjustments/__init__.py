"""Each recommendation that was released, and the manager's answer to it."""
