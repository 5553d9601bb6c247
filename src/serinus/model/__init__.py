"""Floor 2: frozen values that cross the walls between processes."""
