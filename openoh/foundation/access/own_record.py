"""Staff of an occupational health service are patients too: who may not open whose record.

Nobody in a service opens their own record there, a colleague's of the same service, or that of somebody whom they
declared as family or friend. Emergency access opens the last two for its time, and never one's own.

The rule is one condition inside the query: lists need no query of their own for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, F, Func, Q, QuerySet

from openoh.foundation.access.checks import provider_of
from openoh.foundation.access.models import BreakGlass, RoleAssignment
from openoh.foundation.access.permissions import holds
from openoh.foundation.access.roles import ROLES
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.composed import composed
from openoh.foundation.people.models import Person

STAFF_AUDIENCES = (Audience.CLINICAL, Audience.SERVICE)
SERVICE_ROLES = [name for name, role in ROLES.items() if role.audience in STAFF_AUDIENCES]

# Written as SQL, because it stands in nearly every query of the clinic: building it from six query sets each time
# costs more than the database takes to answer.
OUTSIDE = """(
  NOT EXISTS (SELECT 1 FROM access_roleassignment own WHERE own.person_id = {person} AND own.user_id = %s)
  AND (
    NOT EXISTS (
      SELECT 1 FROM access_roleassignment theirs JOIN access_roleassignment staff ON staff.user_id = theirs.user_id
      WHERE theirs.person_id = {person} AND staff.provider_id = %s AND staff.role = ANY (%s)
        AND staff.starts_on <= %s AND (staff.ends_on IS NULL OR staff.ends_on >= %s))
    AND NOT EXISTS (
      SELECT 1 FROM access_declaredrelation declared WHERE declared.person_id = {person} AND declared.user_id = %s)
    OR EXISTS (
      SELECT 1 FROM access_breakglass opened WHERE opened.person_id = {person} AND opened.user_id = %s
        AND opened.provider_id = %s AND opened.from_at <= %s AND opened.until_at > %s)))"""


class _OutsideOwnCircle(Func):
    """Whether the person that the one source expression names is outside the circle of `actor`, as of now."""

    arity = 1
    output_field = BooleanField()

    def __init__(self, person: F, *, actor: Actor) -> None:
        super().__init__(person)
        today, now, user, provider = clock.today(), clock.now(), actor.user, actor.provider
        self.bound = (user, provider, SERVICE_ROLES, today, today, user, user, provider, now, now)

    def as_sql(
        self, compiler: Any, connection: Any, function: str | None = None, template: str | None = None,
        arg_joiner: str | None = None, **extra_context: Any,
    ) -> tuple[str, Any]:  # fmt: skip
        person, parameters = compiler.compile(self.get_source_expressions()[0])
        if parameters:
            raise TypeError("The person is named by a column.")
        return OUTSIDE.format(person=person), self.bound


def outside_own_circle(actor: Actor, person: str = "person_id") -> Q:
    """Rows whose person `actor` may open as a member of staff; every row for actors who are not staff.

    `person` is the field of the filtered model that holds the person's identifier. Must run inside the actor's
    scope. Correlated, so that a page of twenty rows costs twenty index look-ups however many people there are.
    """
    if actor.audience not in STAFF_AUDIENCES:
        return Q()
    return Q(_OutsideOwnCircle(F(person), actor=actor))


@composed
def open_person(actor: Actor, person: UUID) -> QuerySet[Person]:
    """The person, when they are in the records of the actor's provider and outside the actor's own circle."""
    return Person.objects.filter(outside_own_circle(actor, "id"), provider_id=provider_of(actor), pk=person)


def people_closed_to(actor: Actor, people: Iterable[UUID]) -> set[UUID]:
    """Those of `people` whose records the actor must not open now. Must run inside the actor's scope."""
    asked = set(people)
    within_reach = Person.objects.filter(outside_own_circle(actor, "id"), pk__in=asked)
    return asked - set(within_reach.values_list("pk", flat=True))


def own_persons(actor: Actor) -> set[UUID]:
    """The persons that the actor's account is, as a patient of this provider."""
    if actor.user is None:
        return set()
    own = RoleAssignment.objects.filter(user_id=actor.user, person__isnull=False)
    return set(own.values_list("person_id", flat=True))


def emergency_reasons(actor: Actor, people: Iterable[UUID]) -> dict[UUID, str]:
    """Why the actor opened those of these records that an emergency opened to them, and that still are open."""
    asked = set(people)
    if actor.audience not in STAFF_AUDIENCES or not asked:
        return {}
    return {
        opened.person_id: opened.reason for opened in _running_openings(actor) if opened.person_id in asked
    }


@composed
def _running_openings(actor: Actor) -> QuerySet[BreakGlass]:
    now = clock.now()
    return BreakGlass.objects.filter(user=actor.user, from_at__lte=now, until_at__gt=now).order_by("from_at")


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
