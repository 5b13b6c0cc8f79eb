"""Somebody lost the device with their second proof and has no recovery codes: their service takes the proof away.

They set up a new one when they next sign in. Every session of theirs ends at once, since a finder may have one.
"""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator

from openoh.foundation.access.holders import holders
from openoh.foundation.access.permissions import require
from openoh.foundation.accounts.models import User
from openoh.foundation.audit.actions import action
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.core.scope import as_sign_in

SHORTEST = 10


@action("second-proof.removed")
def remove_second_proof(*, by: Actor, user: UUID, made_sure: str) -> User:
    """Take the second proof of a colleague away. `made_sure` says how the actor knows that it is them.

    Raises NotAllowed for one's own account, User.DoesNotExist for an account that works elsewhere, Invalid.
    """
    require(by, "service.run")
    if user == by.user:
        raise NotAllowed(
            "You cannot remove your own second proof here. Ask a colleague, or use a recovery code."
        )
    if len(made_sure.strip()) < SHORTEST:
        raise Invalid("Say how you made sure that it is them.", field="made_sure")
    locked = User.objects.select_for_update().get(pk=user, pk__in=holders(by).values("user_id"))
    # Sessions are tied to this value, so all of them end. Nobody signs in with it.
    locked.set_unusable_password()
    locked.save(update_fields=["password"])
    with as_sign_in():
        Authenticator.objects.filter(user_id=user).delete()
    locked.audit_details = {"made sure": made_sure.strip()[:200]}  # type: ignore[attr-defined]  # the audit reads it
    return locked
