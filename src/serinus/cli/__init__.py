"""What operators type: one file per group of commands, on top of the API and the programs."""
