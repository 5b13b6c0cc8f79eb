"""The diary of the service, week by week: who, when, how; single times are taken back and given back here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.pages.clinic.presenters import service_words
from openoh.pages.clinic.refusals import Refusal, refusals
from openoh.pages.gate import Request, page, show
from openoh.pages.jinja import moment
from openoh.pages.render import render
from openoh.pages.submission import identifier
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.clinics.models import Clinician
from openoh.pathway.clinics.queries import clinicians
from openoh.pathway.clinics.rules import choices
from openoh.pathway.clinics.states import APPOINTMENT
from openoh.pathway.diaries.queries import DayOfDiary, WithoutTimes, week, without_times
from openoh.pathway.diaries.rules import local_day

EVERYBODY, WEEK = "everybody", timedelta(weeks=1)
WORKDAYS = 5


@dataclass(frozen=True)
class View:
    """Which part of the diary is looked at: a week by its Monday, and a clinician or everybody."""

    monday: date
    clinician: UUID | None = None
    asked: bool = False

    def of_own(self, actor: Actor, everybody: list[Clinician]) -> View:
        """Who asks for no diary sees their own when they have one, and everybody's otherwise."""
        own = next((each.pk for each in everybody if each.user_id == actor.user), None)
        return self if self.asked else View(self.monday, own, asked=True)

    def address(self, *, weeks: int = 0, clinician: UUID | None = None) -> str:
        """The same view some weeks later, or that of one clinician."""
        monday, whose = self.monday + weeks * WEEK, clinician or self.clinician
        return diary_address(monday, whose)


@dataclass(frozen=True)
class Overview:
    """A clinician's week in numbers: for each day how many times are free and how many are booked."""

    clinician: Clinician
    address: str
    days: list[tuple[date, int, int]]

    @property
    def empty(self) -> bool:
        return not any(free or held for _, free, held in self.days)


def diary_address(on: date, clinician: UUID | None = None) -> str:
    """The page of the week in which a day is, of one clinician or of everybody."""
    monday = on - timedelta(days=on.weekday())
    parts = {"week": monday.isoformat(), "clinician": str(clinician or EVERYBODY)}
    return f"{reverse('clinic:diary')}?{urlencode(parts)}"


@page("diary.run")
@require_GET
def diary(request: Request) -> HttpResponse:
    """A week of everybody or of one clinician, with who must be moved and which service has no time."""
    return _screen(request, _view(request), Refusal())


@page("diary.run")
@require_POST
def take_back_one(request: Request, slot: UUID) -> HttpResponseBase:
    """Take one free time back."""
    with refusals() as refused:
        taken = clinics.withdraw_slot(by=request.actor, slot_id=slot)
        messages.success(request, f"{moment(taken.starts_at)} is taken back. Nobody can book it.")
        return redirect(_back_to(request, local_day(taken.starts_at)))
    return _screen(request, _view(request), refused)


@page("diary.run")
@require_POST
def restore(request: Request, slot: UUID) -> HttpResponseBase:
    """Give one time back that was taken back."""
    with refusals() as refused:
        given = clinics.restore_slot(by=request.actor, slot_id=slot)
        messages.success(request, f"{moment(given.starts_at)} is in the diary again.")
        return redirect(_back_to(request, local_day(given.starts_at)))
    return _screen(request, _view(request), refused)


def _back_to(request: Request, on: date) -> str:
    return diary_address(on, _view(request).clinician)


def _view(request: Request) -> View:
    """From the address."""
    try:
        day = date.fromisoformat(request.GET.get("week", ""))
        view = View(day - timedelta(days=day.weekday()))
        view.address(weeks=1), view.address(weeks=-1)
    except (ValueError, OverflowError):
        view = View(clock.today() - timedelta(days=clock.today().weekday()))
    asked = request.GET.get("clinician", "")
    return View(view.monday, identifier(asked), asked=bool(asked))


def _screen(request: Request, view: View, refused: Refusal) -> HttpResponse:
    actor = request.actor
    everybody = clinicians(actor)
    view = view.of_own(actor, everybody)
    chosen = next((each for each in everybody if each.pk == view.clinician), None)
    if view.clinician and chosen is None:
        raise Clinician.DoesNotExist
    found = week(actor, view.monday, [each.pk for each in everybody], only=view.clinician)
    held = [entry.appointment.person_id for day in found.days for entry in day.entries if entry.appointment]
    show(request, held + [each.person_id for each in found.moving])
    shown = [day for day in found.days if day.entries or day.on.weekday() < WORKDAYS]
    return render(
        request, "clinic/diary.jinja", status=refused.status, title="Diary", errors=refused.errors, view=view,
        chosen=chosen, everybody=everybody, days=shown, overview=[] if chosen else _overview(view, everybody, shown),
        sunday=view.monday + timedelta(days=6), this_week=View(clock.today()).address(clinician=view.clinician),
        is_this_week=view.monday <= clock.today() < view.monday + WEEK, found=found,
        today=clock.today(), without=_without(actor, chosen),
        modes=choices("modes"), states=APPOINTMENT.states, service_words=service_words,
    )  # fmt: skip


def _without(actor: Actor, chosen: Clinician | None) -> list[WithoutTimes]:
    """Services that have no time; beside the diary of one clinician only those that they see people for."""
    return [each for each in without_times(actor) if chosen is None or each.service.code in chosen.services]


def _overview(view: View, everybody: list[Clinician], days: list[DayOfDiary]) -> list[Overview]:
    return [
        Overview(each, view.address(clinician=each.pk), [(day.on, *day.count(each.pk)) for day in days])
        for each in everybody
    ]
