"""Hamroh killed, starved and cut off: what was accepted is never lost, whatever happens."""
