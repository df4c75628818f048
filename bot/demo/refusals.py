"""What cannot be done on the stage, said in the languages of its page."""

from bot.console.words import WORDS, called
from bot.core.errors import CommandRefused


class Refused(CommandRefused):
    """An act that the stage refuses; `why` is the key of its sentence, `given` what the sentence names."""

    def __init__(self, why: str, **given: str) -> None:
        self.why, self.given = why, given
        super().__init__(self.told("en"))

    def told(self, language: str) -> str:
        """The sentence in a language of the page."""
        words = WORDS[language]
        given = self.given | {name: called(who, words) for name, who in self.given.items() if name == "who"}
        return words[f"cannot_{self.why}"].format(**given)
