"""The campaigns of an employer for HR, and the one that a person is shown."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.composed import composed
from openoh.population.campaigns.access import own_dismissals, visible_to
from openoh.population.campaigns.models import Campaign

LIMIT = 50


def campaigns_of(actor: Actor) -> list[Campaign]:
    """Everything that HR wrote, what begins last first."""
    return list(visible_to(actor).order_by("-starts_on", "-id")[:LIMIT])


def card_for(actor: Actor) -> Campaign | None:
    """The one campaign that the person is shown today: of those that they did not close, the newest."""
    return _newest.first(actor, clock.today())


@composed
def _newest(actor: Actor, today: date) -> QuerySet[Campaign]:
    closed = own_dismissals(actor).filter(campaign=OuterRef("pk"))
    running = visible_to(actor).filter(~Exists(closed), starts_on__lte=today, ends_on__gte=today)
    return running.select_related("employer").order_by("-starts_on", "-id")[:1]
