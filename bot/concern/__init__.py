"""Concern: does this text need a person?  Pure, once the lexicons were read at the start."""

from bot.concern.screen import Screen, explain, load_screen

__all__ = ["Screen", "explain", "load_screen"]
