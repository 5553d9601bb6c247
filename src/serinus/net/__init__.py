"""Floor 4: what touches the network: socket shells, and the clients that carry alerts out."""
