"""Eyesight, medical examinations of drivers, and shuttle runs."""

from openoh.cli.calc.specification import Arguments, Calculation, needed, optional
from openoh.cli.calc.tables import as_date, as_number

HELP = "eyesight standards, driver medicals and shuttle runs"

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
MEASUREMENTS = (
    *(optional(name, "word", "a Snellen fraction such as 6/9, or a column") for name in _ACUITIES),
    *(optional(name, "word", "degrees, or a column") for name in _FIELDS),
    optional("correction_dioptres", "word", "the strongest lens, or a column"),
    optional("reads_plate_at_20_m", "word", "yes or no, or a column"),
    optional("colour", "word", "such as normal or dichromat, or a column"),
)


def _seen(arguments: Arguments) -> Arguments:
    """The measurements as `Vision`; blank ones were not made."""
    from openoh.methods.fitness import Vision

    rest = {name: arguments.pop(name) for name in ("group",) if name in arguments}
    measured = {name: text for name, text in arguments.items() if text != ""}
    for name in (*_FIELDS, "correction_dioptres"):
        if name in measured:
            measured[name] = as_number(measured[name], name)
    if plate := measured.pop("reads_plate_at_20_m", None):
        if plate not in ("yes", "no"):
            raise ValueError(f"reads_plate_at_20_m is {plate!r}; it must be yes or no")
        measured["reads_plate_at_20_m"] = plate == "yes"
    return {"vision": Vision(**measured)} | rest


def _driver(arguments: Arguments) -> Arguments:
    """Dates from text; a blank last examination means that there was none."""
    dates = {name: as_date(arguments.get(name, ""), name) for name in ("born", "last")}
    if dates["born"] is None:
        raise ValueError("born is blank; it must be a date such as 1980-05-01")
    return arguments | dates


CALCULATIONS = (
    Calculation(
        "fitness",
        "driver-vision",
        "driver_vision",
        "eyesight of a driver of group 1 or 2",
        (needed("group", "whole", "1 (car) or 2 (lorry, bus, blue light)", choices=(1, 2)), *MEASUREMENTS),
        adapt=_seen,
    ),
    Calculation(
        "fitness",
        "police-vision",
        "police_recruit_vision",
        "eyesight of a police recruit",
        MEASUREMENTS,
        adapt=_seen,
    ),
    Calculation(
        "fitness",
        "driver-medical",
        "driver_medical",
        "next medical examination of a group 2 driver",
        (
            needed("born", "word", "date of birth, or a column"),
            optional("last", "word", "date of the last examination, or a column"),
            needed("on", "date", "the day asked about"),
        ),
        adapt=_driver,
    ),
    Calculation(
        "fitness",
        "shuttle-run",
        "shuttle_run",
        "a shuttle run against the standard of a post",
        (
            needed("result", "word", "level:shuttle, such as 5:4, or a column"),
            optional("post", "word", "such as officer or dog-handler, or a column"),
        ),
    ),
)
