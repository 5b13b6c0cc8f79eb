"""Making times by a pattern, and taking a stretch of them back: each is shown before it is done."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Actor
from openoh.pages.clinic.diary import diary_address
from openoh.pages.clinic.presenters import service_words
from openoh.pages.gate import Request, page, show
from openoh.pages.jinja import clock_time, plural
from openoh.pages.render import render
from openoh.pages.submission import Submission, identifier
from openoh.pathway.clinics.access import colleague
from openoh.pathway.clinics.queries import clinicians
from openoh.pathway.clinics.rules import choices
from openoh.pathway.diaries import actions
from openoh.pathway.diaries.queries import away, propose
from openoh.pathway.diaries.rules import Pattern, Times, by_day, days_in_words
from openoh.pathway.services.queries import by_appointment

WEEKDAYS = [("1", "Monday"), ("2", "Tuesday"), ("3", "Wednesday"), ("4", "Thursday"), ("5", "Friday"),
            ("6", "Saturday"), ("7", "Sunday")]  # fmt: skip
FIELDS = (
    "whose",
    "weekdays",
    "begins",
    "ends",
    "minutes",
    "mode",
    "place",
    "first",
    "last",
)  # as on the page
DO = "do"
NO_CHOICE = "Choose who sees people, and for what."


@page("diary.run")
@require_http_methods(["GET", "POST"])
def make(request: Request) -> HttpResponseBase:
    """The form; then what it would make and what it leaves out; then the times themselves."""
    submission, sent = Submission(request.POST), request.method == "POST"
    lengths = {each.code: each.first_minutes for each in by_appointment(request.actor)}
    proposal = None
    if sent:
        clinician, service = _whose(submission)
        pattern = _pattern(submission, lengths.get(service, 0))
        if submission.text(DO) == "make":
            made = submission.do(
                lambda: actions.make_times(
                    by=request.actor, clinician_id=clinician, service=service, pattern=pattern,
                    mode=submission.text("mode"), place=submission.text("place"),
                )
            )  # fmt: skip
            if made:
                messages.success(request, _told(made))
                return redirect(diary_address(made.slots[0].starts_at.astimezone(clock.UK).date(), made.pk))
        else:
            _needed_to_make(submission)
            proposal = submission.do(
                lambda: propose(request.actor, clinician=clinician, service=service, pattern=pattern)
            )
    if proposal:
        return render(
            request, "clinic/times_check.jinja", title="Check the times", back="/clinic/diary", proposal=proposal,
            clashing=by_day(proposal.parted.clashing), free=by_day(proposal.parted.free), sent=request.POST.lists(),
            mode=choices("modes")[submission.text("mode")], place=submission.text("place"), DO=DO,
        )  # fmt: skip
    return render(
        request, "clinic/times_make.jinja", title="Make times", back="/clinic/diary", weekdays=WEEKDAYS,
        whose=_pairs(request.actor, lengths), modes=list(choices("modes").items()),
        typed=request.POST if sent else {"mode": "in-person"}, errors=_in_order(submission.errors),
        ticked=request.POST.getlist("weekdays") if sent else [code for code, _ in WEEKDAYS[:5]],
        status=submission.status if submission.errors else 200, DO=DO,
    )  # fmt: skip


@page("diary.run")
@require_http_methods(["GET", "POST"])
def take_back(request: Request) -> HttpResponseBase:
    """A clinician is away: which times are taken back, and who must be moved."""
    submission, sent = Submission(request.POST), request.method == "POST"
    everybody = clinicians(request.actor)
    found = None
    if sent:
        clinician = identifier(submission.text("clinician"))
        if clinician is None:
            submission.errors["clinician"] = "Choose who is away."
        first = submission.needed_day("first", "Enter the first day.")
        last = submission.needed_day("last", "Enter the last day.")
        if submission.text(DO) == "take-back":
            taken = submission.do(
                lambda: actions.take_back(
                    by=request.actor, clinician_id=_given(clinician), first=first, last=last
                )
            )
            if taken:
                people = f" {plural(taken.held, 'person', 'people')} must be moved." if taken.held else ""
                messages.success(request, f"{plural(taken.slots, 'time')} taken back.{people}")
                return redirect(diary_address(max(first, clock.today()), taken.pk))
        else:
            found = submission.do(
                lambda: away(request.actor, clinician=_given(clinician), first=first, last=last)
            )
    if found:
        show(request, [each.appointment.person_id for each in found.held if each.appointment])
        return render(
            request, "clinic/times_away_check.jinja", title="Check what is taken back", back="/clinic/diary",
            found=found, clinician=colleague(request.actor, _given(clinician)), sent=request.POST.lists(), DO=DO,
            service_words=service_words,
        )  # fmt: skip
    return render(
        request, "clinic/times_away.jinja", title="Take times back", back="/clinic/diary",
        clinicians=[(str(each.pk), each.name) for each in everybody], DO=DO,
        typed=request.POST if sent else {"clinician": request.GET.get("clinician", "")}, errors=submission.errors,
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


def _given(clinician: UUID | None) -> UUID:
    """What `Submission.do` is only called with when it was given."""
    if clinician is None:
        raise AssertionError("the form complained already")
    return clinician


def _in_order(errors: dict[str, str]) -> dict[str, str]:
    """The complaints in the order in which their fields stand on the page."""
    return {name: errors[name] for name in FIELDS if name in errors} | errors


def _pairs(actor: Actor, lengths: dict[str, int]) -> list[tuple[str, str]]:
    """Who sees people for what, with the usual length: one choice, so that no impossible pair can be chosen."""
    return [
        (f"{each.pk} {code}", f"{each.name}, {service_words(code).lower()} ({lengths[code]} minutes)")
        for each in clinicians(actor)
        for code in each.services
        if code in lengths
    ]


def _whose(submission: Submission) -> tuple[UUID, str]:
    written, _, service = submission.text("whose").partition(" ")
    clinician = identifier(written)
    if clinician is None:
        submission.errors["whose"] = NO_CHOICE
    return clinician or UUID(int=0), service


def _pattern(submission: Submission, usual: int) -> Pattern:
    return Pattern(
        weekdays=frozenset(int(day) for day in submission.texts("weekdays") if day in dict(WEEKDAYS)),
        begins=submission.time_of_day("begins"), ends=submission.time_of_day("ends"),
        first=submission.needed_day("first", "Enter the first day."),
        last=submission.needed_day("last", "Enter the last day."),
        minutes=submission.whole("minutes", usual),
    )  # fmt: skip


def _needed_to_make(submission: Submission) -> None:
    """What the action would refuse, said before the page that shows what it would make."""
    if submission.text("mode") not in choices("modes"):
        submission.errors["mode"] = "Choose how people are seen."
    if submission.text("mode") == "in-person" and not submission.text("place"):
        submission.errors["place"] = "Say where people come to."


def _told(made: actions.Made) -> str:
    """How many times were made, and exactly which were not."""
    proposal = made.proposal
    words = f"{plural(len(made.slots), 'time')} made for {proposal.clinician.name}, {proposal.service.title.lower()}."
    if proposal.plan.holidays:
        words += f" No times on {days_in_words(proposal.plan.holidays)}: bank holidays."
    if made.clashing:
        words += f" Left out, because {proposal.clinician.name} has others then: {_instants(made.clashing)}."
    return words


def _instants(times: list[Times]) -> str:
    """``Monday 7 December 9am, 9:45am; Tuesday 8 December 9am``."""
    return "; ".join(
        f"{days_in_words([day])} {', '.join(clock_time(begin) for begin, _ in of_day)}"
        for day, of_day in by_day(times).items()
    )
