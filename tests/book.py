"""All flows over the lessons that come with Hamroh, read once for all tests of a process."""

import functools

from bot.app import make_policy
from bot.curriculum.load import load
from bot.curriculum.model import Curriculum
from bot.flows.book import Book
from bot.settings import Settings
from bot.texts import Texts, load_texts


@functools.cache
def _words() -> tuple[Curriculum, Texts]:
    return load(None), load_texts()


def book_of(settings: Settings) -> Book:
    """The book under these settings."""
    return Book(*_words(), make_policy(settings))
