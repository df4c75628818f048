"""S10, S1, S12 in a simulated programme: people sleep, a messenger fails, a process dies and is built anew.

What the figures of the long run are, and what they do not show: docs/explanation/fortnight.md.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.laws.programme import CALM, CONCERN, URGENT, Programme, live
from tests.laws.silence import betrayed

JOURNEYS = sorted((Path(__file__).parents[1] / "journeys").glob("*.yaml"))
ACROSS_A_CRASH, AT_ONCE = 60.0, 10.0
"""Seconds from the commit of urgent words to the first card that is handed to the messenger."""


def check(programme: Programme) -> None:
    """All that must hold, whatever happened."""
    assert programme.broken == [], "an urgent case had neither an owner who acted nor a running alarm"
    assert [line for mother in programme.mothers for line in mother.broken()] == []
    assert programme.machine.channel.met["flood"] == 0, "we wrote faster than the messenger allows"
    assert programme.seen["notice p99 s"] <= AT_ONCE
    assert programme.seen["notice across a crash, worst s"] <= ACROSS_A_CRASH
    hers = [*URGENT, *CONCERN, *CALM, *(b.text for m in programme.mothers for b in m.phone.transcript if not b.is_ours)]
    shown = [bubble.text for bubble in programme.crew.group.transcript if bubble.is_ours]
    assert len(shown) > programme.seen["urgent opened"]
    assert betrayed(shown, hers) == set()


async def test_s10_s1_s12_hold_at_every_minute_of_a_day_that_goes_wrong(tmp_path: Path) -> None:
    programme = await live(tmp_path, seed=4, days=0.5, troubles=11, mothers=12)
    check(programme)
    assert programme.machine.tally.minutes == 720
    assert programme.seen["urgent opened"] >= 5
    assert programme.seen["crashes"] >= 1


@pytest.mark.soak
@pytest.mark.parametrize("seed", [14, 15, 16])
async def test_s10_s1_s12_hold_at_every_minute_of_a_fortnight(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    programme = await live(tmp_path, seed=seed, days=14, troubles=200, mothers=40)
    with capsys.disabled():
        print("\n".join(f"{name}: {value:g}" for name, value in programme.seen.items()))  # noqa: T201 - the figures are what it is for
    check(programme)
    seen = programme.seen
    assert seen["urgent opened"] + seen["concern opened"] >= 200
    assert seen["urgent answered"] == seen["urgent opened"]
    assert seen["urgent median min"] < seen["concern median min"]
    assert seen["urgent p90 min"] < seen["concern p90 min"]


@pytest.mark.parametrize("path", JOURNEYS, ids=lambda path: path.stem)
def test_s12_in_every_journey_the_group_reads_nothing_of_hers(path: Path) -> None:
    steps = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))["steps"]
    assert betrayed(_shown(steps, "group"), _written(steps)) == set()


def _shown(steps: list[dict[str, Any]], who: str) -> list[str]:
    return [str(text) for step in steps for text in (step.get("sees") or {}).get(who, ())]


def _written(steps: list[dict[str, Any]]) -> Iterator[str]:
    """What a mother wrote, or showed by what she pressed."""
    return (
        str(what) for step in steps for act, what in step.items() if act.startswith("mother ") and "press" not in act
    )


def test_the_words_that_betray_are_known() -> None:
    assert betrayed(["№ 1234 · шавҳар · ҳозир"], ()) == {"шавҳар"}
    assert betrayed(["№ 1234 Гулбаҳор"], ["ман гулбаҳор"]) == {"гулбаҳор"}
