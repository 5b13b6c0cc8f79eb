"""Share one's own passport by a link, and take the link back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from openoh.exchange.passports import rules
from openoh.exchange.passports.access import visible_to
from openoh.exchange.passports.models import PassportShare
from openoh.foundation.access.checks import provider_of
from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor, Audience
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.models import Record

LONGEST = 80
CODE_BYTES = 16


@dataclass(frozen=True)
class Shared:
    """A share with its code, which is told once and kept nowhere."""

    share: PassportShare
    code: str = field(repr=False)

    @property
    def pk(self) -> UUID:
        return self.share.pk

    @property
    def person_id(self) -> UUID:
        return self.share.person_id


@action("passport.shared")
def share(*, by: Actor, for_whom: str, days: int) -> Shared:
    """Make a link that shows the person's adjustments in force, for `days` days."""
    require(by, "own.record")
    if by.audience is not Audience.PERSON or by.person is None or not by.employers:
        raise NotAllowed("Only you can share your passport.")
    name = for_whom.strip()
    if not name or len(name) > LONGEST:
        raise Invalid(f"Say whom it is for, in at most {LONGEST} letters.", field="for_whom")
    if days not in rules.lengths():
        raise Invalid("Choose how long it can be opened.", field="days")
    code = secrets.token_urlsafe(CODE_BYTES)
    made = PassportShare(
        person_id=by.person, employer_id=by.employers[0], provider_id=provider_of(by),
        code_digest=rules.digest(code), for_whom=name, ends_at=clock.now() + timedelta(days=days),
    )  # fmt: skip
    made.save(force_insert=True)
    return Shared(made, code)


@action("passport.share-revoked")
def revoke(*, by: Actor, share_id: UUID) -> Record:
    """From this moment nobody can open the link. Raises Conflict when it was over already."""
    require(by, "own.record")
    found = visible_to(by).select_for_update().get(pk=share_id)
    if not rules.is_open(ends_at=found.ends_at, revoked_at=found.revoked_at, now=clock.now()):
        raise Conflict("This link is over already.")
    found.revoked_at = clock.now()
    found.save(update_fields=["revoked_at"])
    return found
