"""Clearance for exposure-prone procedures, and what a viral load of HIV means while working."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from openoh.methods._checks import day, number
from openoh.methods._content import Content, Status, load, weakest
from openoh.methods._dates import after
from openoh.methods.immunity.facts import RESULTS, Result

Clearance: TypeAlias = Literal["cleared", "cleared with monitoring", "not cleared"]


@dataclass(frozen=True)
class ViralLoad:
    """One HIV viral load in copies/mL."""

    on: date
    copies: float

    def __post_init__(self) -> None:
        day("The day of a viral load", self.on)
        _check_load(self.copies)


@dataclass(frozen=True)
class EppFacts:
    """Results of identified validated samples; ``None`` where a test was not done.

    ``identified_sample``: photo identity checked, taken in occupational health, kept from the worker,
    sent straight to an accredited laboratory. ``hbv_dna_iu`` and ``hbv_dna_on`` are the last HBV DNA
    (IU/mL) of a worker with HBsAg; ``hcv_treated_weeks_ago`` is for one who was treated;
    ``hiv_controlled`` means on treatment or an elite controller, ``hiv_supervised`` under a consultant
    occupational physician and an HIV physician, and ``hiv_registered`` on the UKAP register.
    """

    identified_sample: bool
    hbsag: Result | None = None
    hbv_dna_iu: float | None = None
    hbv_dna_on: date | None = None
    hcv_antibody: Result | None = None
    hcv_rna: Result | None = None
    hcv_treated_weeks_ago: float | None = None
    hiv: Result | None = None
    hiv_loads: tuple[ViralLoad, ...] = ()
    hiv_controlled: bool = False
    hiv_supervised: bool = False
    hiv_registered: bool = False

    def __post_init__(self) -> None:
        for name in ("hbsag", "hcv_antibody", "hcv_rna", "hiv"):
            value = getattr(self, name)
            if value is not None and value not in RESULTS:
                raise ValueError(f"{name} is {value!r}; it must be positive, negative or None.")
        for name in ("hbv_dna_iu", "hcv_treated_weeks_ago"):
            measured = getattr(self, name)
            if measured is not None:
                number(name, measured, minimum=0)
        if self.hbv_dna_on is not None:
            day("hbv_dna_on", self.hbv_dna_on)
        if (self.hbv_dna_iu is None) != (self.hbv_dna_on is None):
            raise ValueError("hbv_dna_iu and hbv_dna_on come together.")


@dataclass(frozen=True)
class EppClearance:
    """The decision. ``state`` and ``due_on`` are all that an employer may see: ``reasons`` name infections.

    ``due_on`` is the next monitoring test; where that day has passed the state is ``not cleared``.
    """

    state: Clearance
    due_on: date | None
    reasons: tuple[str, ...]
    rule_version: str
    status: Status


@dataclass(frozen=True)
class LoadAction:
    """What a viral load means for a cleared worker."""

    state: Literal["continue", "case by case", "repeat", "restrict"]
    action: str
    rule_version: str
    status: Status


@dataclass(frozen=True)
class _Part:
    """The decision on one virus."""

    state: Clearance
    reason: str
    due_on: date | None = None
    status: Status = "sourced"


_ORDER: tuple[Clearance, ...] = ("cleared", "cleared with monitoring", "not cleared")


def epp_clearance(facts: EppFacts, *, on: date) -> EppClearance:
    """Whether a worker is cleared for exposure-prone procedures on a day.

    All three viruses must be clear on identified validated samples. Hepatitis B: HBsAg negative, or HBV
    DNA below 200 IU/mL with monitoring. Hepatitis C: antibody negative, or RNA negative, after treatment
    no earlier than 12 weeks. HIV: negative, or controlled with viral loads below 200 copies/mL at least
    12 weeks apart and none higher in between, supervised and registered, with a test every 12 weeks.
    What was not tested is not cleared. ``ValueError`` for a result after
    ``on``.

    Source: UKHSA, Integrated guidance for health clearance of healthcare workers (UKAP).

    >>> from datetime import date
    >>> facts = EppFacts(True, hbsag="negative", hcv_antibody="negative", hiv="negative")
    >>> epp_clearance(facts, on=date(2025, 1, 1)).state
    'cleared'
    """
    rules = load("immunity", "epp")
    day("on", on)
    for found_on in (facts.hbv_dna_on, *(viral.on for viral in facts.hiv_loads)):
        if found_on is not None and found_on > on:
            raise ValueError(f"A result is of {found_on}, after {on}.")
    parts = [_hepatitis_b(facts, on, rules), _hepatitis_c(facts, rules), _hiv(facts, on, rules)]
    if not facts.identified_sample:
        parts.append(_Part("not cleared", "The samples were not identified and validated."))
    return EppClearance(
        state=max((part.state for part in parts), key=_ORDER.index),
        due_on=min((part.due_on for part in parts if part.due_on), default=None),
        reasons=tuple(part.reason for part in parts),
        rule_version=rules.rule_version,
        status=weakest(rules.status, *(part.status for part in parts)),
    )


def hiv_load(copies: float) -> LoadAction:
    """What to do about a viral load (copies/mL, 0 or more) of a worker who performs exposure-prone
    procedures.

    Below 50 continue; to 200 case by case; below 1,000 repeat after 10 days and cease if still above 200;
    from 1,000 restrict at once.

    Source: UKHSA, Integrated guidance for health clearance of healthcare workers (UKAP).

    >>> hiv_load(40).state, hiv_load(200).state, hiv_load(201).state, hiv_load(1000).state
    ('continue', 'case by case', 'repeat', 'restrict')
    """
    rules = load("immunity", "epp")
    _check_load(copies)
    for row in rules.values["hiv_loads"]:
        if copies < row.get("below", float("inf")) and copies <= row.get("up_to", float("inf")):
            break
    return LoadAction(row["state"], row["action"], rules.rule_version, rules.status)


def _check_load(copies: float) -> None:
    number("A viral load", copies, minimum=0, unit="copies/mL")


def _hepatitis_b(facts: EppFacts, on: date, rules: Content) -> _Part:
    if facts.hbsag is None:
        return _Part("not cleared", "Hepatitis B: HBsAg was not tested.")
    if facts.hbsag == "negative":
        return _Part("cleared", "Hepatitis B: HBsAg negative.")
    if facts.hbv_dna_iu is None or facts.hbv_dna_on is None:
        return _Part("not cleared", "Hepatitis B: HBsAg positive, HBV DNA was not tested.")
    limit = rules.values["hbv_dna_below_iu"]
    if facts.hbv_dna_iu >= limit:
        return _Part("not cleared", f"Hepatitis B: HBV DNA {facts.hbv_dna_iu:g} IU/mL, not below {limit}.")
    due = after(facts.hbv_dna_on, rules.section("hbv_monitoring")["every"])
    monitored = _monitored("Hepatitis B: HBV DNA", limit, due, on)
    return _Part(monitored.state, monitored.reason, due, rules.status_of("hbv_monitoring"))


def _hepatitis_c(facts: EppFacts, rules: Content) -> _Part:
    if facts.hcv_antibody == "negative" and facts.hcv_rna != "positive":
        return _Part("cleared", "Hepatitis C: antibody negative.")
    if facts.hcv_rna is None:
        return _Part("not cleared", "Hepatitis C: antibody positive or not tested, RNA was not tested.")
    if facts.hcv_rna == "positive":
        return _Part("not cleared", "Hepatitis C: RNA positive.")
    weeks = rules.values["hcv_cure_weeks"]
    if facts.hcv_treated_weeks_ago is not None and facts.hcv_treated_weeks_ago < weeks:
        return _Part(
            "not cleared", f"Hepatitis C: RNA negative, but less than {weeks} weeks after treatment."
        )
    return _Part("cleared", "Hepatitis C: RNA negative.")


def _hiv(facts: EppFacts, on: date, rules: Content) -> _Part:
    if facts.hiv is None:
        return _Part("not cleared", "HIV: not tested.")
    if facts.hiv == "negative":
        return _Part("cleared", "HIV: negative.")
    for met, lacking in (
        (facts.hiv_controlled, "neither treated nor an elite controller"),
        (facts.hiv_supervised, "not under joint supervision"),
        (facts.hiv_registered, "not on the register"),
    ):
        if not met:
            return _Part("not cleared", f"HIV: {lacking}.")
    limit = rules.values["hiv_load_below_copies"]
    low = _low_run(facts.hiv_loads, limit)
    if not low or after(low[0].on, rules.values["hiv_tests_apart"]) > low[-1].on:
        apart = rules.values["hiv_tests_apart"]
        return _Part("not cleared", f"HIV: no two latest viral loads below {limit} at least {apart} apart.")
    return _monitored("HIV: viral load", limit, after(low[-1].on, rules.values["hiv_every"]), on)


def _low_run(loads: Sequence[ViralLoad], limit: float) -> list[ViralLoad]:
    """The latest viral loads, earliest first, back to the last one that was not below ``limit``."""
    run: list[ViralLoad] = []
    for viral in sorted(loads, key=lambda viral: viral.on, reverse=True):
        if viral.copies >= limit:
            break
        run.insert(0, viral)
    return run


def _monitored(what: str, limit: float, due: date, on: date) -> _Part:
    if due < on:
        return _Part("not cleared", f"{what} was due on {due}.", due)
    return _Part("cleared with monitoring", f"{what} below {limit:g}, next due on {due}.", due)
