"""One file for each destination; each is pure and knows no other."""
