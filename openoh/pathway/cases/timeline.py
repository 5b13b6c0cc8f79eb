"""What happened around a case, from many tables in one query.

Each table gives rows of one shape; a `Part` says where they come from and how they are said. Later packages, which
this one cannot know, hand in parts of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import DateTimeField, F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce

from openoh.foundation.core.actors import Actor
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics.access import visible_to as appointments_visible_to
from openoh.pathway.clinics.states import APPOINTMENT
from openoh.pathway.questionnaires.access import visible_to as answers_visible_to
from openoh.pathway.risk.access import visible_to as risks_visible_to
from openoh.pathway.risk.states import FLAG
from openoh.pathway.triage.access import visible_to as decisions_visible_to
from openoh.pathway.triage.models import TriageDecision


@dataclass(frozen=True, order=True)
class Event:
    """Something on a timeline. `kind` is a code such as ``appointment``; `words` are for the screen.

    `code` is the state or the code that the words were made from; `until` the last day of what lasted.
    """

    at: datetime
    kind: str
    words: str
    subject: str = field(compare=False)
    detail: str = field(default="", compare=False)
    code: str = field(default="", compare=False)
    until: date | None = field(default=None, compare=False)


class Row(NamedTuple):
    """A row of any table, as a timeline needs it; empty texts where the table has nothing to say."""

    kind: str
    at: datetime
    code: str
    detail: str
    number: str
    subject: str


@dataclass(frozen=True)
class Part:
    """Rows of one kind and how each becomes an event."""

    rows: QuerySet[Any, Any]
    kind: str
    say: Callable[[Row], Event]


def part(
    found: QuerySet[Any], kind: str, say: Callable[[Row], Event], *, at: str, code: str = "", detail: str = "",
    number: str = "",
) -> Part:  # fmt: skip
    """The part of `found`, which comes from a package's `visible_to`; the names are fields of its model."""
    rows = found.order_by().values_list(
        Value(kind, output_field=TextField()), Cast(F(at), DateTimeField()), _text(code), _text(detail),
        _text(number), Cast(F("pk"), TextField()),
    )  # fmt: skip
    return Part(rows, kind, say)


def timeline(
    actor: Actor, case: Case, later: Iterable[Event] = (), *, parts: Iterable[Part] = ()
) -> list[Event]:
    """What happened around a case, oldest first, in one query however many parts there are."""
    united = [*_own_parts(actor, case), *parts]
    say = {each.kind: each.say for each in united}
    first, *others = (each.rows for each in united)
    found = (Row(*row) for row in first.union(*others, all=True))
    return sorted([*_beginnings(case), *(say[row.kind](row) for row in found), *later])


def _text(name: str) -> Any:
    if not name:
        return Value("", output_field=TextField())
    return Coalesce(Cast(F(name), TextField()), Value("", output_field=TextField()))


def _beginnings(case: Case) -> Iterator[Event]:
    yield Event(case.opened_at, "case", "Case opened", str(case.pk))
    if case.request and case.request.sent_at:
        yield Event(case.request.sent_at, "request", "Asked for help", str(case.request.pk))
    if case.referral and case.referral.sent_at:
        yield Event(case.referral.sent_at, "referral", "Referred by a manager", str(case.referral.pk))
    if case.closed_at:
        yield Event(case.closed_at, "case", "Case closed", str(case.pk))


def _own_parts(actor: Actor, case: Case) -> Iterator[Part]:
    about = Q(request=case.request_id, request__isnull=False) | Q(
        referral=case.referral_id, referral__isnull=False
    )
    yield part(decisions_visible_to(actor).filter(about), "triage", _decision, at="decided_at", code="outcome",
               detail="route")  # fmt: skip
    yield part(appointments_visible_to(actor).filter(case_id=case.pk), "appointment", _appointment, at="starts_at",
               code="state", detail="clinician__name")  # fmt: skip
    of_case = Q(case_id=case.pk) | Q(request_id=case.request_id, request_id__isnull=False)
    yield part(answers_visible_to(actor).filter(of_case, completed_at__isnull=False), "score", _score,
               at="completed_at", code="instrument", detail="band", number="total")  # fmt: skip
    raised = risks_visible_to(actor).filter(person=case.person_id)
    lately = raised.filter(~Q(state="closed") | Q(raised_at__gte=_since(case)))
    yield part(lately, "risk", _risk, at="raised_at", code="state", detail="owner_name")


def _since(case: Case) -> datetime:
    """Risks of the request that led to the case were raised before it was opened."""
    return case.request.started_at if case.request else case.opened_at


def _decision(row: Row) -> Event:
    words = f"Triage: {TriageDecision.Outcome(row.code).label.lower()}"
    return Event(row.at, "triage", words, row.subject, row.detail, row.code)


def _appointment(row: Row) -> Event:
    words = f"Appointment: {APPOINTMENT.states[row.code].words.lower()}"
    return Event(row.at, "appointment", words, row.subject, row.detail, row.code)


def _score(row: Row) -> Event:
    total = f" {float(row.number):g}" if row.number else ""
    return Event(row.at, "score", f"{row.code}{total}", row.subject, row.detail, row.code)


def _risk(row: Row) -> Event:
    words = f"Risk: {FLAG.states[row.code].words.lower()}"
    return Event(row.at, "risk", words, row.subject, row.detail, row.code)
