"""Floor 3: what an alert says and how each destination wants it; pure."""
