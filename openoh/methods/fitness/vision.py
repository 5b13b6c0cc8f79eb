"""Eyesight against the standards of drivers (DVLA groups 1 and 2) and of police recruits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from openoh.methods._checks import number
from openoh.methods._content import Status, load

_COLOURS = ("normal", "mild anomalous", "severe anomalous", "dichromat", "monochromat")
_ACUITIES = ("better_eye", "worse_eye", "binocular", "near_binocular")
_FIELDS = (
    "field_horizontal",
    "field_vertical",
    "field_left",
    "field_right",
    "field_up",
    "field_down",
    "clear_centre",
)
_WHOLE_CIRCLE = 360
# Dioptres of the strongest spectacle lenses that are made; beyond is a slip of the pen.
_STRONGEST_LENS = 40


@dataclass(frozen=True)
class Vision:
    """What was measured; ``None`` where it was not.

    Acuities are Snellen fractions as text (``"6/7.5"``), with correction where worn; fields are degrees;
    ``clear_centre`` is the size of the central field without any defect; ``correction_dioptres`` is the
    strongest lens. ``ValueError`` for what cannot be.
    """

    better_eye: str | None = None
    worse_eye: str | None = None
    binocular: str | None = None
    near_binocular: str | None = None
    field_horizontal: float | None = None
    field_vertical: float | None = None
    field_left: float | None = None
    field_right: float | None = None
    field_up: float | None = None
    field_down: float | None = None
    clear_centre: float | None = None
    correction_dioptres: float | None = None
    reads_plate_at_20_m: bool | None = None
    colour: str | None = None

    def __post_init__(self) -> None:
        for name in _ACUITIES:
            if (text := getattr(self, name)) is not None:
                acuity(text)
        for name in _FIELDS:
            degrees = getattr(self, name)
            if degrees is not None:
                number(name, degrees, minimum=0, maximum=_WHOLE_CIRCLE, unit="degrees")
        if self.correction_dioptres is not None:
            number(
                "correction_dioptres",
                self.correction_dioptres,
                minimum=-_STRONGEST_LENS,
                maximum=_STRONGEST_LENS,
                unit="dioptres",
            )
        if self.colour is not None and self.colour not in _COLOURS:
            raise ValueError(f"colour is {self.colour!r}; it must be {', '.join(_COLOURS)}.")
        if self.better_eye and self.worse_eye and acuity(self.better_eye) < acuity(self.worse_eye):
            raise ValueError(f"better_eye is {self.better_eye}, worse than worse_eye {self.worse_eye}.")


@dataclass(frozen=True)
class VisionOutcome:
    """Whether a standard is met. ``incomplete``: nothing fails, but ``missing`` was not measured."""

    outcome: Literal["meets", "does not meet", "incomplete"]
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    rule_version: str
    status: Status


def acuity(snellen: str) -> float:
    """A Snellen fraction as a decimal; ``ValueError`` for other text.

    Source: Snellen's notation: test distance over the distance at which the line is normally read.

    >>> acuity("6/7.5")
    0.8
    """
    above, line, below = snellen.partition("/")
    try:
        value = float(above) / float(below)
    except (ValueError, ZeroDivisionError):
        value = 0.0
    if not line or not 0 < value < float("inf"):
        raise ValueError(f"An acuity is {snellen!r}; it must be a Snellen fraction such as 6/12.")
    return value


def driver_vision(vision: Vision, *, group: int) -> VisionOutcome:
    """Eyesight of a driver of DVLA group 1 (car) or 2 (lorry, bus; used for blue-light driving).

    Group 1: reads a number plate at 20 m, 6/12 with both eyes, field 120 degrees, nothing missing in the
    central 20. Group 2: 6/7.5 in the better and 6/60 in the worse eye, lenses up to +8 dioptres, field 160
    degrees with 70 to either side and 30 up and down, nothing missing in the central 30. ``ValueError`` for
    another group.

    Source: DVLA, Assessing fitness to drive, visual disorders.

    >>> driver_vision(Vision(binocular="6/9", reads_plate_at_20_m=True), group=1).missing
    ('field_horizontal', 'clear_centre')
    """
    if group not in (1, 2):
        raise ValueError(f"group is {group}; it must be 1 or 2.")
    return _judge(vision, f"driver-group-{group}")


def police_recruit_vision(vision: Vision) -> VisionOutcome:
    """Eyesight of a police recruit (Police Regulations 2003, regulation 10 determination, annex A).

    Corrected 6/12 with either eye and 6/6 with both, near 6/9 with both, field 120 by 100 degrees, and colour
    vision that is not monochromatic.

    Source: Police Regulations 2003, regulation 10 determination, annex A.

    >>> police_recruit_vision(Vision(colour="monochromat")).reasons
    ('colour is monochromat, not normal, mild anomalous, severe anomalous, dichromat.',)
    """
    return _judge(vision, "police-recruit")


def _judge(vision: Vision, standard: str) -> VisionOutcome:
    table = load("fitness", "vision")
    missing, reasons = [], []
    for name, failure in _compare(vision, standard):
        if getattr(vision, name) is None:
            missing.append(name)
        elif failure:
            reasons.append(failure)
    outcome: Literal["meets", "does not meet", "incomplete"] = "incomplete" if missing else "meets"
    return VisionOutcome(
        outcome="does not meet" if reasons else outcome,
        reasons=tuple(reasons),
        missing=tuple(missing),
        rule_version=table.rule_version,
        status=table.status_of(standard),
    )


def _compare(vision: Vision, standard: str) -> Iterator[tuple[str, str]]:
    """Per measurement of the standard: its name and why it fails (empty where it does not or is missing)."""
    rules = load("fitness", "vision").section(standard)
    for name, least in rules.get("least", {}).items():
        value = getattr(vision, name)
        low = value is not None and (
            acuity(value) < acuity(least) if isinstance(least, str) else value < least
        )
        yield name, f"{name} is {value}, less than {least}." if low else ""
    for name, most in rules.get("most", {}).items():
        value = getattr(vision, name)
        yield name, f"{name} is {value}, more than {most}." if value is not None and value > most else ""
    for name, allowed in rules.get("any_of", {}).items():
        value = getattr(vision, name)
        words = ", ".join(str(choice) for choice in allowed)
        yield name, "" if value in allowed else f"{name} is {value}, not {words}."
