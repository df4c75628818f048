"""The book that every test of a flow plays: shipped lessons and sentences, an operator's policy that is invented."""

from datetime import date

import pytest

from bot.curriculum.load import load
from bot.flows.book import Book
from bot.flows.policy import Confidentiality, HelpLine, Policy
from bot.texts import load_texts

LINES = (HelpLine("TJ", "000-invented", {"tg": "Рақами санҷишӣ", "ru": "Выдуманная линия"}, date(2026, 11, 1)),)
WORDS = Confidentiality({"tg": "Матни санҷишӣ.", "ru": "Выдуманный текст."}, "Nobody Invented", date(2026, 11, 1))


@pytest.fixture(scope="session")
def book() -> Book:
    return Book(load(), load_texts(), Policy(help_lines=LINES, confidentiality=WORDS))
