"""Floor 1: what every room stands on: errors, ids, time, chance, untrusted text, settings."""
