"""What proves undelivered after its case was closed: it opens the case again that rested on it, and no other (S10)."""

from datetime import timedelta
from random import Random

import pytest

from bot.core.cases import AnswerState, Category, Finding, Level, Outcome
from bot.core.effects import Audit, ReopenCase
from bot.core.events import (
    ActRecorded,
    AnswerGiven,
    AnswerSettled,
    CaseCloseAsked,
    CaseHandedBack,
    CaseRang,
    SendsFailed,
    TakeAsked,
)
from tests.flows.chat import Chat, coordinator, facilitator, mother, roster

URGENT = Finding(Level.URGENT, Category.DOMESTIC_VIOLENCE, 0.9, ("concept",), "rules-1")
CONCERN = Finding(Level.CONCERN, Category.DISTRESS, 0.6, ("concept",), "rules-1")
ONE, TWO = "facilitator-1", "facilitator-2"
WORDS = "выдуманные тревожные слова"


def answered(book, finding=URGENT, **how):
    """Her case, taken, and an answer handed over to her chat."""
    chat = mother(book, **how)
    chat.write(WORDS, finding)
    chat.play(TakeAsked(chat.case.id, ONE))
    chat.play(AnswerGiven(chat.case.id, ONE, "Первый"))
    chat.press("case.now")
    assert chat.case.messages[-1].answer is AnswerState.HANDED
    return chat


def answer(chat, by=ONE):
    """One answer more; its id."""
    chat.now += timedelta(minutes=1)
    chat.play(AnswerGiven(chat.case.id, by, "Ещё один"))
    return chat.case.messages[-1].id


def close(chat, outcome=Outcome.HANDLED, by=ONE):
    """Its owner closes it; the case as it was."""
    chat.now += timedelta(minutes=1)
    case = chat.case
    chat.play(CaseCloseAsked(case.id, by, outcome, "Готово.", 0, chat.now))
    assert chat.case is None
    return case


def fails(chat, case, ref, why="unreachable"):
    """The messenger says later that it did not arrive."""
    chat.now += timedelta(minutes=20)
    chat.play(SendsFailed(why, ("answer",), case.id, ref))
    return [post.event.how for post in chat.posts(AnswerSettled)]


@pytest.mark.parametrize("language", ["tg", "ru"])
@pytest.mark.parametrize("why", ["unreachable", "window", "refused", "expired", "outlived", "unknown", "withdrawn"])
def test_s10_an_urgent_case_closed_by_an_answer_that_never_arrived_is_open_again_and_rings(book, why, language):
    chat = answered(book, language=language)
    case = close(chat)
    assert fails(chat, case, case.messages[-1].id, why) == ["reopened"]
    assert Audit("reopen", "", case.id) in chat.asked(Audit)
    assert (chat.case.id, chat.case.level, chat.case.owner_id) == (case.id, Level.URGENT, None)
    rung = chat.posts(CaseRang)
    assert {"group-1", "chat-facilitator-1", "chat-coordinator-1"} == {post.to for post in rung}, (
        "coordinators too: nothing has reached her since it was taken"
    )
    assert {(post.event.number, post.event.opened_at) for post in rung} == {(case.number, case.opened_at)}
    for _ in range(3):
        chat.pass_time(timedelta(minutes=15))
        assert chat.posts(CaseRang), "until somebody acts"
    chat.play(TakeAsked(case.id, TWO))
    chat.play(ActRecorded(case.id, TWO, "Дозвонилась."))
    chat.pass_time(timedelta(days=1))
    assert not chat.posts(CaseRang)
    assert close(chat, by=TWO).id == case.id


@pytest.mark.parametrize(
    ("why", "how"),
    [("unreachable", "reopened"), ("window", "reopened"), ("unknown", "unknown"), ("withdrawn", "returned")],
)
def test_s10_a_concern_is_open_again_only_where_it_is_proven_that_its_answer_never_arrived(book, why, how):
    chat = answered(book, CONCERN)
    case = close(chat)
    assert fails(chat, case, case.messages[-1].id, why) == [how]
    assert (chat.case is not None) is (how == "reopened")
    assert bool(chat.posts(CaseRang)) is (how == "reopened")


