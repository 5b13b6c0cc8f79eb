"""Absence rates, Bradford scores and the best quartile."""

from typing import Any

from openoh.cli.calc.specification import Arguments, Calculation, needed, optional

HELP = "absence rates, spells and what the best quartile would gain"

SPELLS = (
    needed("start", "dates", "the column of first days"),
    needed("end", "dates", "the column of last days (blank = still absent)"),
)


def _spells(arguments: Arguments) -> Arguments:
    spells = list(zip(arguments.pop("start"), arguments.pop("end"), strict=True))
    return arguments | {"spells": spells}


def _units(result: Any) -> list[dict[str, Any]]:
    """A line for each unit, and one for all."""
    units = [
        {"unit": str(number), "rate": unit.rate, "gain": unit.gain, "gain_fte": unit.gain_fte}
        for number, unit in enumerate(result.units, start=1)
    ]
    return [
        *units,
        {"unit": "all", "target_rate": result.target_rate, "gain": result.gain, "gain_fte": result.gain_fte},
    ]


CALCULATIONS = (
    Calculation(
        "absence",
        "rate",
        "rate",
        "days or hours lost as per cent of those available",
        (
            needed("lost", "value", "lost, or a column"),
            needed("available", "value", "available, or a column"),
            optional("basis", "text", "unit of both (fte_days)", choices=("fte_days", "hours")),
        ),
    ),
    Calculation(
        "absence",
        "merge",
        "merge_spells",
        "spells of one person without overlaps",
        (*SPELLS, optional("join_next_day", "flag", "join a spell that begins the day after another ends")),
        adapt=_spells,
    ),
    Calculation(
        "absence",
        "bradford",
        "bradford",
        "the Bradford score of a person's spells (--by person for many)",
        (
            *SPELLS,
            needed("as_of", "date", "last day counted"),
            optional("days", "whole", "length of the window (365)"),
        ),
        adapt=_spells,
    ),
    Calculation(
        "absence",
        "quartile-gain",
        "quartile_gain",
        "what would be gained at the rate of the best quartile; one line a unit",
        (
            needed("lost", "series", "the column of what was lost"),
            needed("available", "series", "the column of what was available"),
            needed("hours_per_fte", "number", "what one full-time equivalent is, in the unit of lost"),
            optional("weighted", "flag", "weigh units by what was available"),
        ),
        rows=_units,
    ),
)
