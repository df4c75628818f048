"""Messengers: each file is one of them, knows only `core`, and is given the door of intake, never importing it."""
