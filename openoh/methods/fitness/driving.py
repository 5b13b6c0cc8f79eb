"""When a group 2 driver needs the next medical examination."""

from dataclasses import dataclass
from datetime import date

from openoh.methods._checks import day
from openoh.methods._content import Status, load
from openoh.methods._dates import add


@dataclass(frozen=True)
class MedicalDue:
    """The day from which a new examination is needed, and why."""

    due_on: date
    reason: str
    rule_version: str
    status: Status


def driver_medical(*, born: date, last: date | None, on: date) -> MedicalDue:
    """Next group 2 (D4) examination: at entry, at 45, then every 5 years, and every year from 65 (DVLA).

    ``last`` is the last examination, ``None`` before entry (due at once). ``ValueError`` unless
    ``born < last <= on``.

    Source: DVLA, Assessing fitness to drive, and form D4.

    >>> from datetime import date
    >>> driver_medical(born=date(1980, 5, 1), last=date(2020, 3, 1), on=date(2024, 1, 1)).due_on
    datetime.date(2025, 5, 1)
    """
    rules = load("fitness", "driver-medical")
    for name, value in (("born", born), ("last", on if last is None else last), ("on", on)):
        day(name, value)
    if not born < (last or on) <= on:
        raise ValueError(f"born {born}, last {last} and on {on} must follow each other.")
    first, late = rules.values["first_age"], rules.values["late_age"]
    if last is None:
        due, reason = on, "No examination yet."
    elif last < add(born, years=first):
        due, reason = add(born, years=first), f"Examination at {first}."
    elif last < add(born, years=late):
        years = rules.values["every_years"]
        due = min(add(last, years=years), add(born, years=late))
        reason = f"Every {years} years from {first}, and at {late}."
    else:
        due, reason = add(last, years=rules.values["late_every_years"]), f"Every year from {late}."
    return MedicalDue(due, reason, rules.rule_version, rules.status)
