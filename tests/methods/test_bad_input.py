"""Every number and date of every public function, spoilt in turn: refused by name, or documented as missing.

What is refused is a ``ValueError``, never another error from deep inside; what is accepted never gives
``nan``, nor infinity where the docstring does not speak of it.
"""

import dataclasses
import datetime as dt
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.architecture.test_methods import FUNCTIONS
from tests.methods.calls import CALLS

NOT_NUMBERS = [math.nan, math.inf, -math.inf, None, "many", ""]
EXTREMES = [-0.0, 0, -1, 0.5, 1e-320, 1e40, 1e308, 10**400]
UTC = dt.UTC
NOT_DATES = [
    None,
    "yesterday",
    "",
    45_000,
    dt.datetime(2024, 1, 3, 10),
    dt.datetime(2024, 1, 3, 10, tzinfo=UTC),
    pd.NaT,
    pd.Timestamp(2024, 1, 3),
    np.datetime64("NaT"),
    np.datetime64("2024-01-03T10"),
]
# Names and texts are all that these take.
WITHOUT_NUMBERS = {
    "absence.reason_labels",
    "absence.rule_set",
    "disclosure.attack",
    "disclosure.disclosure_rules",
    "equity.four_fifths",
    "equity.standard_weights",
    "fitness.acuity",
    "fitness.police_recruit_vision",
    "fitness.shuttle_run",
    "instruments.catalogue",
    "instruments.instrument",
    "linkage.linkage_rules",
    "signals.alarms",
    "spc.reading",
    "vibration.griffin_score",
    "vibration.notation",
    "vibration.stage",
}
# Labels of people, units and nodes: any value that is equal to itself names one.
LABELS = {"person", "history_person", "unit", "period", "row", "column", "parent"}
# Where `None` stands for what is not known, not yet over or not chosen, and `nan` for a missing answer.
NONE_IS_UNKNOWN = {
    "absence.bradford": {"spells"},
    "absence.fte_days": {"spell"},
    "absence.fte_days_many": {"end"},
    "absence.is_long_term": {"spell"},
    "absence.merge_spells": {"spells"},
    "absence.merge_spells_many": {"end"},
    "absence.split_by_month": {"end"},
    "absence.triggers": {"spells"},
    "audiometry.categorise": {"years_since_previous"},
    "change.paired": {"before", "after"},
    "change.reliable": {"before", "after"},
    "disclosure.differencing_risk": {"earlier", "later"},
    "disclosure.published": {"cells", "row_totals", "column_totals", "total"},
    "equity.standardised_rate": {"minimum_events"},
    "evaluation.interrupted_time_series": {"newey_west_lags"},
    "fitness.driver_medical": {"last"},
    "fitness.driver_vision": {
        "field_horizontal",
        "field_left",
        "field_right",
        "field_up",
        "field_down",
        "clear_centre",
        "correction_dioptres",
    },
    "immunity.epp_clearance": {"hcv_treated_weeks_ago"},
    "immunity.exposure_plan": {"last_dose_on", "pep_stopped_on"},
    "immunity.hepatitis_b": {"anti_hbs", "course_doses", "tested_on", "last_dose_on"},
    "instruments.score": {"answers"},
    "instruments.score_many": {"answers"},
    "noise.assess": {"peak_db"},
    "queueing.clinical_hours": {"hours_per_week", "weeks_away", "clinical_share"},
    "queueing.waiting_list": {"removals"},
    "signals.change_points": {"level"},
    "signals.scan_circles": {"largest"},
    "spc.funnel": {"target", "trim"},
    "spc.significance": {"target"},
    "spc.shewhart of values": {"freeze"},
    "spc.xmr": {"target"},
    "spc.xmr_many": {"fix_after"},
    "value.absence_cost": {"on_cost"},
}
NAN_IS_MISSING = {
    "change.paired": {"before", "after"},
    "change.reliable": {"before", "after"},
    "instruments.score_many": {"answers"},
}
# Columns of dates, where NumPy's NaT and the blank of a file are gaps as well.
EMPTY_IS_UNKNOWN = {
    "absence.fte_days_many": {"end"},
    "absence.merge_spells_many": {"end"},
    "absence.split_by_month": {"end"},
    "queueing.waiting_list": {"removals"},
}
# The docstring says that these can be infinite.
ENDLESS = {"queueing.average_wait", "vibration.assess"}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The numbers and dates in an argument, and where they are."""
    if isinstance(value, int | float | dt.date) and not isinstance(value, bool):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from leaves(item, (*path, place))


def spoilt(value: Any, path: tuple[Any, ...], bad: Any) -> Any:
    """``value`` with the leaf at ``path`` replaced."""
    if not path:
        return bad
    if isinstance(value, Mapping):
        return {**value, path[0]: spoilt(value[path[0]], path[1:], bad)}
    items = [spoilt(item, path[1:], bad) if place == path[0] else item for place, item in enumerate(value)]
    return tuple(items) if isinstance(value, tuple) else items


def holes(value: Any, *, endless: bool, path: str = "result") -> Iterator[str]:
    """Where a result holds nan, or infinity unless ``endless``."""
    if isinstance(value, float | np.floating | np.ndarray):
        if np.asarray(value).dtype.kind == "f":
            bad = np.isnan(value) if endless else ~np.isfinite(value)
            if np.any(bad):
                yield path
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            if not field.name.startswith("_"):
                yield from holes(getattr(value, field.name), endless=endless, path=f"{path}.{field.name}")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from holes(item, endless=endless, path=f"{path}[{key!r}]")
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from holes(item, endless=endless, path=f"{path}[{place}]")


def spoilings(
    name: str, numbers: list[Any], dates: list[Any]
) -> Iterator[tuple[str, tuple[Any, ...], Any, Any]]:
    """Argument, place in it, spoilt argument and what was put in: the first, second and last leaf of each argument."""
    for argument, value in CALLS[name].arguments.items():
        if argument not in LABELS:
            found = list(leaves(value))
            for path, leaf in dict((*found[:2], *found[-1:])).items():
                for bad in dates if isinstance(leaf, dt.date) else numbers:
                    yield argument, path, spoilt(value, path, bad), bad


def test_every_function_that_takes_numbers_or_dates_is_tried() -> None:
    assert {name.split(" ")[0] for name in CALLS} | WITHOUT_NUMBERS == set(FUNCTIONS)


@pytest.mark.parametrize("name", CALLS)
def test_a_good_call_has_no_hole(name: str) -> None:
    assert list(holes(CALLS[name](), endless=False)) == []


@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_number_or_date_is_refused_or_missing(name: str) -> None:
    for argument, path, value, bad in spoilings(name, NOT_NUMBERS, NOT_DATES):
        if is_missing(name, argument, path, bad):
            assert list(holes(CALLS[name](**{argument: value}), endless=False)) == [], f"{argument}, {bad!r}"
        else:
            with pytest.raises(ValueError, match=r"."):
                CALLS[name](**{argument: value})
                pytest.fail(f"{argument} took {bad!r}")


def is_missing(name: str, argument: str, path: tuple[Any, ...], bad: Any) -> bool:
    """Whether the docstring reads this as a gap, and the call succeeds."""
    if isinstance(bad, float):
        return math.isnan(bad) and argument in NAN_IS_MISSING.get(name, ())
    if isinstance(bad, np.datetime64) or bad == "":
        gap = bad == "" or np.isnat(bad)
        return bool(gap) and argument in EMPTY_IS_UNKNOWN.get(name, ())
    begins = argument in ("spell", "spells") and path[-1] == 0  # only the end of a spell may be open
    return bad is None and argument in NONE_IS_UNKNOWN.get(name, ()) and not begins


@pytest.mark.parametrize("name", CALLS)
def test_extreme_numbers_are_refused_or_give_finite_results(name: str) -> None:
    for argument, _, value, bad in spoilings(name, EXTREMES, []):
        try:
            result = CALLS[name](**{argument: value})
        except ValueError:
            continue
        assert list(holes(result, endless=name in ENDLESS)) == [], f"{argument} with {bad!r}"


@pytest.mark.parametrize("name", CALLS)
def test_numpy_numbers_are_numbers(name: str) -> None:
    """NumPy scalars, arrays and pandas columns give what plain numbers give."""
    plain = CALLS[name]()
    for argument, value in CALLS[name].arguments.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert same(CALLS[name](**{argument: np.asarray(value)[()]}), plain), argument
        elif isinstance(value, list) and value and all(isinstance(item, int | float) for item in value):
            assert same(CALLS[name](**{argument: np.array(value)}), plain), argument
            assert same(CALLS[name](**{argument: pd.Series(value)}), plain), argument


def same(one: Any, other: Any) -> bool:
    """Equal in every part, whatever the type of the numbers."""
    if dataclasses.is_dataclass(one):
        names = [field.name for field in dataclasses.fields(one) if not field.name.startswith("_")]
        return all(same(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(np.array_equal(one, other))
