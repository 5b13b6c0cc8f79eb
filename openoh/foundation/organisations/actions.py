"""Declare who answers a risk flag and when, agree contracts, confirm content."""

from __future__ import annotations

from collections.abc import Collection
from datetime import time
from uuid import UUID

from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock, facts, inventory
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.organisations.access import (
    confirmations_visible_to,
    cover_visible_to,
    may_confirm_content,
    may_declare_cover,
)
from openoh.foundation.organisations.models import ContentConfirmation, RiskCover

WEEK = frozenset(range(1, 8))
GROUND = 300


@action("cover.declared")
def declare_cover(
    *, by: Actor, kind: str, weekdays: Collection[int], starts_at: time, ends_at: time, name: str,
    telephone: str = "", cover: UUID | None = None, employer: UUID | None = None,
) -> RiskCover:  # fmt: skip
    """Say who answers on these days (ISO numbers 1-7) between these times; `cover` changes an earlier declaration.

    With an `employer` it is for that employer's people alone, and what is declared for all employers counts for them
    no more. Somebody who answers has a telephone number. Raises Invalid with what to change.
    """
    if not may_declare_cover(by):
        raise NotAllowed("Only those who run the service may declare who answers a risk.")
    if employer is not None and employer not in by.employers:
        raise Invalid("Choose an employer that you serve today, or all employers.", field="employer")
    _check(kind, weekdays, starts_at, ends_at, name.strip(), telephone.strip())
    declared = (
        cover_visible_to(by).select_for_update().get(pk=cover)
        if cover
        else RiskCover(provider_id=by.provider or NOBODY)
    )
    declared.employer_id, declared.kind, declared.weekdays = employer, kind, sorted(set(weekdays))
    declared.starts_at, declared.ends_at = starts_at, ends_at
    declared.name, declared.telephone = name.strip(), telephone.strip()
    declared.save()
    _tell_of_cover(declared)
    return declared


@action("cover.ended")
def end_cover(*, by: Actor, cover: UUID) -> RiskCover:
    """Let a declaration count no more, at once. Whoever leads the care is told of hours that nobody answers then."""
    if not may_declare_cover(by):
        raise NotAllowed("Only those who run the service may end who answers a risk.")
    ended = cover_visible_to(by).select_for_update().get(pk=cover)
    ended.ended_at = clock.now()
    ended.save(update_fields=["ended_at"])
    _tell_of_cover(ended)
    return ended


def _tell_of_cover(cover: RiskCover) -> None:
    facts.append("cover.changed", cover.pk, provider=cover.provider_id)


@action("content.confirmed")
def confirm_content(*, by: Actor, slug: str, version: str, ground: str) -> ContentConfirmation:
    """Say that the unsure values of a content file are right for the actor's service, and how one knows.

    `version` is the one that was read. Raises Invalid, and Conflict when it changed or somebody confirmed it first.
    """
    if not may_confirm_content(by) or by.user is None or by.provider is None:
        raise NotAllowed("Only a service manager or the clinical lead may confirm what their service uses.")
    file = inventory.file_of(slug)
    if file is None or not file.unsure:
        raise Invalid("There is nothing to confirm in this file.")
    if file.version != version:
        raise Conflict("The file has changed since you opened the page. Read it again.")
    if not ground.strip() or len(ground.strip()) > GROUND:
        raise Invalid(f"Write how you know, in at most {GROUND} letters.", field="ground")
    if confirmations_visible_to(by).filter(key=file.key, version=version).exists():
        raise Conflict("A colleague has confirmed this meanwhile.")
    return ContentConfirmation.objects.create(
        provider_id=by.provider, key=file.key, version=version, ground=ground.strip(), confirmed_by=by.user,
        confirmed_by_name=by.name,
    )  # fmt: skip


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
