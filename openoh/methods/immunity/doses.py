"""Which doses of a course count, by age, interval and the distance between live vaccines."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from openoh.methods._content import Status, load
from openoh.methods._dates import after
from openoh.methods.immunity.facts import Dose, PersonFacts, product

# Any day serves to compare spans.
_EPOCH = date(2000, 1, 1)


@dataclass(frozen=True)
class Step:
    """One dose of a course: spans such as ``4 weeks``, each ``None`` where there is no limit.

    ``interval`` runs from the valid dose before, ``from_first`` from the first valid dose.
    """

    least_age: str | None = None
    interval: str | None = None
    from_first: str | None = None
    grace_days: int | None = None


@dataclass(frozen=True)
class Schedule:
    """A course. Build one to use another country's.

    ``against`` names the diseases that a product must cover; ``products`` narrows that to some products.
    ``live_conflicts`` holds pairs of live components that must be given on one day or
    ``live_conflict_days`` apart; ``None`` means any two different ones. ``ValueError`` for no step, ages
    that fall, and unknown spans.
    """

    name: str
    against: frozenset[str]
    steps: tuple[Step, ...]
    grace_days: int
    live_conflict_days: int
    live_conflicts: frozenset[frozenset[str]] | None
    products: frozenset[str] | None
    rule_version: str
    status: Status

    def __post_init__(self) -> None:
        if not self.steps or self.grace_days < 0:
            raise ValueError(f"{self.name} has {len(self.steps)} steps and {self.grace_days} days of grace.")
        for span in (span for step in self.steps for span in (step.interval, step.from_first) if span):
            after(_EPOCH, span)
        ages = [after(_EPOCH, step.least_age) for step in self.steps if step.least_age]
        if any(later < earlier for earlier, later in itertools.pairwise(ages)):
            raise ValueError(f"The least ages of {self.name} fall from one dose to the next; they must not.")

    def covers(self, vaccine: str) -> bool:
        """Whether a product is one of this course."""
        allowed = self.products is None or vaccine in self.products
        return allowed and self.against <= set(product(vaccine)["against"])


@dataclass(frozen=True)
class DoseCheck:
    """One dose of the course. ``number`` is its place in the course, ``None`` unless it is valid.

    ``reasons`` holds ``too young``, ``interval too short``, ``live vaccine conflict``, ``not licensed at
    this age`` or, for an extra dose, ``course complete``.
    """

    dose: Dose
    verdict: Literal["valid", "not valid", "extra"]
    number: int | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class DoseReview:
    """All doses of one course. ``next_due`` is the first day on which the next dose counts without grace."""

    checks: tuple[DoseCheck, ...]
    valid: int
    needed: int
    complete: bool
    next_due: date | None
    last_valid: date | None
    reason: str
    rule_version: str
    status: Status


def dose_validity(history: PersonFacts, schedule: str | Schedule) -> DoseReview:
    """Which doses of ``history`` count towards ``schedule``, and when the next one is due.

    ``schedule`` is the name of one (``mmr varicella hepatitis-b hepatitis-b-accelerated
    hepatitis-b-very-rapid hepatitis-b-adjuvanted hepatitis-a td-ipv``) or a `Schedule`. A dose counts
    from its least age and interval less a grace of four days. Intervals run from valid doses, so that an
    invalid dose in between delays nothing, except that a live vaccine counts only 28 days after another
    with which it conflicts, valid or not, without grace. A product given below its licensed age counts
    for nothing.
    ``ValueError`` names the schedules there are.

    Source: UKHSA, The Green Book; grace days as the US ACIP; behaviour compared with the CDC CDSi test
    cases.

    >>> from datetime import date
    >>> facts = PersonFacts(date(1990, 1, 1), (Dose("mmr", date(2024, 3, 1)), Dose("mmr", date(2024, 3, 20))))
    >>> review = dose_validity(facts, "mmr")
    >>> [check.verdict for check in review.checks], review.checks[1].reasons, review.next_due
    (['valid', 'not valid'], ('interval too short',), datetime.date(2024, 3, 29))
    """
    course = schedule if isinstance(schedule, Schedule) else _schedule(schedule)
    doses = sorted(history.doses, key=lambda dose: dose.given)
    checks: list[DoseCheck] = []
    valid: list[date] = []
    for dose in doses:
        if not course.covers(dose.vaccine):
            continue
        if len(valid) == len(course.steps):
            checks.append(DoseCheck(dose, "extra", None, ("course complete",)))
            continue
        reasons = _faults(dose, doses, valid, history.born, course)
        if not reasons:
            valid.append(dose.given)
        checks.append(
            DoseCheck(dose, "not valid" if reasons else "valid", None if reasons else len(valid), reasons)
        )
    complete = len(valid) == len(course.steps)
    return DoseReview(
        checks=tuple(checks),
        valid=len(valid),
        needed=len(course.steps),
        complete=complete,
        next_due=None if complete else _next_due(doses, valid, history.born, course),
        last_valid=valid[-1] if valid else None,
        reason=f"{len(valid)} of {len(course.steps)} doses of the {course.name} course count.",
        rule_version=course.rule_version,
        status=course.status,
    )


def _schedule(name: str) -> Schedule:
    table = load("immunity", "schedules")
    rules = table.section("schedules", name)
    return Schedule(
        name=name,
        against=frozenset(rules["against"]),
        steps=tuple(Step(**step) for step in rules["doses"]),
        grace_days=rules.get("grace_days", table.values["grace_days"]),
        live_conflict_days=table.values["live_conflict_days"],
        live_conflicts=frozenset(frozenset(pair) for pair in table.values["live_conflicts"]),
        products=frozenset(rules["products"]) if "products" in rules else None,
        rule_version=table.rule_version,
        status=table.status_of("schedules", name),
    )


def _faults(
    dose: Dose, doses: Sequence[Dose], valid: Sequence[date], born: date, course: Schedule
) -> tuple[str, ...]:
    """Why a dose does not count as the next of the course; empty where it does."""
    step = course.steps[len(valid)]
    grace = timedelta(course.grace_days if step.grace_days is None else step.grace_days)
    reasons = []
    licensed_from = product(dose.vaccine).get("licensed_from")
    if licensed_from and dose.given < after(born, licensed_from) - grace:
        reasons.append("not licensed at this age")
    if step.least_age and dose.given < after(born, step.least_age) - grace:
        reasons.append("too young")
    if dose.given < _interval_over(valid, step, born) - grace:
        reasons.append("interval too short")
    if dose.given < _conflict_over(dose.vaccine, dose.given, doses, course):
        reasons.append("live vaccine conflict")
    return tuple(reasons)


def _interval_over(valid: Sequence[date], step: Step, born: date) -> date:
    """The first day that keeps both intervals of ``step``; ``born`` where there are none."""
    over = [born]
    if valid and step.interval:
        over.append(after(valid[-1], step.interval))
    if valid and step.from_first:
        over.append(after(valid[0], step.from_first))
    return max(over)


def _conflict_over(vaccine: str, on: date, doses: Sequence[Dose], course: Schedule) -> date:
    """The first day after every conflict of ``vaccine`` with live vaccines given before ``on``."""
    over = [
        dose.given + timedelta(course.live_conflict_days)
        for dose in doses
        if dose.given < on and _conflict(dose.vaccine, vaccine, course)
    ]
    return max(over, default=date.min)


def _conflict(earlier: str, later: str, course: Schedule) -> bool:
    """Whether two products hold different live components that must be kept apart."""
    pairs = itertools.product(product(earlier).get("live", ()), product(later).get("live", ()))
    return any(
        one != other and (course.live_conflicts is None or {one, other} in course.live_conflicts)
        for one, other in pairs
    )


def _next_due(doses: Sequence[Dose], valid: Sequence[date], born: date, course: Schedule) -> date:
    """The first day on which the course's plainest product counts, without grace."""
    step = course.steps[len(valid)]
    covering = [name for name in load("immunity", "vaccines").section("products") if course.covers(name)]
    usual = min(covering, key=lambda name: len(product(name)["against"]))
    ages = [after(born, span) for span in (step.least_age, product(usual).get("licensed_from")) if span]
    return max(_interval_over(valid, step, born), *ages, _conflict_over(usual, date.max, doses, course))
