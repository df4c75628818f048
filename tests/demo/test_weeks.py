"""The invented weeks before a run: the same in every run of a seed, so that what follows can be told again."""

import pytest

from bot.core.errors import CommandRefused
from bot.core.people import Role
from bot.demo import history, rehearsal, script
from bot.demo.history import ANSWERS
from bot.demo.port import Port
from bot.demo.stage import Stage
from bot.demo.steps import Step, Verb

FEW, WEEK = 4, 1


def said(stage: Stage) -> list[tuple[str, str, tuple[str, ...]]]:
    """Everything that the bot said, with what its buttons stand for."""
    phones = stage.channel.phones.items()
    return [
        (name, b.text, tuple(x.choice for row in b.rows for x in row))
        for name, phone in phones
        for b in phone.transcript
        if b.is_ours
    ]


async def follow(stage: Stage) -> None:
    """A step that names somebody by what only these weeks have given her."""
    await stage.act(Step("facilitator", Verb.WRITES, "/menu"))
    await history._press(stage, "facilitator", "menu.people")
    await history._press(stage, "facilitator", "person")


@pytest.fixture
async def lived(stage: Stage) -> Stage:
    await history.live(stage, lambda _: None, FEW, WEEK)
    await follow(stage)
    return stage


async def test_invented_weeks_leave_mothers_cases_and_lessons_and_what_follows_becomes_a_script(lived: Stage):
    mothers = [name for name, person in lived.notes.people.items() if person.role is Role.MOTHER]
    assert len(mothers) == FEW
    assert all(lived.place(name).code_name for name in mothers)
    counts = lived.app.store.counts()
    assert counts.get("cases_open", 0) + counts.get("cases_waiting", 0) == 2
    shown = {bubble.text for phone in lived.channel.phones.values() for bubble in phone.transcript}
    assert any("Моё время" in text or "Вақти ман" in text for text in shown)
    told = script.parse(await rehearsal.record(lived, "After the weeks"))
    assert (told.mothers, told.weeks, told.team) == (FEW, WEEK, "ru")
    assert set(told.people) == set(), "everybody came with the weeks"
    assert [one.step.key for one in told.steps] == ["facilitator writes", "facilitator presses", "facilitator presses"]
    assert {text.splitlines()[0] for one in told.steps for text in one.seen.came["facilitator"]} <= {
        text.splitlines()[0] for text in shown
    }


@pytest.mark.soak
async def test_a_script_after_invented_weeks_goes_as_it_is_told(lived: Stage):
    before = said(lived)
    told = script.parse(await rehearsal.record(lived, "After the weeks"))
    assert script.differences(told.steps, await rehearsal.play(lived, told)) == []
    assert said(lived) == before


async def test_the_weeks_and_what_follows_are_told_in_the_other_language(lived: Stage):
    before = said(lived)
    assert (await Port(lived).act({"verb": "flip"})).refused == ""
    flipped = said(lived)
    assert [(name, choices) for name, _, choices in flipped] == [(name, choices) for name, _, choices in before]
    assert [text for _, text, _ in flipped] != [text for _, text, _ in before]
    assert lived.notes.team == "tg"
    assert len(lived.notes.steps) == 3


async def test_a_run_that_cannot_be_told_in_the_other_language_stays_as_it_was(stage: Stage):
    for step in (Step("mother", Verb.STARTS), Step("mother", Verb.PRESSES, "Русский")):
        await stage.act(step)
    stage.notes.steps[1] = Step("mother", Verb.PRESSES, "Русский", choice="gone:ru")
    assert "gone:tg" in (await Port(stage).act({"verb": "flip"})).refused
    assert [step.value for step in stage.notes.steps] == ["", "Русский"]


@pytest.mark.parametrize("after", ["4 weeks", "100 mothers, 4 weeks", "[40, 4]", "40 mothers, 0 weeks"])
def test_weeks_that_cannot_be_are_refused_in_one_sentence(after: str):
    with pytest.raises(CommandRefused, match="40 mothers, 4 weeks"):
        script.parse(f"after: {after}\nsteps: []")


def test_nobody_in_the_invented_weeks_says_anything_that_rings(shared):
    screen = shared[1]
    assert {screen.screen(text).level for texts in ANSWERS.values() for text in texts} == {"none"}
