"""What a manager sees of a referral: filled in already, and how far it has got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from django.db.models import QuerySet

from openoh.foundation.core.actors import Actor
from openoh.foundation.core.clock import UK
from openoh.foundation.core.composed import composed
from openoh.foundation.core.content import load
from openoh.foundation.people.models import Engagement
from openoh.pathway.referrals.access import may_refer, visible_to
from openoh.pathway.referrals.models import Referral
from openoh.pathway.referrals.rules import Absence, Answers, progress_words


@dataclass(frozen=True)
class Prefilled:
    """What is known before the manager writes: the post, and what the last referral said that may still hold."""

    person_id: UUID | None
    name: str
    title: str
    staff_group: str
    weekly_hours: float | None
    shifts: str
    site: str
    started_on: date
    demands: tuple[str, ...]
    earlier: tuple[tuple[date, str], ...]


@dataclass(frozen=True)
class Progress:
    """One line of the way: neutral words and a day. `current` is the last."""

    words: str
    on: date
    current: bool


def prefilled(actor: Actor, engagement: UUID) -> Prefilled:
    """Raises DoesNotExist for somebody whom the actor may not refer."""
    if not may_refer(actor, engagement):
        raise Engagement.DoesNotExist("Nobody of your people.")
    post = Engagement.objects.select_related("site").get(pk=engagement)
    most = cast(int, load(__package__ or "openoh.pathway.referrals", "form")["earlier_referrals"])
    earlier = list(
        visible_to(actor).filter(engagement=post, sent_at__isnull=False).order_by("-made_at")[:most]
    )
    return Prefilled(
        person_id=post.person_id, name=str(post), title=post.title, staff_group=post.staff_group,
        weekly_hours=float(post.weekly_hours) if post.weekly_hours is not None else None, shifts=post.shifts,
        site=post.site.name if post.site else "", started_on=post.starts_on,
        demands=tuple(earlier[0].demands) if earlier else (),
        earlier=tuple((each.made_at.astimezone(UK).date(), progress_words(each.state)) for each in earlier),
    )  # fmt: skip


@composed
def referrals_about(actor: Actor) -> QuerySet[Referral]:
    """Every referral that the actor may see: for a person, those about them that were sent."""
    return visible_to(actor)


def made_by(actor: Actor) -> QuerySet[Referral]:
    """The referrals that the manager made, with whom they are about and who looks after them, newest first."""
    return visible_to(actor).select_related("engagement", "provider").order_by("-made_at", "-id")


@composed
def newest_made_by(actor: Actor, *, before: UUID | None = None, limit: int = 20) -> QuerySet[Referral]:
    """A page of them, behind the referral `before`; identifiers sort by the time they were made."""
    found = made_by(actor).order_by("-id")
    return (found.filter(pk__lt=before) if before else found)[:limit]


@composed
def to_act_on(actor: Actor) -> QuerySet[Referral]:
    """Those that wait for the manager: being written, or returned; the longest waiting first."""
    return made_by(actor).filter(state__in=["draft", "returned"]).order_by("made_at", "id")


def absences_from(today: date) -> date:
    """The first day from which absences are filled in for the manager."""
    days = cast(int, load(__package__ or "openoh.pathway.referrals", "form")["absence_days"])
    return today - timedelta(days=days)


def answers_of(referral: Referral) -> Answers:
    """The manager's answers as the rules want them."""
    return Answers(
        reasons=referral.reasons, demands=referral.demands, questions=referral.questions,
        own_questions=referral.own_questions, tried=referral.tried, background=referral.background,
        absent_since=referral.absent_since, absences=[_absence(pair) for pair in referral.absences],
        hearing_on=referral.hearing_on, formal_stage=referral.formal_stage, urgency=referral.urgency,
        urgency_reason=referral.urgency_reason, shown_on=referral.shown_on, person_agrees=referral.person_agrees,
    )  # fmt: skip


def progress(actor: Actor, referral: UUID) -> list[Progress]:
    """The way so far, one line for each change that the manager can tell apart."""
    found = visible_to(actor).get(pk=referral)
    lines: list[tuple[str, date]] = []
    for state, at in found.steps.order_by("at", "id").values_list("state", "at"):
        words = progress_words(state)
        if not lines or lines[-1][0] != words:
            lines.append((words, at.astimezone(UK).date()))
    return [Progress(words, on, number == len(lines)) for number, (words, on) in enumerate(lines, start=1)]


def _absence(pair: list[str | None]) -> Absence:
    first, last = pair
    return Absence(date.fromisoformat(cast(str, first)), date.fromisoformat(last) if last else None)
