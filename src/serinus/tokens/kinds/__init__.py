"""The kinds of token: one file each, each a stranger to the others; see `tokens.catalogue`."""
