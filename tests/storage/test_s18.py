"""The law of S18 and T4: nothing that somebody wrote, or is called, can be found in what lies on the disk."""

import base64
import random
import re

import pytest
from sqlalchemy import select

from bot.core.addresses import Address
from bot.core.cases import AnswerState, CaseState, Category, Finding, Level, Outcome, Voice
from bot.core.effects import (
    AddToCase,
    Amend,
    ChangeCase,
    CloseCase,
    EnlistStaff,
    Forget,
    Join,
    KeepReflection,
    OpenCase,
    Prefer,
    Say,
    Schedule,
    StartBroadcast,
)
from bot.core.events import AnswerGiven, MessageReceived
from bot.core.messages import Outgoing
from bot.core.people import Role
from storage import accounts
from storage.backup import back_up
from storage.schema import reflections
from tests.storage.stage import LINE, Stage

COUNT = 200
LETTERS = "абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюя"
_DICE = random.Random(18)
CANARIES = ["".join(_DICE.choices(LETTERS, k=14)) for _ in range(COUNT - 40)] + [
    f"{_DICE.randrange(10**11, 10**12)}" for _ in range(40)  # what looks like a number of a chat
]  # fmt: skip


def disguises(canary: str) -> list[bytes]:
    """As it is, as JSON would escape it, in hexadecimal, and in base64 wherever it may begin within three bytes."""
    plain = canary.encode()
    found = [plain, canary.encode("unicode_escape"), plain.hex().encode(), plain.hex().upper().encode()]
    for shift in range(3):
        encoded = base64.b64encode(b"x" * shift + plain)
        found.append(encoded[4 if shift else 0 : len(encoded) - 4])  # the ends depend on the neighbours
    return found


def test_the_search_finds_what_is_there():
    for canary in (CANARIES[0], CANARIES[-1]):
        text = b'{"a":"' + canary.encode() + b'"}'
        for content in (text, text.hex().encode(), base64.b64encode(text), base64.b64encode(b"?" + text)):
            assert any(disguise in content for disguise in disguises(canary))


class Planter:
    """Takes canaries one after the other and puts them wherever somebody's words, names or addresses can go."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.words = iter(CANARIES[: COUNT - 40])
        self.numbers = iter(CANARIES[COUNT - 40 :])
        self.planted = 0

    def word(self) -> str:
        self.planted += 1
        return next(self.words)

    def chat(self) -> str:
        self.planted += 1
        return next(self.numbers)

    def mother(self, round_: int) -> str:
        stage, chat, case = self.stage, self.chat(), f"case-{round_}"
        reason = self.word() if round_ else "the closed case's concept is counted (S21)"
        finding = Finding(Level.URGENT, Category.DISTRESS, 0.93, (reason,), "rules-1")
        said, kept = Say(Outgoing(self.word())), KeepReflection("1.1", self.word())
        join = Join(stage.invitation(Role.MOTHER), "tg", "1", f"Olma-{round_}")
        stage.play(chat, join, Prefer({"name": self.word()}), said, kept)
        stage.play(chat, event=MessageReceived(self.word()), data={"said": self.word()})
        stage.play(
            chat,
            OpenCase(case, str(1000 + round_), finding, None, "tg"),
            AddToCase(case, f"hers-{round_}", Voice.HERS, self.word()),
            AddToCase(case, f"staff-{round_}", Voice.STAFF, self.word(), answer=AnswerState.WAITING),
            Schedule(f"answer-{round_}", stage.clock.now(), AnswerGiven(case, "staff-1", self.word())),
            Amend("screen", Outgoing(self.word())),
        )
        with stage.store.work() as work:
            [arrived] = work.admit([stage.update(chat, self.word())])
            work.quarantine(arrived.inbox_id, arrived.chat.conversation_id, {"text": self.word()})
        stage.store.post(MessageReceived(self.word()), stage.names[chat])
        return chat

    def everybody(self) -> None:
        stage = self.stage
        closed, gone, *_ = (self.mother(round_) for round_ in range(10))
        taken = ChangeCase("case-0", {"state": CaseState.TAKEN})
        stage.play(closed, taken, CloseCase("case-0", Outcome.HANDLED, self.word(), "staff-1"))
        stage.play(gone, Forget())
        coordinator = self.chat()
        enlist = EnlistStaff(stage.invitation(Role.COORDINATOR), "Chinor", "ru", is_confirmed=True)
        stage.play(coordinator, enlist)
        now = stage.clock.now()
        stage.play(coordinator, StartBroadcast("broadcast-1", (), self.word(), self.word(), now, now))
        stage.group(self.chat(), "staff-1")


@pytest.fixture
def planted(store, clock):
    store.claim_as(is_demo=True)
    planter = Planter(Stage(store, clock))
    planter.everybody()
    for word in planter.words:
        planter.stage.play("olma", event=MessageReceived(word), data={"said": word})
    for chat in planter.numbers:  # strangers: nothing of them is kept but a keyed hash
        planter.stage.play(chat, event=MessageReceived(chat))
    return planter.stage


def found_in(content: bytes) -> list[str]:
    content = re.sub(rb"\0{32,}", b"\0", content)  # files are mostly empty
    return [canary for canary in CANARIES if any(disguise in content for disguise in disguises(canary))]


def test_s18_nothing_planted_is_found_in_database_log_or_backup(planted, kind, url, tmp_path, request):
    file = tmp_path / "backup"
    if kind == "sqlite":
        assert (tmp_path / "hamroh.db-wal").stat().st_size > 0
        folders = [tmp_path]
    else:
        folders = [tmp_path, *request.getfixturevalue("postgres").folders(url)]
    back_up(planted.store.database, planted.store.sealer.keyring, file)
    read = 0
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                read += len(content)
                assert found_in(content) == [], path.name
    assert read > 500_000


def test_what_was_planted_can_be_read_by_whoever_has_the_keys(planted, database):
    sealer = planted.store.sealer
    with database.reading() as connection:
        rows = connection.execute(select(reflections)).all()
        texts = {
            sealer.open_json(f"participant:{row.participant_id}", "reflections.body", row.id, row.body)["text"]
            for row in rows
        }
    assert len(texts) == 9
    assert texts <= set(CANARIES)


def test_s18_of_a_stranger_only_the_blind_index_survives(store, clock, database):
    stage = Stage(store, clock)
    stage.play("100200300400", event=MessageReceived("матни бегона"))
    with database.reading() as connection:
        known = accounts.find(connection, [store.sealer.blind(Address(LINE, "100200300400").key)])
        [account] = known.values()
        assert accounts.addresses(connection, store.sealer, [account.account_id]) == {}
    assert store.sealer.keyring.find([f"account:{account.account_id}"]) == {}
