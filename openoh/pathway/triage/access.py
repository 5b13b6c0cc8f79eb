"""Triage decisions are clinical: seen by clinicians in care of the person, made by those who may triage."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.access.own_record import of_own_care
from openoh.foundation.access.permissions import holds
from openoh.foundation.core.actors import Actor, Audience
from openoh.pathway.referrals.models import Referral
from openoh.pathway.requests.access import visible_to as requests_visible_to
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.triage.models import TriageDecision


def visible_to(actor: Actor) -> QuerySet[TriageDecision]:
    if actor.audience is Audience.PERSON:
        return TriageDecision.objects.none()
    return TriageDecision.objects.filter(of_own_care(actor))


def may_triage(actor: Actor) -> bool:
    return holds(actor, "triage.decide")


def requests_to_triage(actor: Actor) -> QuerySet[HelpRequest]:
    return requests_visible_to(actor) if may_triage(actor) else HelpRequest.objects.none()


def referrals_to_triage(actor: Actor) -> QuerySet[Referral]:
    return Referral.objects.filter(of_own_care(actor)) if may_triage(actor) else Referral.objects.none()
