"""What the operator decided, as far as a conversation needs to know it; read once at start."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from bot.core.feasts import Feasts
from bot.core.messages import Language
from bot.core.people import Readiness
from bot.guidance.model import Referral

CONSENT = "1"
"""Version of our own text of consent: raise it whenever the sense of a screen changes (S6)."""


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A help line from the operator's file; never written into code or lessons."""

    country: str
    number: str
    text: dict[Language, str]
    verified_on: date


@dataclass(frozen=True, slots=True)
class Confidentiality:
    """The operator's own words on when staff may or must tell others (S6), with reviewer and date."""

    text: dict[Language, str]
    reviewer: str
    reviewed_on: date

    @property
    def version(self) -> str:
        """Another one for other words, the same when only reviewer or date change."""
        return hashlib.sha256("\n".join(self.text[language] for language in sorted(self.text)).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's decisions; the defaults are those of a fresh installation."""

    zone: str = "Asia/Dushanbe"
    bot_name: str = ""
    help_lines: tuple[HelpLine, ...] = ()
    confidentiality: Confidentiality | None = None
    referrals: tuple[Referral, ...] = ()
    is_unready_allowed: bool = False
    reply_window: timedelta = timedelta(minutes=10)
    answer_expires: timedelta = timedelta(hours=2)
    case_text_stays: timedelta = timedelta(minutes=30)  # in her chat (S2)
    staff_text_stays: timedelta = timedelta(hours=47)  # in a staff chat (S12)
    alarm_group: timedelta = timedelta(minutes=5)
    alarm_private: timedelta = timedelta(minutes=10)
    alarm_coordinators: timedelta = timedelta(minutes=15)
    alarm_again: timedelta = timedelta(minutes=15)
    concern_first: timedelta = timedelta(hours=4)
    concern_last: timedelta = timedelta(hours=24)
    silent_after: timedelta = timedelta(days=14)
    reopened_within: timedelta = timedelta(days=14)  # so long a new case of hers names the one before it
    feasts: Feasts = field(default_factory=Feasts)
    pushes_a_day: int = 1
    pushes_a_week: int = 4
    silent_reach: int = 0  # how many a broadcast may reach who are silent on WhatsApp for a day; 0 without a template
    is_cover_approved: bool = False  # whether a template stands for the line before an answer

    @property
    def consent_version(self) -> str:
        """What a yes is a yes to: our text and the operator's; she is asked again when either changes (S6)."""
        return f"{CONSENT}-{self.confidentiality.version}" if self.confidentiality else CONSENT

    def completed(self, readiness: Readiness) -> Readiness:
        """With the dates that only the operator's files know (S11)."""
        return replace(
            readiness,
            lines_verified_on=min((line.verified_on for line in self.help_lines), default=None),
            confidentiality_reviewed_on=self.confidentiality.reviewed_on if self.confidentiality else None,
        )
