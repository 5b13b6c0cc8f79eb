"""The way in for a link, before any scope exists: this module is the one door, and shows only what is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from openoh.exchange.passports import rules
from openoh.exchange.passports.models import PassportOpening, PassportShare
from openoh.foundation.access.limits import Limit
from openoh.foundation.access.roles import role
from openoh.foundation.audit.actions import record, record_reading
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience, Scope, system_actor
from openoh.foundation.core.errors import Invalid
from openoh.foundation.core.scope import within
from openoh.pathway.adjustments.queries import PassportEntry, passport

LONGEST = 80


@dataclass(frozen=True)
class SharedPassport:
    """What somebody with the link reads: whose it is, on which day, until when the link opens, and the changes."""

    name: str
    on: date
    ends_at: datetime
    entries: list[PassportEntry]


def is_open(code: str) -> bool:
    """Whether the link opens now; tells nothing else about it."""
    with within(Scope(Audience.WORKER)):
        return _found(code) is not None


def open_shared(code: str, opened_by: str) -> SharedPassport | None:
    """The passport behind a link, and the note that `opened_by` read it, in one transaction; None when it is over.

    Raises Invalid when nobody says who they are.
    """
    name = opened_by.strip()
    if not name or len(name) > LONGEST:
        raise Invalid(f"Say who you are, in at most {LONGEST} letters.", field="opened_by")
    with within(Scope(Audience.WORKER)):
        share = _found(code)
        if share is None:
            return None
        PassportOpening.objects.create(share=share, person_id=share.person_id, opened_by=name)
        reader = system_actor(
            f"{name}, by a link of yours", employers=(share.employer_id,), provider=share.provider_id
        )
        record(by=reader, verb="passport.opened", target=share)
        record_reading(by=reader, page="shared passport", people=[share.person_id])
        person = share.person
        with within(_as_person(share).scope):
            entries = passport(_as_person(share))
        return SharedPassport(
            f"{person.known_as or person.given_name} {person.family_name}",
            clock.today(),
            share.ends_at,
            entries,
        )


def too_many_tries(address: str) -> bool:
    """Whether somebody at this network address has tried too many links that do not open."""
    return _tries().reached(_of(address))


def note_try(address: str) -> None:
    """Count one link that did not open."""
    _tries().note(_of(address))


def _tries() -> Limit:
    sharing = rules.sharing()
    return Limit("passports", cast(int, sharing["tries_allowed"]), cast(int, sharing["tries_within_seconds"]))


def _of(address: str) -> str:
    return rules.digest(address).hex()


def _found(code: str) -> PassportShare | None:
    held = PassportShare.objects.select_related("person").filter(code_digest=rules.digest(code)).first()
    if held and rules.is_open(ends_at=held.ends_at, revoked_at=held.revoked_at, now=clock.now()):
        return held
    return None


def _as_person(share: PassportShare) -> Actor:
    """The person's own eyes, and nothing wider: what they cannot see, no link of theirs shows."""
    scope = Scope(
        Audience.PERSON, employers=(share.employer_id,), provider=share.provider_id, person=share.person_id
    )
    return Actor(
        name="shared passport",
        role="employee",
        scope=scope,
        permissions=frozenset(role("employee").permissions),
    )
