"""Reading of an audiogram: what is measured, sums over frequencies, and the descriptor of a mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from openoh.methods._checks import number
from openoh.methods._content import Status, load

EarName: TypeAlias = Literal["left", "right"]
Ear: TypeAlias = Mapping[int, float]
Audiogram: TypeAlias = Mapping[EarName, Ear]
EARS: tuple[EarName, EarName] = ("left", "right")


@dataclass(frozen=True)
class Descriptor:
    """The descriptor of one ear: ``normal``, ``mild``, ``moderate``, ``severe`` or ``profound``."""

    mean_db: float
    name: str
    rule_version: str
    status: Status


def describe(ear: Ear) -> Descriptor:
    """Descriptor of one ear from its mean at 250, 500, 1000, 2000 and 4000 Hz (dB HL).

    British Society of Audiology, recommended procedure for pure-tone audiometry: more than 20 dB is mild, 40
    moderate, 70 severe, 95 profound. ``ValueError`` names frequencies that are missing, and levels
    outside -20 to 130 dB.

    Source: British Society of Audiology, Recommended procedure: pure-tone air-conduction and
    bone-conduction threshold audiometry.

    >>> describe({250: 20, 500: 20, 1000: 25, 2000: 35, 4000: 45}).name
    'mild'
    """
    table = load("audiometry", "descriptors")
    hz = table.values["hz"]
    lowest, highest = table.values["hearing_level_db"]
    require(ear, hz, "this ear")
    for frequency, level in ear.items():
        number(f"The level at {frequency} Hz", level, minimum=lowest, maximum=highest, unit="dB")
    mean = level_sum(ear, hz, "this ear") / len(hz)
    reached = [band["name"] for band in table.values["descriptors"] if mean > band["above"]]
    return Descriptor(
        mean_db=mean,
        name=reached[-1] if reached else "normal",
        rule_version=table.rule_version,
        status=table.status,
    )


def check(test: Audiogram, needed: Sequence[int], allowed: Sequence[float], name: str = "test") -> None:
    """Refuse a test without an ear or a needed frequency, or with a level outside ``allowed`` (dB HL)."""
    lowest, highest = allowed
    if set(test) != set(EARS):
        raise ValueError(f"The {name} has ears {sorted(test)}; it must have left and right.")
    for ear in EARS:
        require(test[ear], needed, f"the {ear} ear of the {name}")
        for hz, level in test[ear].items():
            number(
                f"The level at {hz} Hz of the {ear} ear of the {name}",
                level,
                minimum=lowest,
                maximum=highest,
                unit="dB",
            )


def require(ear: Ear, needed: Sequence[int], name: str) -> None:
    """Refuse an ear that lacks a needed frequency."""
    missing = [hz for hz in needed if hz not in ear]
    if missing:
        raise ValueError(f"There is no level for {name} at {', '.join(map(str, missing))} Hz; it is needed.")


def level_sum(ear: Ear, hz: Sequence[int], name: str) -> float:
    """Sum of hearing levels at the frequencies ``hz``."""
    require(ear, hz, name)
    return sum(ear[frequency] for frequency in hz)