@pytest.mark.parametrize("last", ["answer", "note"])
def test_s10_a_failure_of_what_the_closing_did_not_rest_on_is_told_and_opens_nothing(book, last):
    chat = answered(book)
    first = chat.case.messages[-1].id
    if last == "answer":
        answer(chat)
    else:
        chat.now += timedelta(minutes=1)
        chat.play(ActRecorded(chat.case.id, ONE, "Дозвонилась."))
    case = close(chat)
    assert fails(chat, case, first) == ["unreachable"]
    assert chat.case is None
    assert not chat.posts(CaseRang)


@pytest.mark.parametrize("is_closed", [True, False])
def test_s10_the_line_before_an_answer_that_she_has_meanwhile_may_fail(book, is_closed):
    chat = answered(book)
    case = close(chat) if is_closed else chat.case
    chat.play(SendsFailed("window", ("cover",), case.id, case.messages[-1].id))
    assert not chat.posts()
    assert (chat.case is None) is is_closed
    assert is_closed or chat.case.acted_at is not None


@pytest.mark.parametrize("is_taken", [False, True])
def test_s10_the_same_word_twice_opens_it_once_and_takes_nothing_from_whoever_has_it_meanwhile(book, is_taken):
    chat = answered(book)
    case = close(chat)
    ref = case.messages[-1].id
    fails(chat, case, ref)
    if is_taken:
        chat.play(TakeAsked(case.id, TWO))
        chat.play(ActRecorded(case.id, TWO, "Дозвонилась."))
    before = chat.case
    fails(chat, case, ref)
    assert chat.case == before
    assert not chat.asked(ReopenCase)
    assert not chat.posts(CaseRang)


@pytest.mark.parametrize("owner", [None, TWO])
def test_s10_another_case_that_is_open_meanwhile_becomes_as_pressing_if_nobody_has_acted_in_it(book, owner):
    chat = answered(book)
    case = close(chat)
    chat.now += timedelta(hours=1)
    chat.write(WORDS, CONCERN)
    if owner:
        chat.play(TakeAsked(chat.case.id, owner))
    assert fails(chat, case, case.messages[-1].id) == ["unreachable"]
    assert (chat.case.level, chat.case.owner_id) == (Level.URGENT, owner)
    assert bool(chat.posts(CaseRang)) is (owner is None)
    chat.pass_time(timedelta(minutes=15))
    assert chat.posts(CaseRang)


def test_s10_nothing_rings_for_an_answer_after_which_somebody_has_looked_after_her_again(book):
    chat = answered(book)
    case = close(chat)
    chat.now += timedelta(hours=1)
    chat.write(WORDS, CONCERN)
    chat.play(TakeAsked(chat.case.id, TWO))
    chat.play(ActRecorded(chat.case.id, TWO, "Поговорили."))
    is_open_still = fails(chat, case, case.messages[-1].id, "window"), chat.case.level
    assert is_open_still == (["window"], Level.CONCERN)
    close(chat, by=TWO)
    fails(chat, case, case.messages[-1].id)
    assert chat.case is None


def test_s10_a_false_alarm_in_between_leaves_what_was_closed_before_it_as_it_was(book):
    chat = answered(book)
    case = close(chat)
    chat.now += timedelta(hours=1)
    chat.write(WORDS, CONCERN)
    chat.play(TakeAsked(chat.case.id, TWO))
    close(chat, Outcome.FALSE_ALARM, by=TWO)
    assert fails(chat, case, case.messages[-1].id) == ["reopened"]
    assert chat.case.id == case.id


@pytest.mark.parametrize("end", ["false alarm", "erased"])
def test_s21_s22_what_is_to_leave_no_mark_is_never_opened_again(book, end):
    chat = answered(book)
    case = close(chat, Outcome.FALSE_ALARM if end == "false alarm" else Outcome.HANDLED)
    if end == "erased":
        chat.write("удалить меня")
        chat.press("forget.yes")
    fails(chat, case, case.messages[-1].id)
    assert chat.case is None
    assert not chat.posts(CaseRang)


