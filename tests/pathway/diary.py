"""Diaries and requests that several tests begin from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from openoh.foundation.core import clock
from openoh.foundation.core.scope import within
from openoh.pathway.clinics.actions import make_slots
from openoh.pathway.requests.actions import save, start

# A Wednesday in winter, so that local time is UTC; the service itself answers risks from 8 to 18.
WEDNESDAY = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)
SAFE = {
    "safe-now": "yes", "needs": ["back"], "effects": ["some-tasks"], "reach-by": "telephone",
}  # fmt: skip


def session(world, *, clinician="pat", service="physiotherapy", days=1, hours=2, minutes=60, **more):
    """Free slots of a clinician, from the same hour `days` from now."""
    begin = clock.now() + timedelta(days=days)
    return make_slots(
        by=world.as_nurse, clinician_id=world.clinicians[clinician].id, service=service, start=begin,
        end=begin + timedelta(hours=hours), minutes=minutes, **more,
    ).slots  # fmt: skip


def request_of(actor, **answers):
    """A request with the needs assessment filled in, not sent yet."""
    request = start(by=actor, service=answers.pop("service", ""))
    return save(by=actor, request_id=request.id, answers={**SAFE, **answers})


def read(actor, row):
    """The row as it is kept now."""
    with within(actor.scope):
        return type(row).objects.get(pk=row.pk)
