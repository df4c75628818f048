"""All flows over the lessons that come with Hamroh, made once for all tests of a process that decide alike."""

from bot.app import make_book
from bot.flows.book import Book
from bot.settings import Settings

_PLACES = {"database_url", "keys_dir", "keys_url", "index_key_file", "telegram_api_url"}
_BOOKS: dict[str, Book] = {}


def book_of(settings: Settings) -> Book:
    """The book under these settings; a book has no state of its own."""
    decided = repr(settings.model_dump(exclude=_PLACES))
    if decided not in _BOOKS:
        _BOOKS[decided] = make_book(settings)
    return _BOOKS[decided]
