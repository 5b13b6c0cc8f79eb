"""Who gets a report on the day it is released; and the same, beforehand, for the person who decides about it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from openoh.foundation.access.managing import How, led_by
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement
from openoh.pathway.cases.models import Recipient
from openoh.pathway.reports import rules
from openoh.pathway.reports.models import Report


def receivers_in_words(report: Report) -> list[str]:
    """Names and posts of those who would get the report today. `report` comes from `visible_to`.

    A person may not read other people's engagements; only these names come out of the system's scope, and they are
    found by the very rule that releases.
    """
    scope = Scope(Audience.WORKER, employers=(report.employer_id,), provider=report.provider_id)
    with within(scope):
        return [", ".join(filter(None, [str(each), each.title])) for each in receivers_of(report)]


def receivers_of(report: Report) -> list[Engagement]:
    """The engagements that get a copy today, of the case's employer and of no other."""
    words = list(Recipient.objects.filter(case_id=report.case_id).order_by("named_at", "id"))
    named = [word.engagement_id for word in words if not word.excluded]
    referral = report.case.referral
    referrer = referral.recipient_id if referral else None
    able = _able({*named, *([referrer] if referrer else [])}, report)
    chosen = rules.who_receives(
        named=named, excluded={word.engagement_id for word in words if word.excluded}, referrer=referrer,
        able=able.keys(), referrer_leads=referrer is not None and _still_leads(referrer, report),
    )  # fmt: skip
    return [able[each] for each in chosen]


def _able(wanted: set[UUID], report: Report) -> dict[UUID, Engagement]:
    today = clock.today()
    found = Engagement.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today), pk__in=wanted, employer_id=report.employer_id,
        starts_on__lte=today,
    )  # fmt: skip
    return {each.id: each for each in found if each.person_id != report.person_id}


def _still_leads(referrer: UUID, report: Report) -> bool:
    managed = led_by(referrer).get(engagement_of(report))
    return managed is not None and managed.how is not How.TREE


def engagement_of(report: Report) -> UUID:
    """The engagement that the case is about; else the person's newest with the case's employer."""
    about = report.case.engagement_id
    if about is not None:
        return about
    held = Engagement.objects.filter(person_id=report.person_id, employer_id=report.employer_id)
    return held.order_by("-starts_on", "-id").values_list("id", flat=True)[0]
