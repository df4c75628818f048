"""The stage itself: time, mishaps, remembering, scripts."""

import asyncio
from pathlib import Path

import pytest

from bot.concern.screen import Screen
from bot.core.errors import CommandRefused
from bot.demo import rehearsal, script
from bot.demo.port import Port
from bot.demo.stage import Stage
from bot.demo.steps import TIME, Step, Verb, parse_key, parse_span
from bot.demo.team import prepare
from bot.demo.view import look
from bot.flows.book import Book


async def test_two_runs_of_one_seed_show_the_same(tmp_path: Path, shared: tuple[Book, Screen]):
    shown = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        stage = Stage.apart(tmp_path / name, *shared)
        await stage.open()
        await prepare(stage, "tg")
        seen = await stage.act(Step("mother", Verb.STARTS))
        shown.append((seen, [b.text for p in stage.channel.phones.values() for b in p.transcript]))
        await stage.close()
    assert shown[0] == shown[1]


async def test_the_stage_goes_on_after_it_was_closed(stage: Stage, shared: tuple[Book, Screen]):
    await stage.act(Step("mother", Verb.STARTS))
    await stage.act(Step(TIME, Verb.PASSES, "1 day"))
    now, texts = stage.clock.now(), [bubble.text for bubble in stage.channel.phones["mother"].bubbles]
    await stage.close()
    again = Stage(stage.settings, 7, *shared)
    assert await again.open() == "the stage is as it was left"
    assert again.clock.now() == now
    assert [bubble.text for bubble in again.channel.phones["mother"].bubbles] == texts
    assert (await again.act(Step("mother", Verb.PRESSES, "Русский"))).came["mother"]
    await again.close()
    await stage.open()


async def test_a_long_text_is_cut_as_a_messenger_cuts_it(stage: Stage):
    await stage.act(Step("mother", Verb.STARTS))
    await stage.act(Step("mother", Verb.WRITES, "а" * 5000))
    own = [len(b.text) for b in stage.channel.phones["mother"].bubbles if not b.is_ours]
    assert own[-2:] == [4096, 904]


async def test_the_same_run_in_the_other_language(stage: Stage):
    await stage.act(Step("mother", Verb.STARTS))
    await stage.act(Step("mother", Verb.PRESSES, "Русский"))
    await Port(stage).act({"verb": "flip"})
    assert [step.value for step in stage.notes.steps] == ["", "Тоҷикӣ"]
    assert stage.channel.phones["mother"].bubbles[-1].text.startswith("Пеш аз оғоз се саҳифаи кӯтоҳ.")


async def test_a_team_gets_ready_once_and_is_offered_again_after_a_reset(stage: Stage):
    assert not look(stage, "ru", "").has_team
    await prepare(stage, "ru")
    assert look(stage, "ru", "").has_team
    with pytest.raises(CommandRefused):
        await prepare(stage, "ru")
    await stage.reset()
    assert not look(stage, "ru", "").has_team


async def test_a_run_becomes_a_script_that_goes_as_it_is_told(stage: Stage, tmp_path: Path):
    await prepare(stage, "ru")
    await stage.act(Step("mother", Verb.STARTS))
    await stage.act(Step("mother", Verb.PRESSES, "Русский"))
    told = script.parse(await rehearsal.record(stage, "She says hello"))
    assert [one.step.key for one in told.steps] == ["mother starts", "mother presses"]
    assert script.differences(told.steps, await rehearsal.play(stage, told)) == []
    told.steps[0].seen.came["mother"] = ["something else"]
    assert len(script.differences(told.steps, await rehearsal.play(stage, told))) == 1


async def test_a_run_is_saved_among_the_journeys_of_a_working_copy_and_goes_as_it_is_told(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    await stage.act(Step("mother", Verb.STARTS))
    port = Port(stage)
    assert "rehearsal.yaml" in (await port.act({"verb": "save", "value": "She begins"})).refused
    await asyncio.to_thread((tmp_path / "tests" / "journeys").mkdir, parents=True)
    path = (await port.act({"verb": "save", "value": "She begins"})).told
    assert path == "tests/journeys/she-begins.yaml"
    assert "already there" in (await port.act({"verb": "save", "value": "She begins"})).refused
    told = await asyncio.to_thread(script.read, Path(path))
    assert script.differences(told.steps, await rehearsal.play(stage, told)) == []


async def test_a_renamed_button_is_pressed_where_it_was_told_to_stand(stage: Stage):
    text = """
    story: x
    steps:
      - mother starts:
        sees: {mother: ["Салом\\n[Old Tajik] [Old Russian]\\n[Help] [Hide]"]}
      - mother presses: Old Russian
    """
    told = script.parse(text)
    with pytest.raises(CommandRefused, match="Old Russian"):
        await rehearsal.play(stage, told)
    assert (await rehearsal.play(stage, told, follows=True))[1].step.value == "Русский"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("story: x", "a script has a story and steps"),
        ("steps:\n- mother flies: home", "step 1"),
        ("steps:\n- nonsense", "step 1"),
        ("steps: [a: b: c", "this is no YAML"),
        ("people:\n  Zarina: queen\nsteps: []", "Zarina is «queen»"),
    ],
)
def test_a_broken_script_is_refused_in_one_sentence(text: str, says: str):
    with pytest.raises(CommandRefused, match=says):
        script.parse(text)


def test_steps_are_read_as_they_are_written():
    assert parse_key("facilitator 2 presses in group") == ("facilitator 2", Verb.PRESSES, "group")
    assert parse_span("3 days").days == 3
    with pytest.raises(CommandRefused, match="10 minutes"):
        parse_span("soon")
