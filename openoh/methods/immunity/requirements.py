"""Whether a person meets an immunity requirement as of a date, why, and what is due when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, TypeAlias

from openoh.methods._content import Status, load, weakest
from openoh.methods._dates import add, after
from openoh.methods.immunity.doses import DoseReview, dose_validity
from openoh.methods.immunity.facts import LabTest, PersonFacts
from openoh.methods.immunity.hepatitis import hepatitis_b

State: TypeAlias = Literal["immune", "due", "planned", "declined", "not immune", "refer"]
Rules: TypeAlias = Mapping[str, Any]
_MARKERS = ("hbsag", "anti-hbc")


@dataclass(frozen=True)
class Immunity:
    """Where a person stands on one requirement.

    ``immune``: it is met, until ``due_on`` where that is given. ``due``: something is to be done since
    ``due_on``. ``planned``: the next step is due on ``due_on``, later. ``declined``: offer again on
    ``due_on``. ``not immune``: nothing more can be done. ``refer``: a clinician decides, since
    ``due_on``. ``action`` says what.
    """

    requirement: str
    state: State
    due_on: date | None
    reason: str
    action: str
    rule_version: str
    status: Status


@dataclass(frozen=True)
class _Finding:
    """A state before refusals are considered."""

    state: State
    due_on: date | None
    reason: str
    action: str = ""
    rule_version: str | None = None
    status: Status = "sourced"


def status(person_facts: PersonFacts, requirement: str, *, on: date) -> Immunity:
    """Where a person stands on ``requirement`` as of ``on``; what happened after ``on`` is not considered.

    ``requirement`` is ``mmr varicella hepatitis-b tuberculosis influenza pertussis td-ipv hepatitis-a
    covid-19``. Rules: the Green Book, chapter 12 and the chapters of each disease. ``tuberculosis`` is
    ``immune`` when the screening is complete. A refusal counts for a year, for influenza for the season,
    and ends with a later dose. ``ValueError`` names the requirements there are, and refuses a day before
    birth.

    Source: UKHSA, The Green Book, chapter 12 and the chapters of each disease.

    >>> from datetime import date
    >>> from openoh.methods.immunity import Dose
    >>> facts = PersonFacts(date(1990, 1, 1), (Dose("mmr", date(2024, 3, 1)),))
    >>> result = status(facts, "mmr", on=date(2024, 3, 10))
    >>> result.state, result.due_on, result.reason
    ('planned', datetime.date(2024, 3, 29), '1 of 2 doses of the mmr course count.')
    """
    table = load("immunity", "requirements")
    rules = table.section("requirements", requirement)
    facts = person_facts.as_of(on)
    finding = _finder(rules)(facts, requirement, rules, on)
    if finding.state in ("due", "planned"):
        finding = _declined(finding, facts, requirement, rules, on)
    versions = [table.rule_version, *([finding.rule_version] if finding.rule_version else [])]
    return Immunity(
        requirement=requirement,
        state=finding.state,
        due_on=finding.due_on,
        reason=finding.reason,
        action=finding.action or ("" if finding.state == "immune" else rules["if_not"]),
        rule_version="; ".join(versions),
        status=weakest(table.status_of("requirements", requirement), finding.status),
    )


def _finder(rules: Rules) -> Callable[[PersonFacts, str, Rules, date], _Finding]:
    """The kind of rule that a requirement is."""
    finders: dict[str, Callable[[PersonFacts, str, Rules, date], _Finding]] = {
        "decided_locally": _decided_locally,
        "hepatitis_b": _hepatitis_b,
        "season": _seasonal,
        "within": _recent,
        "screens": _screened,
        "schedule": _course,
    }
    return next(finder for key, finder in finders.items() if key in rules)


def _step(due_on: date, on: date, reason: str, action: str = "") -> _Finding:
    """Something to do: due where its day has come, planned before."""
    return _Finding("due" if due_on <= on else "planned", due_on, reason, action)


def _decided_locally(facts: PersonFacts, requirement: str, rules: Rules, on: date) -> _Finding:
    return _Finding("refer", on, rules["decided_locally"])


def _course(facts: PersonFacts, requirement: str, rules: Rules, on: date) -> _Finding:
    """A complete course, or tests that show immunity, or a history that does."""
    for group in rules.get("positive", ()):
        tests = [facts.latest(kind) for kind in group]
        if all(test is not None and test.result == "positive" for test in tests):
            return _Finding("immune", None, f"Positive: {', '.join(group)}.")
    known = sorted(facts.evidence.intersection(rules.get("history", ())))
    if known and not facts.evidence.intersection(rules.get("history_barrier", ())):
        return _Finding("immune", None, f"Definite history: {', '.join(known)}.")
    review = dose_validity(facts, facts.schedules.get(requirement, rules["schedule"]))
    due_on = _course_due(review, on)
    finding = _step(due_on, on, review.reason) if due_on else _Finding("immune", None, review.reason)
    return replace(finding, rule_version=review.rule_version, status=review.status)


def _hepatitis_b(facts: PersonFacts, requirement: str, rules: Rules, on: date) -> _Finding:
    """Valid doses of the chosen course and the decisive antibody level decide together."""
    schedule = facts.schedules.get(requirement, requirement)
    review = dose_validity(facts, schedule)
    counted = [check.dose.given for check in review.checks if check.verdict != "not valid"]
    level = _decisive_level(facts, counted, review.needed)
    markers = {
        test.kind: test.on for test in facts.tests if test.kind in _MARKERS and test.result == "positive"
    }
    since = [given for given in counted if level and given >= level.on]
    decision = hepatitis_b(
        None if level is None else float(level.result),
        len(counted),
        doses_since_test=len(since),
        course_doses=review.needed,
        hbsag_positive="hbsag" in markers,
        anti_hbc_positive="anti-hbc" in markers,
        tested_on=min(markers.values(), default=level.on if level else None),
        last_dose_on=counted[-1] if counted else None,
    )
    due_on = decision.due_on
    if decision.state == "course incomplete":
        due_on = _course_due(review, on)
    elif decision.state == "non-responder pending" and since:
        second = tuple(dose for dose in facts.doses if level and dose.given >= level.on)
        due_on = _course_due(dose_validity(replace(facts, doses=second), schedule), on)
    if decision.state == "specialist":
        finding = _Finding("refer", due_on, decision.reason, decision.action)
    elif decision.state == "non-responder":
        finding = _Finding("not immune", None, decision.reason, decision.action)
    elif due_on is None:
        finding = _Finding("immune", None, decision.reason, decision.action)
    else:
        finding = _step(due_on, on, decision.reason, decision.action)
    versions = f"{decision.rule_version}; {review.rule_version}"
    return replace(finding, rule_version=versions, status=weakest(decision.status, review.status))


def _course_due(review: DoseReview, on: date) -> date | None:
    """When the next dose is due: a course that nobody started is due now, or as soon as it can count."""
    if review.next_due is None or review.valid:
        return review.next_due
    return max(review.next_due, on)


def _decisive_level(facts: PersonFacts, counted: Sequence[date], course: int) -> LabTest | None:
    """The anti-HBs that decides: who once responded is a responder, whatever the level fades to.

    A level of immunity goes before the first lower response, and that before the last non-response.
    Levels from before the end of the course, or from the day of its last dose, do not count.
    """
    rules = load("immunity", "hepatitis-b").values
    levels = sorted((test for test in facts.tests if test.kind == "anti-hbs"), key=lambda test: test.on)
    levels = [test for test in levels if sum(given < test.on for given in counted) >= course]
    for least in (rules["immune_from_miu"], rules["responder_from_miu"]):
        reached = [test for test in levels if float(test.result) >= least]
        if reached:
            return reached[0]
    return levels[-1] if levels else None


def _recent(facts: PersonFacts, requirement: str, rules: Rules, on: date) -> _Finding:
    """A dose that is no older than the rule allows."""
    days = facts.doses_against(rules["against"])
    if not days:
        return _step(on, on, "No dose is recorded.")
    until = after(days[-1], rules["within"])
    if on < until:
        return _Finding("immune", until, f"A dose on {days[-1]}, within {rules['within']}.")
    return _step(until, on, f"The last dose, on {days[-1]}, is {rules['within']} old or more.")


def _seasonal(facts: PersonFacts, requirement: str, rules: Rules, on: date) -> _Finding:
    """A dose in the current season; between seasons, the next one."""
    start, end = _season(rules, on)
    next_start = add(start, years=1)
    if any(start <= given for given in facts.doses_against(rules["against"])):
        return _Finding("immune", next_start, f"A dose in the season from {start}.")
    if on > end:
        return _step(next_start, on, f"Between seasons: the next starts on {next_start}.")
    return _step(start, on, f"No dose in the season from {start}.")


def _season(rules: Rules, on: date) -> tuple[date, date]:
    """First and last day of the season that started last, as of ``on``."""
    first, last = rules["season"]["from"], rules["season"]["to"]
    start = date.fromisoformat(f"{on.year}-{first}")
    if on < start:
        start = add(start, years=-1)
    # Month-days compare as text: a season that ends before it starts ends in the next year.
    return start, date.fromisoformat(f"{start.year + (last < first)}-{last}")


def _screened(facts: PersonFacts, requirement: str, rules: Rules, on: date) -> _Finding:
    """Tuberculosis: symptoms first, then a scar, record or dose of BCG, or a test of the last five years."""
    if rules["symptoms"] in facts.evidence:
        return _Finding("refer", on, "Symptoms of tuberculosis.", "Refer at once; not at work with patients.")
    screens = [test for kind in rules["screens"] if (test := facts.latest(kind)) is not None]
    latest = max(screens, key=lambda test: test.on, default=None)
    if latest and latest.result == "positive":
        return _Finding(
            "refer", latest.on, f"{latest.kind} positive on {latest.on}.", "Refer: latent infection."
        )
    if rules["symptom_check"] not in facts.evidence:
        return _step(on, on, "No symptom check is recorded.", "Check for symptoms of tuberculosis.")
    if latest and on < after(latest.on, rules["screened_within"]):
        return _Finding("immune", None, f"{latest.kind} negative on {latest.on}, no symptoms.")
    if rules["high_incidence"] in facts.evidence:
        return _step(on, on, "From a country of high incidence without a recent test.")
    known = sorted(facts.evidence.intersection(rules["history"]))
    if known or facts.doses_against(rules["against"]):
        return _Finding("immune", None, f"{', '.join(known) or 'BCG dose'}, no symptoms.")
    return _step(on, on, "No BCG and no recent test.")


def _declined(finding: _Finding, facts: PersonFacts, requirement: str, rules: Rules, on: date) -> _Finding:
    """The finding, or the refusal that stands against it."""
    day = facts.declined.get(requirement)
    if day is None or any(given > day for given in facts.doses_against(rules["against"])):
        return finding
    if "season" in rules:
        again = add(_season(rules, day)[0], years=1)
    else:
        again = after(day, load("immunity", "requirements").values["declined"]["ask_again"])
    if again <= on:
        return finding
    return _Finding("declined", again, f"Declined on {day}.", f"Offer again from {again}.")
