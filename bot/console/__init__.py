"""The web pages of the house."""
