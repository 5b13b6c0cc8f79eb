"""Messages about what earlier packages did: a stand-in for a line manager, an emergency opening, a role given."""

from __future__ import annotations

from datetime import date

from openoh.foundation.access.models import BreakGlass, RoleAssignment
from openoh.foundation.access.queries import accounts_at, accounts_with
from openoh.foundation.accounts.models import NO_MAILBOX
from openoh.foundation.core import facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.models import Fact
from openoh.foundation.notifications.actions import draft, queue
from openoh.foundation.notifications.rules import day_in_words
from openoh.foundation.people.models import Engagement

AT_AN_EMPLOYER = frozenset({"hr", "board"})


def register() -> None:
    facts.register("notifications: stand-in", ["delegation.made"], tell_of_stand_in)
    facts.register("notifications: emergency opening", ["glass.broken"], tell_of_emergency_opening)
    facts.register("notifications: role", ["role.assigned"], tell_of_role)
    facts.register("notifications: colleague", ["role.assigned"], tell_employer_of_role)


def tell_of_stand_in(fact: Fact, by: Actor) -> None:
    """Tell the person; at work when occupational health does not know them."""
    engagement = Engagement.objects.get(pk=str(fact.data["engagement"]))
    message = draft(
        template="stand-in-named", employer_id=fact.employer_id, provider_id=fact.provider_id,
        person_id=fact.person_id, engagement_id=None if fact.person_id else engagement.id,
        reference=f"stand-in-{fact.id}",
        values={
            "given_name": engagement.given_name, "link": "/confidentiality",
            "day": day_in_words(date.fromisoformat(str(fact.data["from"]))),
            "last_day": day_in_words(date.fromisoformat(str(fact.data["to"]))),
        },
    )  # fmt: skip
    queue(by=by, message=message)


def tell_of_emergency_opening(fact: Fact, by: Actor) -> None:
    """Tell those who review openings, but never the one who opened: somebody else must look."""
    opened = BreakGlass.objects.get(pk=fact.subject)
    for user in accounts_with("glass.review", opened.provider_id):
        if user.pk != opened.user_id:
            message = draft(
                template="look-today", user_id=user.pk, provider_id=opened.provider_id,
                reference=f"opening-{opened.id.hex}-{user.pk.hex}",
                values={"given_name": user.name.partition(" ")[0], "link": "/"},
            )  # fmt: skip
            queue(by=by, message=message)


def tell_of_role(fact: Fact, by: Actor) -> None:
    """Tell somebody who was given a role where to sign in. A program reads no mail."""
    assigned = RoleAssignment.objects.select_related("user").get(pk=fact.subject)
    user = assigned.user
    if user.email.endswith(f"@{NO_MAILBOX}"):
        return
    message = draft(
        template="access-given", user_id=user.pk, employer_id=fact.employer_id, provider_id=fact.provider_id,
        reference=f"role-{assigned.pk.hex}",
        values={
            "given_name": user.name.partition(" ")[0], "day": day_in_words(assigned.starts_on), "link": "/sign-in",
        },
    )  # fmt: skip
    queue(by=by, message=message)


def tell_employer_of_role(fact: Fact, by: Actor) -> None:
    """A service let somebody in at an employer: those who supply its data already are told, since it is theirs."""
    assigned = RoleAssignment.objects.select_related("user").get(pk=fact.subject)
    if assigned.role not in AT_AN_EMPLOYER or assigned.employer_id is None:
        return
    for user in accounts_at(assigned.employer_id, "feed.run"):
        if user.pk != assigned.user_id and not user.email.endswith(f"@{NO_MAILBOX}"):
            message = draft(
                template="colleague-let-in", user_id=user.pk, employer_id=assigned.employer_id,
                provider_id=fact.provider_id, reference=f"let-in-{assigned.pk.hex}-{user.pk.hex}",
                values={
                    "given_name": user.name.partition(" ")[0], "name": assigned.user.name,
                    "day": day_in_words(assigned.starts_on),
                },
            )  # fmt: skip
            queue(by=by, message=message)
