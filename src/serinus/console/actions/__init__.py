"""State changes as plain functions, by noun; pages, API and worker change nothing otherwise."""
