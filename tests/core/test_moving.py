"""Her code as she types it: in whatever digits her phone has, with whatever it puts between them."""

import pytest

from bot.core.moving import spoken_code

CODE = "12345678"


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        "1234 5678",
        "1234-5678",
        "1234–5678",
        "1234\u00a05678",
        "1234\n5678",
        "12 34 56 78",
        "1 2 3 4 5 6 7 8",
        "12345678.",
        "«1234 5678»",
        "Код: 1234 5678",
        "рамз 12345678",
        "۱۲۳۴۵۶۷۸",
        "١٢٣٤ ٥٦٧٨",
        "\u202a12345678\u202c",
    ],
)
def test_it_is_the_same_code(typed: str) -> None:
    assert spoken_code(typed) == CODE


@pytest.mark.parametrize(
    "typed",
    ["", "1234567", "123456789", "12-05-2026", "12.05.2026", "123 45678", "маро мезанад 12345678", "12345678 кӯмак"],
)
def test_other_numbers_and_words_are_none(typed: str) -> None:
    assert spoken_code(typed) == ""
