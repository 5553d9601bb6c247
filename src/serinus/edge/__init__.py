"""Floor 5: what intruders reach, one front per protocol; pure, driven by the shells of `net`."""
