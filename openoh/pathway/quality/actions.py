"""Review a report, write an incident down and close it, note that supervision was held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from openoh.foundation.access.checks import provider_of
from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock, keys
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.identifiers import NOBODY, new_id
from openoh.pathway.clinics.access import colleague
from openoh.pathway.quality import rules
from openoh.pathway.quality.access import incidents_visible_to, reports_to_review
from openoh.pathway.quality.models import Incident, PeerReview, Supervision
from openoh.pathway.quality.queries import LEARNING, WHAT
from openoh.pathway.questionnaires.access import person_in_reach
from openoh.pathway.reports.access import visible_to as reports_visible_to


@action("report.reviewed")
def review(*, by: Actor, report: UUID, outcome: str, points: Sequence[str] = ()) -> PeerReview:
    """Say as a colleague what one thinks of a sampled report; never of one's own, and once.

    `points` say what to discuss, and are needed then.
    """
    require(by, "quality.lead")
    written = reports_visible_to(by).get(pk=report)
    if by.user in (written.written_by, written.signed_by):
        raise NotAllowed("You wrote or signed this report. Somebody else reads it.")
    found = reports_to_review(by).filter(pk=report).first()
    if found is None or not rules.is_sampled(report):
        raise Conflict(
            "This report does not wait for a reader: a colleague has read it, or it is not in the sample."
        )
    if outcome not in rules.choices("outcomes"):
        raise Invalid("Choose whether you agree.", field="outcome")
    if not set(points) <= set(rules.choices("points")):
        raise Invalid("Choose from the list.", field="points")
    if outcome == "discuss" and not points:
        raise Invalid("Choose what you want to discuss.", field="points")
    made = PeerReview(
        report=found, person_id=found.person_id, employer_id=found.employer_id, provider_id=found.provider_id,
        reviewer=by.user or NOBODY, reviewer_name=by.name, outcome=outcome, points=list(points),
        rule_version=rules.content().rule_version,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise Conflict("A colleague has read this report meanwhile.") from None
    return made


@action("incident.raised")
def raise_incident(
    *, by: Actor, happened_on: date, kind: str, severity: str, what: str, person: UUID | None = None
) -> Incident:
    """Write down that something went wrong or nearly did, about one person or nobody in particular."""
    require(by, "record.clinical")
    if by.user is None:
        raise NotAllowed("Only somebody who is signed in writes an incident down.")
    if happened_on > clock.today():
        raise Invalid("The day is still to come. Enter the day on which it happened.", field="happened_on")
    for field, code, table in (("kind", kind, "kinds"), ("severity", severity, "severities")):
        if code not in rules.choices(table):
            raise Invalid("Choose from the list.", field=field)
    about = person_in_reach(by, person) if person else None
    provider, identifier = provider_of(by), new_id()
    incident = Incident(
        id=identifier, provider_id=provider, person=about, happened_on=happened_on, kind=kind, severity=severity,
        what_sealed=keys.seal(
            _words(what, "what", "Write what happened"), owner=about.pk if about else identifier, provider=provider,
            field=WHAT,
        ),
        raised_by=by.user, raised_by_name=by.name,
    )  # fmt: skip
    incident.save(force_insert=True)
    return incident


@action("incident.closed")
def close_incident(*, by: Actor, incident: UUID, learning: str) -> Incident:
    """Close an incident with what was learned. Only the clinical lead does."""
    require(by, "quality.lead")
    found = incidents_visible_to(by).select_for_update(of=("self",)).get(pk=incident)
    if found.closed_at:
        raise Conflict(f"{found.closed_by_name} has closed this meanwhile.")
    found.learning_sealed = keys.seal(
        _words(learning, "learning", "Write what was learned and what is done differently now"),
        owner=found.person_id or found.pk, provider=found.provider_id, field=LEARNING,
    )  # fmt: skip
    found.closed_by, found.closed_by_name, found.closed_at = by.user, by.name, clock.now()
    found.save(update_fields=["learning_sealed", "closed_by", "closed_by_name", "closed_at"])
    return found


@action("supervision.held")
def note_supervision(*, by: Actor, clinician: UUID, held_on: date, supervisor: str) -> Supervision:
    """Note that a clinician and their supervisor met; the next is due after the days of the content."""
    require(by, "quality.lead")
    if held_on > clock.today():
        raise Invalid("The day is still to come. Note it once it was held.", field="held_on")
    if not 0 < len(supervisor.strip()) <= 200:
        raise Invalid("Write who supervised.", field="supervisor")
    found = colleague(by, clinician)
    return Supervision.objects.create(
        provider_id=found.provider_id, clinician=found, held_on=held_on, next_on=rules.next_supervision(held_on),
        supervisor_name=supervisor.strip(), recorded_by=by.user or NOBODY,
    )  # fmt: skip


def _words(text: str, field: str, sentence: str) -> str:
    longest = rules.longest_text()
    if not text.strip() or len(text.strip()) > longest:
        raise Invalid(f"{sentence}, in at most {longest:,} letters.", field=field)
    return text.strip()
