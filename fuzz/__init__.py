"""The fuzz harnesses: one for each parser of bytes that an intruder sends."""
