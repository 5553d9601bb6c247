"""Floor 6: one file per process; opens sockets and files and ties the cores to them."""
