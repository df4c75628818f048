"""Servers that we own and that stand in for the outside world, with its real limits."""
