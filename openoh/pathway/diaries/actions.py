"""Making times by a pattern, and taking a stretch of them back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.pathway.clinics.access import colleague, slots_visible_to
from openoh.pathway.clinics.actions import new_slots
from openoh.pathway.clinics.models import Slot
from openoh.pathway.clinics.rules import choices
from openoh.pathway.diaries.queries import Proposal, propose, to_take_back, with_held
from openoh.pathway.diaries.rules import Pattern, Times

AT_ONCE = 200  # rows of one statement


@dataclass(frozen=True)
class Made:
    """The times that a pattern made, and those that it could not make because the clinician has others then."""

    pk: UUID
    provider_id: UUID
    proposal: Proposal = field(repr=False)
    slots: list[Slot] = field(repr=False)
    clashing: list[Times] = field(repr=False)

    @property
    def audit_details(self) -> dict[str, object]:
        pattern = self.proposal.pattern
        return {
            "slots": len(self.slots), "clashing": len(self.clashing), "service": self.proposal.service.code,
            "first": pattern.first.isoformat(), "last": pattern.last.isoformat(),
        }  # fmt: skip


@dataclass(frozen=True)
class TakenBack:
    """A stretch that was taken back: how many times, and how many of them somebody holds."""

    pk: UUID
    provider_id: UUID
    slots: int
    held: int

    @property
    def audit_details(self) -> dict[str, object]:
        return {"slots": self.slots, "held": self.held}


@action("slots.made")
def make_times(
    *, by: Actor, clinician_id: UUID, service: str, pattern: Pattern, mode: str, place: str = ""
) -> Made:
    """Make every time of a pattern that does not clash, and tell those that do.

    Of two who make overlapping times at once, the database lets the first of each two through. Raises Invalid for a
    pattern that makes no sense, Conflict when nothing could be made.
    """
    proposal = propose(by, clinician=clinician_id, service=service, pattern=pattern)
    if mode not in choices("modes"):
        raise Invalid("Choose how people are seen.", field="mode")
    if mode == "in-person" and not place.strip():
        raise Invalid("Say where people come to.", field="place")
    if not proposal.plan.times:
        raise Invalid("No time is left on these days: they are bank holidays, or over.", field="last")
    clinician = proposal.clinician
    wanted = new_slots(clinician, service, proposal.parted.free, mode=mode, place=place.strip())
    Slot.objects.bulk_create(wanted, batch_size=AT_ONCE, ignore_conflicts=True)
    kept = set(slots_visible_to(by).filter(pk__in=[each.pk for each in wanted]).values_list("pk", flat=True))
    made = [each for each in wanted if each.pk in kept]
    if not made:
        raise Conflict(f"No time was made: {clinician.name} has other times at every one of them.")
    lost = [(each.starts_at, each.ends_at) for each in wanted if each.pk not in kept]
    clashing = sorted(proposal.parted.clashing + lost)
    return Made(clinician.pk, clinician.provider_id, proposal, made, clashing)


@action("slots.withdrawn")
def take_back(*, by: Actor, clinician_id: UUID, first: date, last: date) -> TakenBack:
    """Take back every time of a clinician that is still to come on these days, held or not.

    Nobody books them any more. Who holds one keeps it until somebody moves or cancels it: `queries.to_move`.
    """
    require(by, "diary.run")
    clinician = colleague(by, clinician_id)
    to_come = to_take_back(by, clinician.pk, first, last)
    # Locked before they are read as held, so that somebody who is booking one is seen once their booking is kept.
    locked = list(to_come.select_for_update().order_by("starts_at").values_list("pk", flat=True))
    if not locked:
        raise Conflict(f"{clinician.name} has no times on these days.")
    slots = slots_visible_to(by).filter(pk__in=locked)
    held = with_held(slots).filter(held=True).count()
    slots.update(withdrawn=True)
    return TakenBack(clinician.pk, clinician.provider_id, len(locked), held)
