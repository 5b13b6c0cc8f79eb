"""Declare who answers a risk flag, and when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import time
from uuid import UUID

from openoh.foundation.audit.actions import action
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Invalid, NotAllowed
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.organisations.access import cover_visible_to, may_declare_cover
from openoh.foundation.organisations.models import RiskCover

WEEK = frozenset(range(1, 8))


@action("cover.declared")
def declare_cover(
    *, by: Actor, kind: str, weekdays: Collection[int], starts_at: time, ends_at: time, name: str,
    telephone: str = "", cover: UUID | None = None,
) -> RiskCover:  # fmt: skip
    """Say who answers on these days (ISO numbers 1-7) between these times; `cover` changes an earlier declaration.

    Somebody who answers has a telephone number. Raises Invalid with what to change.
    """
    if not may_declare_cover(by):
        raise NotAllowed("Only those who run the service may declare who answers a risk.")
    _check(kind, weekdays, starts_at, ends_at, name.strip(), telephone.strip())
    declared = (
        cover_visible_to(by).select_for_update().get(pk=cover)
        if cover
        else RiskCover(provider_id=by.provider or NOBODY)
    )
    declared.kind, declared.weekdays = kind, sorted(set(weekdays))
    declared.starts_at, declared.ends_at = starts_at, ends_at
    declared.name, declared.telephone = name.strip(), telephone.strip()
    declared.save()
    return declared


def _check(
    kind: str, weekdays: Collection[int], starts_at: time, ends_at: time, name: str, telephone: str
) -> None:
    if kind not in RiskCover.Kind.values:
        raise Invalid("Choose who answers.", field="kind")
    if not weekdays or not set(weekdays) <= WEEK:
        raise Invalid("Choose at least one day of the week.", field="weekdays")
    if starts_at >= ends_at:
        raise Invalid(
            "The end must be later than the start. Declare a night as two stretches.", field="ends_at"
        )
    if not name or len(name) > 200:
        raise Invalid("Enter who answers, in at most 200 letters.", field="name")
    if kind != RiskCover.Kind.NOBODY and not telephone:
        raise Invalid("Enter the telephone number on which they answer.", field="telephone")
    if len(telephone) > 40:
        raise Invalid("Enter a telephone number of at most 40 characters.", field="telephone")
