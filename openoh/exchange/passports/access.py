"""Shares of one's own passport; nobody else sees them."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.exchange.passports.models import PassportShare
from openoh.foundation.core.actors import Actor, Audience


def visible_to(actor: Actor) -> QuerySet[PassportShare]:
    if actor.audience is Audience.PERSON and actor.person:
        return PassportShare.objects.filter(person_id=actor.person)
    return PassportShare.objects.none()
