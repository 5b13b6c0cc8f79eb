"""A risk is told to those who may answer it now, and hours without cover to those who lead the care.

The words say only that something waits.
"""

from __future__ import annotations

from collections.abc import Iterator

from openoh.foundation.access.queries import accounts_with, grants_of
from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.models import Fact
from openoh.foundation.notifications.actions import draft, queue
from openoh.pathway.risk.access import may_handle, visible_to
from openoh.pathway.risk.models import RiskFlag
from openoh.pathway.risk.queries import declared_cover, leaves_hours_without_cover
from openoh.pathway.risk.rules import cover_at

TEMPLATE = "task-urgent"
TEMPLATE_OF_LEADS = "look-today"
OF_THE_SERVICE = "service"


def register() -> None:
    facts.register("risk: call for help", ["risk.raised", "risk.escalated"], call_for_help)
    facts.register("risk: hours without cover", ["cover.changed"], tell_of_hours_without_cover)


def call_for_help(fact: Fact, by: Actor) -> None:
    """Write to the clinicians who may open the flag, and to the cover that counts for the
    person's employer at this hour, by its telephone.

    Nothing when the flag was closed meanwhile. A flag that was raised and escalated calls twice.
    """
    flag = RiskFlag.objects.get(pk=fact.subject)
    if flag.state == "closed":
        return
    for user in _clinicians(flag):
        message = draft(
            template=TEMPLATE, user_id=user.pk, provider_id=flag.provider_id,
            reference=f"risk-{fact.id.hex}-{user.pk.hex}", values=_values(user.name.partition(" ")[0]),
        )  # fmt: skip
        queue(by=by, message=message)
    covers = declared_cover(flag.provider_id, flag.employer_id)
    cover = cover_at(covers, clock.now()) if covers else None
    if cover and cover.id and cover.telephone and cover.kind != OF_THE_SERVICE:
        message = draft(
            template=TEMPLATE, cover_id=cover.id, provider_id=flag.provider_id, channel="sms",
            reference=f"risk-{fact.id.hex}-cover", values=_values(cover.name),
        )  # fmt: skip
        queue(by=by, message=message)


def tell_of_hours_without_cover(fact: Fact, by: Actor) -> None:
    """Tell those who lead the care that the cover changed and leaves hours in which nobody answers."""
    if fact.provider_id is None or not leaves_hours_without_cover(fact.provider_id):
        return
    for user in accounts_with("quality.lead", fact.provider_id):
        message = draft(
            template=TEMPLATE_OF_LEADS, user_id=user.pk, provider_id=fact.provider_id,
            reference=f"cover-{fact.id.hex}-{user.pk.hex}", values=_values(user.name.partition(" ")[0]),
        )  # fmt: skip
        queue(by=by, message=message)


def _clinicians(flag: RiskFlag) -> Iterator[User]:
    """Those who handle risks, without colleagues to whom this person's record is closed."""
    for user in accounts_with("risk.handle", flag.provider_id):
        actors = (grant.actor for grant in grants_of(user.pk, user.name))
        if any(may_handle(actor) and visible_to(actor).filter(pk=flag.pk).exists() for actor in actors):
            yield user


def _values(name: str) -> dict[str, object]:
    """The first page leads each to their own work; the address of that would already say what the message is about."""
    return {"given_name": name, "link": "/"}
