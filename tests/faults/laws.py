"""What must hold after every fault: the invariants I1 to I8, asked of the fake Bot API, the database and the log."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

from sqlalchemy import exists, func, or_, select

from storage import audit, retention
from storage.database import Database
from storage.keys import KeyPlaces, Keyring
from storage.schema import cases, inbox, mailboxes, outbox, timers
from storage.sealing import Sealer
from tests.faults.harness import PLANTED, Stage
from tests.faults.village import COORDINATOR, FACILITATOR, GROUP, RUSSIAN, TAJIK
from tests.world import FrozenClock


class Tally(dict[str, int]):
    """What was counted: for the report."""


def check(stage: Stage) -> Tally:
    """All invariants; what was counted."""
    tally = Tally(kills=stage.kills, **_writers(stage))
    tally |= _broadcast(stage)
    tally |= _outbox(stage.database)
    _cases(stage)
    _audit(stage)
    _log(stage)
    assert stage.tg.violations == []
    assert stage.tg.unprotected() == []
    return tally


def _writers(stage: Stage) -> dict[str, int]:
    """I1 to I3: every word once, in order; a second time only if it was in flight at a kill or its answer was lost."""
    written = sum(len(words) for words in stage.written.values())
    lost = duplicates = breaks = 0
    for number, words in stage.written.items():
        answers = stage.answers(number)
        counts = Counter(answers)
        lost += sum(not counts[word] for word in words)
        duplicates += sum(count - 1 for count in counts.values())
        breaks += sum(words.index(before) > words.index(after) for before, after in pairwise(answers))
    assert lost == 0, f"I1: {lost} of {written} were lost"
    allowed = stage.in_flight + stage.lost_answers
    assert duplicates <= allowed, f"I2: {duplicates} of at most {allowed}"
    assert breaks == 0, f"I3: {breaks} answers out of order"
    return {"written": written, "lost": lost, "duplicates": duplicates, "order_breaks": breaks}


def _broadcast(stage: Stage) -> dict[str, int]:
    """I4: to each mother at most once."""
    got = Counter(sent.chat_id for sent in stage.tg.sent if TAJIK in sent.text or RUSSIAN in sent.text)
    twice = sum(got[number] > 1 for number in stage.mothers)
    assert twice == 0, f"I4: {twice} mothers got the broadcast twice"
    return {"broadcast_arrived": sum(got[number] for number in stage.mothers), "broadcast_duplicates": twice}


def _outbox(database: Database) -> dict[str, int]:
    """I6: nothing waits to be played or sent, and no mailbox sleeps over a row."""
    pending = outbox.c.state.in_(("waiting", "sending"))
    awake = exists().where(mailboxes.c.account_id == outbox.c.account_id, mailboxes.c.next_due_at.is_not(None))
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(outbox).where(pending)) == 0
        assert connection.scalar(select(func.count()).select_from(outbox).where(pending, ~awake)) == 0
        assert connection.scalar(select(func.count()).select_from(inbox).where(inbox.c.state == "pending")) == 0
        quarantined = select(func.count()).select_from(inbox).where(inbox.c.state == "quarantined")
        return {"quarantined": connection.scalar(quarantined) or 0}


def _cases(stage: Stage) -> None:
    """I5: an open case has been told to staff, and somebody has acted or its alarm runs."""
    told = "\n".join(sent.text for sent in stage.tg.sent if sent.chat_id in {GROUP, COORDINATOR, FACILITATOR})
    c, t = cases.c, timers.c
    rings = exists().where(t.conversation_id == c.conversation_id, t.key == "alarm:" + c.id)
    with stage.database.reading() as connection:
        opened = connection.execute(select(c.number, or_(c.acted_at.is_not(None), rings)).where(c.state != "closed"))
        for number, is_watched in opened:
            assert number in told, "I5: nobody was told of a case"
            assert is_watched, "I5: nobody acted, and no alarm runs"


def _audit(stage: Stage) -> None:
    """I7: the record is whole."""
    keyring = _keyring(stage)
    try:
        with stage.database.reading() as connection:
            assert audit.verify(connection, Sealer(keyring)) is None
    finally:
        keyring.close()


def data_keys_of_nobody(stage: Stage) -> list[str]:
    """Keys in the key store of those of whom the database holds nothing."""
    keyring = _keyring(stage)
    try:
        with stage.database.reading() as connection:
            return retention.orphans(connection, keyring.subjects("", datetime.now(UTC), 10_000))  # noqa: TID251
    finally:
        keyring.close()


def _keyring(stage: Stage) -> Keyring:
    folder = stage.village.folder
    return KeyPlaces(folder / "keys", f"sqlite:///{folder / 'keys.db'}").open(FrozenClock())


def _log(stage: Stage) -> None:
    """I8: no word and no token of anybody in the log."""
    log = stage.log()
    for word in (PLANTED, "Шамшод", "Invented", TAJIK, RUSSIAN, stage.tg.token, "Traceback"):
        assert word not in log
