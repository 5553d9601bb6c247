"""Serinus: open, self-hosted deception for defenders."""

__version__ = "0.1.0"
