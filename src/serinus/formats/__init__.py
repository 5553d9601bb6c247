"""File formats: pure, bounded in what they read, and the same bytes each time they are written."""
