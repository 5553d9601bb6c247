"""The durable log of touches, its group commit, and the snapshot of what live tokens answer."""
