"""Templates: what may go to her on a messenger that takes no free words after a day of silence."""

from dataclasses import dataclass

SILENT = "silent"
"""The tag of what was said to one to whom her messenger takes a template alone: she counts for the day's reach."""


@dataclass(frozen=True, slots=True)
class Template:
    """A neutral line that the messenger has approved beforehand, with so many buttons of ours under it.

    `parameters` are fixed words of the operator's for its places; nothing of hers or of a case ever goes into one.
    """

    name: str
    language: str
    parameters: tuple[str, ...] = ()
    buttons: int = 0


@dataclass(frozen=True, slots=True)
class Templates:
    """The operator's templates by the purpose of what they stand for; `account` is where they can be looked up.

    `daily_reach` is how many silent people the messenger lets the account reach in a day.
    """

    by_purpose: dict[str, Template]
    account: str = ""
    daily_reach: int = 250

    def of(self, purpose: str) -> Template | None:
        """The template that stands for a message of this purpose."""
        return self.by_purpose.get(purpose)


@dataclass(frozen=True, slots=True)
class Approved:
    """A template as the messenger knows it.

    `shown` is all that can be read of it: header, text, footer and the titles of its buttons.  `is_plain`: words and
    quick replies alone, with no place but the numbered ones of its text, so that it can be sent as we send it.
    """

    name: str
    language: str
    is_approved: bool
    shown: tuple[str, ...]
    parameters: int
    titles: tuple[str, ...]
    is_plain: bool


NO_TEMPLATES = Templates({})
