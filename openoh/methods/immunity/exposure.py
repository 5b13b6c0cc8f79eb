"""Plan after a sharps injury or splash: hepatitis B protection, HIV prophylaxis and follow-up tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias

from openoh.methods._checks import day, number, whole
from openoh.methods._content import Content, Status, load
from openoh.methods._dates import after

Prophylaxis: TypeAlias = Literal["start at once", "assess the risk", "not recommended", "too late"]
_RESPONSES = ("unknown", "responder", "non-responder")
_SOURCE_HBSAG = ("positive", "unknown", "negative")
_SOURCE_HIV = ("positive", "suppressed", "unknown", "negative")


@dataclass(frozen=True)
class ExposureFacts:
    """One exposure and what is known of both persons.

    ``significant``: blood or a risky fluid through the skin, on a mucous membrane or on broken skin.
    ``hours_since`` the exposure as of the assessment. ``doses`` of hepatitis B vaccine, ``response`` to
    them (``responder`` from anti-HBs 10 mIU/mL), ``last_dose_on`` where known. ``source_hiv`` is
    ``suppressed`` for a source on treatment with a sustained viral load below 200. ``pep_stopped_on``
    once prophylaxis has ended. ``ValueError`` for other words, negative numbers, days in the wrong order,
    or a response to at most one dose.
    """

    exposed_on: date
    hours_since: float
    doses: int
    response: str = "unknown"
    last_dose_on: date | None = None
    source_hbsag: str = "unknown"
    source_hiv: str = "unknown"
    significant: bool = True
    pep_stopped_on: date | None = None

    def __post_init__(self) -> None:
        for name, allowed in (
            ("response", _RESPONSES),
            ("source_hbsag", _SOURCE_HBSAG),
            ("source_hiv", _SOURCE_HIV),
        ):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is {getattr(self, name)!r}; it must be {', '.join(allowed)}.")
        number("hours_since", self.hours_since, minimum=0)
        whole("doses", self.doses)
        day("exposed_on", self.exposed_on)
        for name in ("last_dose_on", "pep_stopped_on"):
            if getattr(self, name) is not None:
                day(name, getattr(self, name))
        if self.doses <= 1 and self.response != "unknown":
            raise ValueError(f"response is {self.response!r} after {self.doses} doses; it needs at least 2.")
        if self.last_dose_on is not None and (self.last_dose_on > self.exposed_on or self.doses == 0):
            raise ValueError(
                f"last_dose_on is {self.last_dose_on} with {self.doses} doses; "
                f"it must be up to {self.exposed_on} and needs a dose."
            )
        if self.pep_stopped_on is not None and self.pep_stopped_on < self.exposed_on:
            raise ValueError(f"pep_stopped_on is {self.pep_stopped_on}, before {self.exposed_on}.")


@dataclass(frozen=True)
class FollowUp:
    """One visit: its tests, its day, and the first and last day on which it still counts as on time."""

    due_on: date
    earliest: date
    latest: date
    tests: tuple[str, ...]


@dataclass(frozen=True)
class ExposurePlan:
    """The plan. ``hbig`` is hepatitis B immunoglobulin now, ``second_hbig_on`` the day of a second one.

    ``due_on`` is the day of the first thing to do, ``None`` where there is nothing.
    """

    vaccine: str
    hbig: bool
    second_hbig_on: date | None
    hiv_prophylaxis: Prophylaxis
    hiv_prophylaxis_days: int | None
    follow_up: tuple[FollowUp, ...]
    due_on: date | None
    reasons: tuple[str, ...]
    rule_version: str
    status: Status


def exposure_plan(facts: ExposureFacts) -> ExposurePlan:
    """What to do after an exposure to blood or body fluids.

    Hepatitis B by vaccination, response and source (the Green Book, chapter 18). HIV prophylaxis at once,
    ideally within the hour and not after 72 hours, for a source with HIV that is not suppressed; by
    assessment where the source is unknown. Follow-up after 6, 12 and 24 weeks, 7 days early or late; the
    last HIV test is no earlier than 45 days after the end of prophylaxis. An exposure that is not
    significant needs neither immunoglobulin, prophylaxis nor tests, and completes the vaccination.

    Source: UKHSA, The Green Book, chapter 18; BASHH guideline on HIV post-exposure prophylaxis.

    >>> from datetime import date
    >>> facts = ExposureFacts(date(2025, 3, 3), 2, doses=3, response="responder", source_hiv="positive")
    >>> plan = exposure_plan(facts)
    >>> plan.hiv_prophylaxis, plan.hbig, plan.follow_up[0].due_on, plan.follow_up[0].tests
    ('start at once', False, datetime.date(2025, 4, 14), ('HIV Ag/Ab', 'HBsAg', 'HCV RNA'))
    """
    rules = load("immunity", "exposure")
    group, row = _protection(facts, rules)
    vaccine, reason = _vaccine(facts, group, row, rules)
    hbig = row["hbig"] and facts.significant
    prophylaxis, why = _prophylaxis(facts, rules)
    visits = _follow_up(facts, rules) if facts.significant else ()
    now = hbig or prophylaxis in ("start at once", "assess the risk") or vaccine != "none"
    return ExposurePlan(
        vaccine=vaccine,
        hbig=hbig,
        second_hbig_on=after(facts.exposed_on, rules.values["second_hbig_after"])
        if hbig and row.get("second_hbig")
        else None,
        hiv_prophylaxis=prophylaxis,
        hiv_prophylaxis_days=rules.values["pep_course_days"] if prophylaxis == "start at once" else None,
        follow_up=visits,
        due_on=facts.exposed_on if now else visits[0].due_on if visits else None,
        reasons=(reason, why),
        rule_version=rules.rule_version,
        status=rules.status,
    )


def _protection(facts: ExposureFacts, rules: Content) -> tuple[str, Mapping[str, Any]]:
    """The group of the exposed person, and its row for the source."""
    if facts.doses <= 1:
        group = "up to one dose"
    else:
        group = "response unknown" if facts.response == "unknown" else facts.response
    # Without a significant exposure the source does not matter: as with one known to be negative.
    source = facts.source_hbsag if facts.significant else "negative"
    return group, rules.section("hepatitis_b", group, source)


def _vaccine(facts: ExposureFacts, group: str, row: Mapping[str, Any], rules: Content) -> tuple[str, str]:
    reason = f"Hepatitis B: {group}, source HBsAg {facts.source_hbsag}."
    if not facts.significant:
        reason = f"Hepatitis B: {group}, the exposure is not significant."
    if row.get("only_if_last_dose_old") and facts.last_dose_on is not None:
        old = after(facts.last_dose_on, rules.values["booster_after"])
        if facts.exposed_on < old:
            return "none", f"{reason} The last dose is less than {rules.values['booster_after']} old."
    return row["vaccine"], reason


def _prophylaxis(facts: ExposureFacts, rules: Content) -> tuple[Prophylaxis, str]:
    if not facts.significant:
        return "not recommended", "HIV: the exposure is not significant."
    if facts.source_hiv in ("negative", "suppressed"):
        return "not recommended", f"HIV: source {facts.source_hiv}."
    limit = rules.values["pep_within_hours"]
    if facts.hours_since > limit:
        return "too late", f"HIV: {facts.hours_since:g} hours have passed, more than {limit}."
    if facts.source_hiv == "positive":
        return "start at once", f"HIV: source positive, within {limit} hours."
    return "assess the risk", f"HIV: source unknown, within {limit} hours."


def _follow_up(facts: ExposureFacts, rules: Content) -> tuple[FollowUp, ...]:
    visits = {
        facts.exposed_on + timedelta(row["after_days"]): list(row["tests"])
        for row in rules.values["follow_up"]
    }
    if facts.pep_stopped_on is not None:
        _delay_hiv(visits, after(facts.pep_stopped_on, rules.values["hiv_test_after_pep"]))
    window = timedelta(rules.values["window_days"])
    return tuple(
        FollowUp(due_on, due_on - window, due_on + window, tuple(tests))
        for due_on, tests in sorted(visits.items())
        if tests
    )


def _delay_hiv(visits: dict[date, list[str]], first: date) -> None:
    """Take HIV tests before ``first`` off the visits; where none is left, one is due on that day."""
    hiv = "HIV Ag/Ab"
    for due_on, tests in visits.items():
        if due_on < first and hiv in tests:
            tests.remove(hiv)
    if not any(hiv in tests for tests in visits.values()):
        visits.setdefault(first, []).insert(0, hiv)
