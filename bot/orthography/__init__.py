"""Orthography: one key for the many ways in which Tajik, Russian and Uzbek are typed."""

from bot.orthography.skeleton import Word, read, skeleton, words
from bot.orthography.vocabulary import Vocabulary, is_near

__all__ = ["Vocabulary", "Word", "is_near", "read", "skeleton", "words"]
