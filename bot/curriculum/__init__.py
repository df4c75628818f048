"""Lessons as data: what a mother reads between two sessions, and the rules its authors keep."""
