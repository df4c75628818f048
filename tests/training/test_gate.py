"""The gate refuses a model that is surely worse, and lets one pass that only chance made lower."""

from dataclasses import replace
from math import inf

import pytest

from bot.concern.model import load_model
from bot.core.cases import Level
from training.gate import FLOORS, NEVER, Mark, compare, found, marks, paged, refusals

REPORTS, ORDINARY = 200, 400
FEW = 100


def _judged(missed: int, unheard: int = 0) -> list[Mark]:
    """Half of the reports urgent; so many of them are missed, so many others are found and do not ring."""
    reports = [Mark(Level.URGENT if n % 2 else Level.CONCERN, 2.0, 2.0) for n in range(REPORTS)]
    reports[:missed] = [replace(one, any_at=-5.0) for one in reports[:missed]]
    quiet = REPORTS - unheard
    reports[quiet:] = [replace(one, urgent_at=-5.0) for one in reports[quiet:]]
    ordinary = [Mark(Level.NONE, n / ORDINARY, n / ORDINARY) for n in range(ORDINARY)]
    return reports + ordinary


def test_a_model_that_misses_one_report_more_passes() -> None:
    old, new = _judged(20), _judged(21)
    differences = compare(new, old, draws=FEW)
    assert (differences["reports found"].new, differences["reports found"].old) == (0.895, 0.9)
    assert refusals(new, differences) == []


@pytest.mark.parametrize(
    ("missed", "unheard", "name"), [(32, 0, "reports found"), (20, 40, "urgent reports marked urgent")]
)
def test_a_model_that_is_surely_worse_is_refused(missed: int, unheard: int, name: str) -> None:
    new = _judged(missed, unheard)
    said = refusals(new, compare(new, _judged(20), draws=FEW))
    assert any(why.startswith(f"{name}: surely worse") for why in said)


def test_a_model_below_a_floor_is_refused_though_there_is_no_old_one() -> None:
    low = _judged(int(REPORTS * (1 - FLOORS["reports found"])) + 2)
    assert [why.partition(":")[0] for why in refusals(low, {})] == ["reports found"]


def test_both_models_are_judged_at_the_same_budget_and_not_at_their_own_thresholds() -> None:
    bold = [replace(one, any_at=one.any_at + 9, urgent_at=one.urgent_at + 9) for one in _judged(20)]
    assert (found(bold), paged(bold)) == (found(_judged(20)), paged(_judged(20)))


def test_a_report_that_a_firm_wording_found_counts_whatever_the_model_believes() -> None:
    sure = [replace(one, any_at=NEVER, urgent_at=NEVER) if one.level.rank else one for one in _judged(50)]
    assert (found(sure), paged(sure)) == (1.0, 1.0)
    silent = [replace(one, any_at=-inf) if one.level.rank else one for one in sure]
    assert (found(silent), paged(silent)) == (0.0, 0.0), "what is not found does not ring either"


@pytest.mark.soak
def test_the_model_that_is_there_is_above_the_floors() -> None:
    assert refusals(marks(load_model()), {}) == []
