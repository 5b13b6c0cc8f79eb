"""Delegations, emergency openings, declared relations and roles: the only writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from openoh.foundation.access import rules
from openoh.foundation.access.managing import How, people_of
from openoh.foundation.access.models import (
    BreakGlass,
    DeclaredRelation,
    DelegatedPerson,
    Delegation,
    RoleAssignment,
)
from openoh.foundation.access.own_record import own_persons
from openoh.foundation.access.permissions import require
from openoh.foundation.access.queries import open_minutes
from openoh.foundation.access.roles import EMPLOYER_ROLES, ROLES
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.staging import lock_employer
from openoh.foundation.people.models import Engagement, Person

PACKAGE = __package__ or "openoh.foundation.access"
NOBODY = UUID(int=0)


@action("delegation.made")
def delegate(
    *, by: Actor, deputy: UUID, people: Collection[UUID], starts_on: date, ends_on: date
) -> Delegation:
    """Let `deputy` stand in for the actor for these people, both days included; each is told.

    `deputy` and `people` are engagements of the actor's employer. The deputy gets no report that was released
    before. Raises Invalid with what to change.
    """
    require(by, "delegation.make")
    manager = _own_engagement(by)
    stand_in = Engagement.objects.get(pk=deputy, employer_id=manager.employer_id)
    if not (stand_in.active_on(starts_on) and stand_in.active_on(ends_on)):
        raise Invalid(f"{stand_in} does not work here on all of these days.", field="deputy")
    content = load(PACKAGE, "delegation")
    own = [managed.engagement for managed in people_of(by).values() if managed.how is not How.DELEGATED]
    decision = rules.delegation(
        manager=manager.id, deputy=deputy, people=people, managed=own, starts_on=starts_on, ends_on=ends_on,
        today=clock.today(), longest_days=cast(int, content["longest_days"]), rule_version=content.rule_version,
    )  # fmt: skip
    if not decision.allowed:
        raise Invalid(decision.reason)
    lock_employer(
        manager.employer_id, f"delegations to {deputy}"
    )  # two at once would each see none of the other
    _refuse_for_good(stand_in, people, rules.Stretch(starts_on, ends_on))
    made = Delegation.objects.create(
        employer_id=manager.employer_id, manager=manager, deputy=stand_in, starts_on=starts_on, ends_on=ends_on
    )  # fmt: skip
    DelegatedPerson.objects.bulk_create(
        DelegatedPerson(employer_id=manager.employer_id, delegation=made, engagement_id=person)
        for person in sorted(set(people), key=str)
    )
    _tell_people("delegation.made", made)
    return made


def _refuse_for_good(deputy: Engagement, people: Collection[UUID], wanted: rules.Stretch) -> None:
    """Delegations one after the other must not become for good. Raises Invalid with what can be done instead."""
    content = load(PACKAGE, "delegation")
    within_days = cast(int, content["within_days"])
    again = rules.lent_too_long(
        earlier=_lent_before(deputy, people, wanted, within_days).values(), wanted=wanted,
        longest_days=cast(int, content["longest_days"]), within_days=within_days,
    )  # fmt: skip
    if again:
        raise Invalid(
            f"{deputy} would stand in for the same people on more than {content['longest_days']} of {within_days} "
            f"days. Choose somebody else, or a first day from {again:%A} {again.day} {again:%B}. If it is to last, "
            "ask HR to say who manages them.",
            field="deputy",
        )


def _lent_before(
    deputy: Engagement, people: Collection[UUID], wanted: rules.Stretch, within_days: int
) -> dict[UUID, list[rules.Stretch]]:
    """By person, when the deputy led them or is to lead them, whoever lent them; as long as it really was."""
    near = timedelta(days=2 * within_days)
    lent = DelegatedPerson.objects.filter(
        engagement__in=people, delegation__deputy=deputy, delegation__ends_on__gt=wanted.first - near
    ).select_related("delegation")
    found: dict[UUID, list[rules.Stretch]] = defaultdict(list)
    for each in lent:
        delegation = each.delegation
        last = delegation.ends_on
        if delegation.ended_at:
            last = min(last, delegation.ended_at.astimezone(clock.UK).date())
        if last >= delegation.starts_on:
            found[each.engagement_id].append(rules.Stretch(delegation.starts_on, last))
    return found


@action("delegation.ended")
def end_delegation(*, by: Actor, delegation: UUID) -> Delegation:
    """End a delegation that the actor made, at once; the people are told."""
    require(by, "delegation.make")
    ended = Delegation.objects.select_for_update(of=("self",)).get(
        pk=delegation, manager_id=by.engagement or NOBODY
    )
    if ended.ended_at:
        raise Conflict("This has already been ended.")
    ended.ended_at = clock.now()
    ended.save(update_fields=["ended_at"])
    _tell_people("delegation.ended", ended)
    return ended


@action("glass.broken")
def break_glass(*, by: Actor, person: UUID, reason: str) -> BreakGlass:
    """Open one record in an emergency, for a short time; a lead is told, and the person can see it."""
    require(by, "glass.break")
    if by.user is None or by.provider is None:
        raise NotAllowed("Only somebody who is signed in for a provider can open a record in an emergency.")
    found = Person.objects.get(pk=person)
    content = load(PACKAGE, "break_glass")
    decision = rules.emergency_opening(
        reason=reason, own_record=found.id in own_persons(by),
        shortest_reason=cast(int, content["shortest_reason"]), rule_version=content.rule_version,
    )  # fmt: skip
    if not decision.allowed:
        raise Invalid(decision.reason, field="reason")
    now = clock.now()
    opened = BreakGlass.objects.create(
        user_id=by.user, provider_id=by.provider, person=found, actor=by.name, reason=reason.strip()[:200],
        from_at=now, until_at=now + timedelta(minutes=open_minutes()),
    )  # fmt: skip
    facts.append("glass.broken", opened.id, provider=by.provider, person=found.id)
    return opened


@action("glass.reviewed")
def review_break_glass(*, by: Actor, opening: UUID) -> BreakGlass:
    """Say that a lead has looked at an emergency opening; never the one who opened."""
    require(by, "glass.review")
    reviewed = BreakGlass.objects.select_for_update(of=("self",)).get(pk=opening)
    if reviewed.user_id == by.user:
        raise NotAllowed("Somebody else must look at a record that you opened.")
    if reviewed.reviewed_at:
        raise Conflict("Somebody has already looked at this.")
    reviewed.reviewed_by, reviewed.reviewed_at = by.user, clock.now()
    reviewed.save(update_fields=["reviewed_by", "reviewed_at"])
    return reviewed


@action("relation.declared")
def declare_relation(*, by: Actor, person: UUID) -> DeclaredRelation:
    """Say that this person is family or a friend: their record closes for the actor.

    Saying it twice is saying it once.
    """
    if by.user is None or by.provider is None:
        raise NotAllowed("Only somebody who is signed in for a provider can declare a relation.")
    found = Person.objects.get(pk=person)
    made, _ = DeclaredRelation.objects.get_or_create(
        user_id=by.user, person=found, defaults={"provider_id": by.provider}
    )
    return made


@action("role.assigned")
def assign_role(
    *, by: Actor, user: UUID, role: str, employer: UUID | None = None, provider: UUID | None = None,
    person: UUID | None = None, engagement: UUID | None = None,
    starts_on: date | None = None, ends_on: date | None = None,
) -> RoleAssignment:  # fmt: skip
    """Give an account a role, from a day to a day. Nobody gives themselves a role.

    A role for an employer's audience needs the employer, a manager's also their engagement, a role in a
    service the provider, an employee's the person. Raises Invalid.
    """
    require(by, "service.run")
    if by.user == user:
        raise NotAllowed("You cannot give yourself a role. Ask a colleague.")
    if role not in ROLES:
        raise Invalid("Choose a role from the list.", field="role")
    # A role at an employer is not tied to a service: it outlives the contract, and a second service sees it as well.
    provider = None if employer and role in EMPLOYER_ROLES else provider or by.provider
    first = starts_on or clock.today()
    _check_place(role, employer=employer, provider=provider, person=person, engagement=engagement)
    if ends_on and ends_on < first:
        raise Invalid("The last day must not be before the first day.", field="ends_on")
    if employer and by.employers and employer not in by.employers:
        raise Invalid("You have no contract with this employer.", field="employer")
    assigned = RoleAssignment.objects.create(
        user_id=user, role=role, employer_id=employer, provider_id=provider, person_id=person,
        engagement_id=engagement, starts_on=first, ends_on=ends_on,
    )  # fmt: skip
    facts.append("role.assigned", assigned.id, employer=employer, provider=provider or by.provider)
    return assigned


@action("role.ended")
def end_role(*, by: Actor, assignment: UUID, last_day: date | None = None) -> RoleAssignment:
    """Let a role end; `last_day` is the last on which it holds (default yesterday, so at once)."""
    require(by, "service.run")
    ended = RoleAssignment.objects.select_for_update(of=("self",)).get(pk=assignment)
    # A role that began today and ends at once is kept as a role of one day: what was done in it stays explained.
    ended.ends_on = max(last_day or clock.today() - timedelta(days=1), ended.starts_on)
    ended.save(update_fields=["ends_on"])
    return ended


def _own_engagement(by: Actor) -> Engagement:
    found = Engagement.objects.filter(pk=by.engagement or NOBODY).first()
    if found is None or not found.active_on(clock.today()):
        raise NotAllowed("You no longer work here, so you cannot let anybody stand in for you.")
    return found


def _tell_people(kind: str, delegation: Delegation) -> None:
    """One fact for each person, so that each is told of their own and of nobody else's."""
    concerned = DelegatedPerson.objects.filter(delegation=delegation).select_related("engagement")
    for each in concerned:
        facts.append(
            kind, delegation.id, employer=delegation.employer_id, provider=each.engagement.provider_id,
            person=each.engagement.person_id,
            data={
                "engagement": str(each.engagement_id), "deputy": str(delegation.deputy_id),
                "from": delegation.starts_on.isoformat(), "to": delegation.ends_on.isoformat(),
            },
        )  # fmt: skip


def _check_place(
    role: str, *, employer: UUID | None, provider: UUID | None, person: UUID | None, engagement: UUID | None
) -> None:
    needed = {
        Audience.EMPLOYER: ("employer", employer),
        Audience.CLINICAL: ("provider", provider),
        Audience.SERVICE: ("provider", provider),
        Audience.PERSON: ("person", person),
    }.get(ROLES[role].audience)
    if needed and needed[1] is None:
        raise Invalid(f"Say which {needed[0]} this role is for.", field=needed[0])
    if role == "manager":
        if engagement is None:
            raise Invalid("Say which post the manager holds.", field="engagement")
        if not Engagement.objects.filter(pk=engagement, employer_id=employer or NOBODY).exists():
            raise Invalid("That post is not at this employer.", field="engagement")
