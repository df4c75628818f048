"""What the operator does for people from the command line: invite, freeze, revoke, erase, verify the record."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.batch import Batch, Job
from bot.concern import load_screen
from bot.core.cases import Level
from bot.core.errors import CommandRefused
from bot.core.event import Event
from bot.core.events import EraseAsked, FreezeAsked
from bot.core.people import Role, Staff
from bot.core.ports import Clock
from bot.core.teamwork import KeptAnswerWorried, RotaSet
from storage.sampling import Count, Drawn, Shuffle
from storage.store import Store

BOT_NAME, WHATSAPP_NUMBER = "bot_name", "whatsapp_number"
"""What is remembered of our messengers for the links to them."""
STAFF_CODE = timedelta(hours=24)
"""How long a staff code lives (S14)."""
ANSWERED = "Lesson:asked"
"""Where she was when she wrote what is kept: kept are answers to lessons alone."""
LONGEST_COHORT = 80
"""Letters in the name of a cohort: it stands on buttons, and both databases must hold it."""


@dataclass(frozen=True, slots=True)
class Invite:
    """An invitation as it is shown once; `telegram` and `whatsapp` are links, empty without that channel."""

    code: str
    telegram: str
    expires: datetime
    whatsapp: str = ""
    spoken: str = ""

    def fields(self) -> dict[str, str]:
        """What is printed, one a line."""
        shown = {"code": self.code, "telegram": self.telegram, "whatsapp": self.whatsapp}
        last = {"expires": self.expires.isoformat(timespec="seconds")}
        return {**shown, **last, **({"spoken": self.spoken} if self.spoken else {})}


class Desk:
    """Carries out the operator's commands; each plays the same turn that a button would."""

    def __init__(self, store: Store, batch: Batch, clock: Clock) -> None:
        self._store = store
        self._batch = batch
        self._clock = clock

    def invite(self, role: Role, cohort: str | None, uses: int, days: int) -> Invite:
        """Make an invitation; raises CommandRefused without a needed cohort, or for a mother too early (S11)."""
        if role in {Role.MOTHER, Role.FACILITATOR} and not cohort:
            raise CommandRefused(f"an invitation of a {role} needs --cohort NAME")
        if cohort and not (cohort == cohort.strip() and cohort.isprintable() and len(cohort) <= LONGEST_COHORT):
            raise CommandRefused(f"the name after --cohort must be one line of at most {LONGEST_COHORT} letters")
        is_mother = role is Role.MOTHER
        if is_mother and (missing := self._missing()):
            raise CommandRefused(f"mothers cannot be invited yet, run `hamroh doctor`; still missing: {missing}")
        expires = self._clock.now() + (timedelta(days=days) if is_mother else STAFF_CODE)
        code, spoken = self._store.make_invitation(role, cohort, uses if is_mother else 1, expires)
        command = f"?start={code}" if role is not Role.GROUP else f"?startgroup={code}"
        name, number = self.recall(BOT_NAME), self.recall(WHATSAPP_NUMBER)
        telegram = f"https://t.me/{name}{command}" if name else ""
        whatsapp = f"https://wa.me/{number}?text={code}" if number and is_mother else ""
        return Invite(code, telegram, expires, whatsapp, spoken or "")

    def _missing(self) -> str:
        """What must still be done before mothers may be invited (S11); empty when nothing."""
        policy = self._batch.policy
        if policy.is_unready_allowed:
            return ""
        roster, readiness = self._store.desk()
        return ", ".join(policy.completed(readiness).lacks(self._clock.now(), roster))

    def recall(self, fact: str) -> str:
        """What links need to know of a messenger; empty while nobody has asked it."""
        return self._store.recall(fact)

    def learn(self, fact: str, value: str) -> None:
        """Remember what links need to know of a messenger."""
        self._store.remember(fact, value)

    def freeze(self, code_name: str, *, is_frozen: bool) -> str:
        """End (or lift the end of) everything that goes to her, in this very commit (S3)."""
        self._play(FreezeAsked(is_frozen=is_frozen), self.conversation(code_name))
        return f"{code_name} is {'frozen: nothing goes to her' if is_frozen else 'no longer frozen'}"

    def conversation(self, code_name: str) -> str:
        """The id of a mother's conversation; raises CommandRefused when nobody is called so."""
        found = self._store.find_participant(code_name)
        if found is None:
            raise CommandRefused(f"there is no participant {code_name}")
        return found.conversation_id

    def revoke(self, alias: str) -> str:
        """End a staff member's access; her cases ring again (S14)."""
        found = self._store.find_staff(alias)
        if found is None:
            raise CommandRefused(f"there is no staff member {alias}")
        self._play_posted(self._store.revoke(found))
        roster, _ = self._store.desk()
        lonely = "" if roster.coordinators() else "; no coordinator is left: make one with `hamroh invite coordinator`"
        return f"{alias} has no access any more; her cases ring again. Take her out of the facilitators' group{lonely}"

    def erase(self, code_name: str) -> str:
        """Erase a mother; a backup made before still holds her sealed rows, without any key (S22)."""
        self._play(EraseAsked(), self.conversation(code_name))
        if self._store.find_participant(code_name) is not None:
            raise CommandRefused(f"{code_name} could not be erased: the log says why")
        return f"{code_name} is erased; run `hamroh rotate-key` tonight so that old key copies become useless"

    def workers(self) -> tuple[Staff, ...]:
        """The confirmed facilitators and coordinators, whose shifts make the rota."""
        roster, _ = self._store.desk()
        return tuple(s for s in roster.staff if s.has(Role.FACILITATOR) or s.has(Role.COORDINATOR))

    def set_rota(self, alias: str, rota: RotaSet) -> None:
        """Change how one of them works; she is told in her chat.  Raises CommandRefused for somebody unknown."""
        found = next((staff for staff in self.workers() if staff.alias == alias), None)
        if found is None:
            raise CommandRefused(f"there is no confirmed facilitator or coordinator {alias}")
        self._play(rota, found.conversation_id)

    def verify_audit(self) -> str:
        """Check the chain of the record; raises CommandRefused naming the first broken row."""
        broken = self._store.verify_audit()
        if broken is not None:
            raise CommandRefused(f"the record is broken at row {broken}: a row was changed or removed")
        return "the record is whole"

    def verdicts(self) -> list[str]:
        """How closed cases ended, one line for each version of the rules, concept and outcome, tab between."""
        return ["\t".join(map(str, one)) for one in self._store.verdicts()]

    def sample_reader(self, alias: str) -> Staff:
        """Who may read the blind sample; raises CommandRefused for anybody but a confirmed supervisor (S20)."""
        roster, _ = self._store.desk()
        found = next((staff for staff in roster.supervisors() if staff.alias == alias), None)
        if found is None:
            raise CommandRefused(f"there is no confirmed supervisor {alias or '(name one with --as ALIAS)'}")
        return found

    def draw_sample(self, reader: Staff, shuffle: Shuffle) -> Drawn | None:
        """A kept answer that its writer lets a supervisor read; the reading is recorded (S20)."""
        return self._store.draw_sample(reader, shuffle)

    def judge_sample(self, drawn: Drawn, level: Level) -> None:
        """What a person thinks of it: counted beside what the screen says, and a worry goes to her facilitators."""
        screen = load_screen()
        if level is not Level.NONE:
            self._play(KeptAnswerWorried(level, drawn.text), drawn.conversation_id)
        self._store.count_sample(screen.rules, screen.screen(drawn.text, ANSWERED).level, level)

    def sampled(self) -> list[Count]:
        """What came of the blind sample so far, by version of the rules."""
        return self._store.sample_counts()

    def _play(self, event: Event, conversation_id: str) -> None:
        """Post the event and play it here and now, with what it posts in turn."""
        self._play_posted(self._store.post(event, conversation_id))

    def _play_posted(self, inbox_id: str) -> None:
        waiting = [inbox_id]
        while waiting:
            written = self._batch.write([Job(inbox_id=inbox_id) for inbox_id in waiting])
            waiting = written.posted
