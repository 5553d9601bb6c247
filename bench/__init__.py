"""The bench: every figure that we promise, measured against a peer or a bound in one run."""
