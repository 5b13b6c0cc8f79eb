"""Who may see contracts, cover and confirmed content, and who may change them."""

from __future__ import annotations

from django.db.models import QuerySet

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.organisations.models import ContentConfirmation, Contract, RiskCover


def contracts_visible_to(actor: Actor) -> QuerySet[Contract]:
    """The contracts of the actor's service."""
    return Contract.objects.filter(provider_id=actor.provider or NOBODY)


def cover_visible_to(actor: Actor) -> QuerySet[RiskCover]:
    """The cover that the actor's service declared and has not ended."""
    return RiskCover.objects.filter(provider_id=actor.provider or NOBODY, ended_at=None)


def confirmations_visible_to(actor: Actor) -> QuerySet[ContentConfirmation]:
    """What the actor's service has confirmed."""
    return ContentConfirmation.objects.filter(provider_id=actor.provider or NOBODY)


def may_keep_register(actor: Actor) -> bool:
    """The installation's operator alone says which services and systems there are."""
    return "*" in actor.permissions


def may_enter_employer(actor: Actor) -> bool:
    return may_keep_register(actor) or may_agree_contracts(actor)


def may_declare_cover(actor: Actor) -> bool:
    return bool({"service.run", "*"} & actor.permissions) and actor.provider is not None


def may_agree_contracts(actor: Actor) -> bool:
    return actor.user is not None and "service.run" in actor.permissions and actor.provider is not None


def may_begin_contracts(actor: Actor) -> bool:
    return may_keep_register(actor) or may_agree_contracts(actor)


def may_confirm_content(actor: Actor) -> bool:
    """A named person who answers for the service or for its care; never a part of the system."""
    named = actor.user is not None and actor.provider is not None
    return named and bool({"service.run", "quality.lead"} & actor.permissions)
