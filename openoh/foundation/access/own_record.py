"""Staff of an occupational health service are patients too: who may not open whose record.

Nobody in a service opens their own record there, a colleague's of the same service, or that of somebody whom they
declared as family or friend. Emergency access opens the last two for its time, and never one's own.

The same rule as `closed.people_closed_to`, as a condition inside the query: lists need no query of their own for it.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from openoh.foundation.access.closed import SERVICE_ROLES
from openoh.foundation.access.models import BreakGlass, DeclaredRelation, RoleAssignment
from openoh.foundation.access.permissions import holds
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience

STAFF_AUDIENCES = (Audience.CLINICAL, Audience.SERVICE)


def outside_own_circle(actor: Actor, person: str = "person_id") -> Q:
    """Rows whose person `actor` may open as a member of staff; every row for actors who are not staff.

    `person` is the field of the filtered model that holds the person's identifier. Must run inside the actor's
    scope. Correlated, so that a page of twenty rows costs twenty index look-ups however many people there are.
    """
    if actor.audience not in STAFF_AUDIENCES:
        return Q()
    colleague = Exists(_colleague(actor, person)) | Exists(_declared(actor, person))
    opened = Exists(_opened_in_an_emergency(actor, person))
    return Q(~Exists(_oneself(actor, person))) & (Q(~colleague) | Q(opened))


def of_own_care(actor: Actor, *, person: str = "person_id", employer: str = "employer_id") -> Q:
    """Rows of a clinical table that `actor` may see: the person's own, or those of a clinician's provider.

    A clinician sees the employers that the provider serves, outside their own circle. A part of the system sees
    its provider's rows, or every row when it works for none in particular. Everybody else sees nothing.
    """
    if actor.audience is Audience.PERSON:
        return Q(**{person: actor.person})
    if actor.audience is Audience.CLINICAL and holds(actor, "record.clinical"):
        served = Q(**{"provider_id": actor.provider, f"{employer}__in": actor.employers})
        return served & outside_own_circle(actor, person)
    if actor.audience is Audience.WORKER:
        return Q(provider_id=actor.provider) if actor.provider else Q()
    return Q(pk__in=[])


def _accounts_of(person: str) -> QuerySet[RoleAssignment]:
    """Assignments that make somebody's account the account of this person."""
    return RoleAssignment.objects.filter(person=OuterRef(person))


def _oneself(actor: Actor, person: str) -> QuerySet[RoleAssignment]:
    return _accounts_of(person).filter(user=actor.user)


def _colleague(actor: Actor, person: str) -> QuerySet[RoleAssignment]:
    today = clock.today()
    staff = RoleAssignment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today),
        user=OuterRef("user"), provider=actor.provider, role__in=SERVICE_ROLES, starts_on__lte=today,
    )  # fmt: skip
    return _accounts_of(person).filter(Exists(staff))


def _declared(actor: Actor, person: str) -> QuerySet[DeclaredRelation]:
    return DeclaredRelation.objects.filter(user=actor.user, person=OuterRef(person))


def _opened_in_an_emergency(actor: Actor, person: str) -> QuerySet[BreakGlass]:
    now = clock.now()
    return BreakGlass.objects.filter(
        user=actor.user, provider=actor.provider, person=OuterRef(person), from_at__lte=now, until_at__gt=now
    )
