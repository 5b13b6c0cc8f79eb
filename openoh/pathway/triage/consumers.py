"""What waits for triage has a clock: the service's own turn runs, the turn of the person or the manager is a pause."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import dropwhile
from uuid import UUID

from openoh.foundation.core import facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.lifecycle import Step
from openoh.foundation.core.models import Fact
from openoh.pathway.clocks.actions import follow
from openoh.pathway.clocks.rules import SERVICE, Handover
from openoh.pathway.referrals.models import Referral
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.triage.queries import CLOCK

REQUEST_FACTS = ("request.sent", "request.withdrawn", "triage.decided")
REFERRAL_FACTS = tuple(
    f"referral.{verb}" for verb in ("sent", "resent", "returned", "accepted", "rejected", "withdrawn")
)
# Whose turn each state is, and why; every other state after sending ends the wait.
TURNS = {
    "sent": (SERVICE, ""),
    "asked": ("person", "awaiting-person"),
    "returned": ("manager", "awaiting-referrer"),
}


def register() -> None:
    facts.register("triage: waiting requests", REQUEST_FACTS, follow_request)
    facts.register("triage: waiting referrals", REFERRAL_FACTS, follow_referral)


def follow_request(fact: Fact, by: Actor) -> None:
    """A time that the person booked themselves was never sent to triage, so it has no clock of triage."""
    subject = fact.data["request"] if fact.kind == "triage.decided" else fact.subject
    if subject:
        request = HelpRequest.objects.select_related("employer").get(pk=str(subject))
        _follow(request, request.steps.all(), by)


def follow_referral(fact: Fact, by: Actor) -> None:
    referral = Referral.objects.select_related("employer").get(pk=UUID(fact.subject))
    _follow(referral, referral.steps.all(), by)


def _follow(thing: HelpRequest | Referral, steps: Iterable[Step], by: Actor) -> None:
    since_sent = dropwhile(lambda step: step.state != "sent", steps)
    history = [Handover(step.at, *TURNS.get(step.state, ("", ""))) for step in since_sent]
    follow(
        by=by, kind=CLOCK, subject_id=thing.pk, employer=thing.employer, provider_id=thing.provider_id,
        person_id=thing.person_id, history=history,
    )  # fmt: skip