def test_s14_who_may_not_take_it_any_more_hears_what_she_would_have_heard_and_is_not_rung(book):
    chat = answered(book)
    case = close(chat)
    knows_her = facilitator(ONE, conflicts=frozenset({"chat-hers"}))
    chat.roster = roster(knows_her, facilitator(TWO), coordinator())
    assert fails(chat, case, case.messages[-1].id) == ["unreachable"]
    assert {post.to for post in chat.posts(CaseRang)} == {"group-1", "chat-coordinator-1"}
    assert chat.case is not None


def test_s10_what_an_earlier_release_kept_of_a_case_that_was_let_go_is_still_told(book):
    chat = mother(book)
    chat.conversation.data["let_go"] = {"owner": ONE, "number": "4821", "answers": ["given"]}
    chat.play(SendsFailed("unreachable", ("answer",), "case", "given"))
    assert [post.event.how for post in chat.posts(AnswerSettled)] == ["unreachable"]


# ---- the law


class _Life:
    """One mother, two facilitators who do whatever they may, and a messenger that says of any answer that it failed."""

    def __init__(self, chat: Chat, chance: Random) -> None:
        self.chat, self.chance = chat, chance
        self.given: dict[str, str] = {}  # answer → case
        self.failed: set[str] = set()
        self.rests_on: dict[str, str] = {}  # case → the answer by which it was closed

    def goes_on(self) -> None:
        """Somebody does something."""
        self.chat.now += timedelta(minutes=self.chance.randint(1, 9))
        case = self.chat.case
        if case is None:
            self.chance.choice((self._writes, self._fails))()
        elif case.owner_id is None:
            self.chance.choice((self._takes, self._fails, self._writes))()
        else:
            acts = (self._answers, self._answers, self._closes, self._closes, self._fails, self._notes, self._passes)
            self.chance.choice(acts)()

    def _writes(self) -> None:
        self.chat.write(WORDS, self.chance.choice((URGENT, CONCERN)))

    def _takes(self) -> None:
        self.chat.play(TakeAsked(self.chat.case.id, self.chance.choice((ONE, TWO))))

    def _answers(self) -> None:
        case = self.chat.case
        self.chat.play(AnswerGiven(case.id, case.owner_id, "Ответ"))
        self.given[self.chat.case.messages[-1].id] = case.id
        if self.chance.random() < 0.8:
            self.chat.press("case.now")

    def _notes(self) -> None:
        self.chat.play(ActRecorded(self.chat.case.id, self.chat.case.owner_id, "Дозвонилась."))

    def _passes(self) -> None:
        self.chat.play(CaseHandedBack(self.chat.case.id, self.chat.case.owner_id))

    def _closes(self) -> None:
        case = self.chat.case
        self.chat.play(CaseCloseAsked(case.id, case.owner_id, Outcome.HANDLED, "Готово.", 0, self.chat.now))
        if self.chat.case is None:
            self.rests_on = {case.id: next((m.id for m in case.messages if m.at == case.acted_at), "")}

    def _fails(self) -> None:
        cases = [*self.chat.closed, *([self.chat.case] if self.chat.case else [])]
        handed = sorted({m.id for case in cases for m in case.messages if m.answer is AnswerState.HANDED} - self.failed)
        if handed:
            ref = self.chance.choice(handed)
            self.failed.add(ref)
            why = self.chance.choice(("unreachable", "window", "refused"))
            self.chat.play(SendsFailed(why, ("answer",), self.given[ref], ref))

    def is_looked_after(self) -> bool:
        """The law: an open case has a running alarm or an act, and none stays closed by what never arrived."""
        case = self.chat.case
        if case is None:
            return self.failed.isdisjoint(self.rests_on.values())
        return f"alarm:{case.id}" in self.chat.timers or (case.owner_id is not None and case.acted_at is not None)


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(n, marks=pytest.mark.soak) for n in range(12, 52))])
def test_s10_whatever_fails_whenever_she_is_never_without_an_alarm_or_an_act_that_arrived(book, seed):
    life = _Life(mother(book), Random(seed))
    for _ in range(40):
        life.goes_on()
        assert life.is_looked_after()
