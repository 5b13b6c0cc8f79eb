"""Who may see contracts and cover, and who may declare cover: those who run the service."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.organisations.models import Contract, RiskCover


def contracts_visible_to(actor: Actor) -> QuerySet[Contract]:
    """The contracts of the actor's service."""
    return Contract.objects.filter(provider_id=actor.provider or NOBODY)


def cover_visible_to(actor: Actor) -> QuerySet[RiskCover]:
    """The cover that the actor's service declared."""
    return RiskCover.objects.filter(provider_id=actor.provider or NOBODY)


def may_declare_cover(actor: Actor) -> bool:
    return bool({"service.run", "*"} & actor.permissions) and actor.provider is not None
