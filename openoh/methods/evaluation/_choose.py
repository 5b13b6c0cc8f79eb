"""Which design the data support, and why not the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from openoh.methods._checks import whole
from openoh.methods.evaluation._effect import design_rules


@dataclass(frozen=True)
class Choice:
    """The strongest design that the data support, in one sentence why, and why not each stronger one."""

    design: str
    function: str
    why: str
    not_chosen: Mapping[str, str] = field(hash=False)
    rule_version: str


def choose(
    *,
    periods_before: int,
    periods_after: int,
    treated_units: int = 1,
    comparison_units: int = 0,
    treated_people: int = 0,
    comparison_people: int = 0,
    covariates_before: bool = False,
    chosen_by_lot: bool = False,
) -> Choice:
    """The strongest design that these data support; all numbers are whole and at least 0.

    Periods are months or quarters with a value; units are teams or organisations; people are counted where
    outcomes are known for each person, `covariates_before` says whether what they were like before is
    known. `chosen_by_lot` is a trial. Raises `ValueError` for negative numbers, and without a period after.

    Source: HM Treasury, Magenta Book 2020, on the choice of a design.

    >>> choice = choose(periods_before=36, periods_after=12)
    >>> choice.function, choice.not_chosen["synthetic_control"]
    ('interrupted_time_series', 'there are 0 comparison units; it needs at least 2')
    >>> choose(periods_before=1, periods_after=1).function
    'before_after'
    """
    numbers = {
        name: whole(name, value)
        for name, value in {
            "periods_before": periods_before,
            "periods_after": periods_after,
            "treated_units": treated_units,
            "comparison_units": comparison_units,
            "treated_people": treated_people,
            "comparison_people": comparison_people,
        }.items()
    }
    if not numbers["periods_after"] or not numbers["periods_before"]:
        raise ValueError(
            "there must be at least one period before and one after; nothing can be compared otherwise"
        )
    rules = design_rules()
    hurdles = {
        "difference_in_differences": _differences(numbers, chosen_by_lot=chosen_by_lot),
        "synthetic_control": _synthetic(numbers, rules.values["synthetic_before"]),
        "interrupted_time_series": _series(
            numbers, rules.values["time_series_before"], rules.values["time_series_after"]
        ),
        "matched": _matched(numbers, rules.values["matched_people"], covariates_before=covariates_before),
        "before_after": None,
    }
    function = next(name for name, hurdle in hurdles.items() if hurdle is None)
    design, why = WORDS[function]
    if chosen_by_lot and function == "difference_in_differences":
        why = "The units were chosen by lot, so that a comparison of their changes is as good as a trial."
    stronger = {name: hurdle for name, hurdle in hurdles.items() if hurdle is not None}
    return Choice(design, function, why, MappingProxyType(stronger), rules.rule_version)


WORDS = {
    "difference_in_differences": (
        "difference in differences",
        "Units with and without it are known before and after, so that what changed for all drops out.",
    ),
    "synthetic_control": (
        "synthetic control",
        "One unit was treated and several others are known for long enough before to build its likeness.",
    ),
    "interrupted_time_series": (
        "interrupted time series",
        "There is no comparison, but enough periods to know the trend and the season before.",
    ),
    "matched": (
        "propensity-weighted comparison",
        "People with and without it are known as they were before, so that like can be compared with like.",
    ),
    "before_after": (
        "before-after (weak)",
        "The data support nothing stronger: whatever else changed is part of the difference.",
    ),
}


def _differences(numbers: Mapping[str, int], *, chosen_by_lot: bool) -> str | None:
    if min(numbers["treated_units"], numbers["comparison_units"]) < 2:
        return (
            f"there are {numbers['treated_units']} treated and {numbers['comparison_units']} "
            "comparison units; it needs at least 2 of each"
        )
    if numbers["periods_before"] < 2 and not chosen_by_lot:
        return "one period before does not show whether the trends were parallel; it needs at least 2"
    return None


def _synthetic(numbers: Mapping[str, int], before: int) -> str | None:
    if numbers["comparison_units"] < 2:
        return f"there are {numbers['comparison_units']} comparison units; it needs at least 2"
    if numbers["periods_before"] < before:
        return f"there are {numbers['periods_before']} periods before; it needs at least {before}"
    return None


def _series(numbers: Mapping[str, int], before: int, after: int) -> str | None:
    if numbers["periods_before"] < before or numbers["periods_after"] < after:
        return (
            f"there are {numbers['periods_before']} periods before and {numbers['periods_after']} after; "
            f"it needs at least {before} and {after}"
        )
    return None


def _matched(numbers: Mapping[str, int], people: int, *, covariates_before: bool) -> str | None:
    if not covariates_before:
        return "what people were like before is not known"
    if min(numbers["treated_people"], numbers["comparison_people"]) < people:
        return (
            f"there are {numbers['treated_people']} treated and {numbers['comparison_people']} "
            f"comparison people; it needs at least {people} of each"
        )
    return None
