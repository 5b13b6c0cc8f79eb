"""Immunity requirements, doses, hepatitis B, exposure-prone procedures and exposures."""

import datetime

from openoh.cli.calc.specification import Arguments, Calculation, needed, optional
from openoh.cli.calc.tables import as_date, as_number

HELP = "immunity against requirements, valid doses, hepatitis B, clearance and exposures"

BORN = needed("born", "word", "date of birth, or a column")
DOSES = optional(
    "doses", "word", "vaccine:date with spaces between, such as 'mmr:2024-03-01', or a column", ""
)
ON = needed("on", "date", "the day asked about, such as 2026-11-22")


def _day(text: str, name: str) -> datetime.date:
    day = as_date(text, name)
    if day is None:
        raise ValueError(f"{name} is blank; it must be a date such as 2026-11-22")
    return day


def _parted(text: str, name: str, parts: int) -> list[list[str]]:
    """Entries with spaces between them, each with so many parts between colons."""
    entries = [entry.split(":") for entry in text.split()]
    for entry in entries:
        if len(entry) != parts:
            raise ValueError(
                f"{name} has {':'.join(entry)!r}; an entry has {parts} parts with colons between"
            )
    return entries


def _person(arguments: Arguments) -> Arguments:
    """What is known of the person, as the facts that the method takes."""
    from openoh.methods.immunity import Dose, LabTest, PersonFacts

    results = _parted(arguments.pop("tests", ""), "tests", 3)
    facts = PersonFacts(
        born=_day(arguments.pop("born"), "born"),
        doses=tuple(
            Dose(vaccine, _day(day, "doses")) for vaccine, day in _parted(arguments.pop("doses"), "doses", 2)
        ),
        tests=tuple(
            LabTest(
                kind,
                _day(day, "tests"),
                as_number(found, f"the result of {kind}") if kind == "anti-hbs" else found,  # type: ignore[arg-type]
            )
            for kind, day, found in results
        ),
        evidence=frozenset(arguments.pop("evidence", "").split()),
    )
    return arguments | {"facts": facts}


def _status(arguments: Arguments) -> Arguments:
    known = _person(arguments)
    return {"person_facts": known.pop("facts")} | known


def _history(arguments: Arguments) -> Arguments:
    known = _person(arguments)
    return {"history": known.pop("facts")} | known


def _hepatitis_b(arguments: Arguments) -> Arguments:
    level = arguments.get("anti_hbs", "")
    counts = {name: int(arguments[name]) for name in ("doses", "doses_since_test") if name in arguments}
    return arguments | counts | {"anti_hbs": as_number(level, "--anti-hbs") if level else None}


def _worker(arguments: Arguments) -> Arguments:
    """Blank results were not done."""
    from openoh.methods.immunity import EppFacts, ViralLoad

    on = arguments.pop("on")
    loads = tuple(
        ViralLoad(_day(day, "hiv_loads"), as_number(copies, "hiv_loads"))
        for day, copies in _parted(arguments.pop("hiv_loads"), "hiv_loads", 2)
    )
    return {"facts": EppFacts(**{k: v for k, v in arguments.items() if v != ""}, hiv_loads=loads), "on": on}


def _exposure(arguments: Arguments) -> Arguments:
    from openoh.methods.immunity import ExposureFacts

    significant = not arguments.pop("not_significant")
    whole = {"doses": int(arguments["doses"])}
    return {"facts": ExposureFacts(**(arguments | whole), significant=significant)}


CALCULATIONS = (
    Calculation(
        "immunity",
        "status",
        "status",
        "where a person stands on a requirement, why, and what is due when",
        (
            needed("requirement", "word", "such as mmr, varicella or hepatitis-b, or a column"),
            ON,
            BORN,
            DOSES,
            optional("tests", "word", "kind:date:result with spaces between, or a column", ""),
            optional("evidence", "word", "words such as chickenpox with spaces between, or a column", ""),
        ),
        adapt=_status,
    ),
    Calculation(
        "immunity",
        "doses",
        "dose_validity",
        "which doses count towards a schedule, and when the next one is due",
        (needed("schedule", "word", "such as mmr or hepatitis-b-accelerated, or a column"), BORN, DOSES),
        adapt=_history,
    ),
    Calculation(
        "immunity",
        "hepatitis-b",
        "hepatitis_b",
        "what an anti-HBs level after so many doses means",
        (
            optional("anti_hbs", "word", "mIU/mL, blank where not tested, or a column"),
            needed("doses", "value", "valid doses in all, or a column"),
            optional("doses_since_test", "value", "those after the test, or a column"),
            optional("tested_on", "date", "day of the test"),
            optional("last_dose_on", "date", "day of the last dose"),
            optional("hbsag_positive", "flag", "HBsAg is positive"),
            optional("anti_hbc_positive", "flag", "anti-HBc is positive"),
        ),
        adapt=_hepatitis_b,
    ),
    Calculation(
        "immunity",
        "clearance",
        "epp_clearance",
        "clearance for exposure-prone procedures",
        (
            ON,
            optional("identified_sample", "flag", "the samples were identified and validated"),
            optional("hbsag", "word", "positive or negative, or a column"),
            optional("hbv_dna_iu", "number", "last HBV DNA in IU/mL"),
            optional("hbv_dna_on", "date", "its day"),
            optional("hcv_antibody", "word", "positive or negative, or a column"),
            optional("hcv_rna", "word", "positive or negative, or a column"),
            optional("hcv_treated_weeks_ago", "number", "weeks since treatment"),
            optional("hiv", "word", "positive or negative, or a column"),
            optional("hiv_loads", "word", "date:copies with spaces between, or a column", ""),
            optional("hiv_controlled", "flag", "on treatment or an elite controller"),
            optional("hiv_supervised", "flag", "under both consultants"),
            optional("hiv_registered", "flag", "on the register"),
        ),
        adapt=_worker,
    ),
    Calculation(
        "immunity",
        "viral-load",
        "hiv_load",
        "what to do about a viral load of a cleared worker",
        (needed("copies", "value", "copies/mL, or a column"),),
    ),
    Calculation(
        "immunity",
        "exposure",
        "exposure_plan",
        "what to do after an exposure to blood or body fluids",
        (
            needed("exposed_on", "date", "day of the exposure"),
            needed("hours_since", "value", "hours since the exposure, or a column"),
            needed("doses", "value", "doses of hepatitis B vaccine, or a column"),
            optional("response", "word", "unknown, responder or non-responder, or a column"),
            optional("last_dose_on", "date", "day of the last dose"),
            optional("source_hbsag", "word", "unknown, positive or negative, or a column"),
            optional("source_hiv", "word", "unknown, positive, suppressed or negative, or a column"),
            optional("not_significant", "flag", "neither blood nor a risky fluid got in"),
            optional("pep_stopped_on", "date", "day on which prophylaxis ended"),
        ),
        adapt=_exposure,
    ),
)
