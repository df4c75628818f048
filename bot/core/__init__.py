"""Nouns and rules of the work; no input or output of any kind."""
