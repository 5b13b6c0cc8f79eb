"""Feeds: last files and what waits, a new file, what it would do, its question, its report."""

from __future__ import annotations

import csv
import io
from typing import BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from openoh.exchange.hr_feed import actions, queries
from openoh.exchange.hr_feed.models import ImportRun
from openoh.exchange.hr_feed.queries import Preview
from openoh.foundation.core.errors import OpenOHError
from openoh.pages.employer.presenters import RunLine, counts, run_line
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.submission import FORM, Submission, identifier

A_PAGE = 10
ROWS = 50
AFTER_ANOTHER = (
    "We are taking another file of yours. Look again in some minutes to see what this one would do."
)


@page("feed.run")
@require_GET
def feeds(request: Request) -> HttpResponse:
    """The last files, and the rows that wait to be corrected."""
    found = queries.runs(request.actor)
    if before := identifier(request.GET.get("before", "")):
        found = found.filter(pk__lt=before)  # identifiers sort by the time they were made
    rows = list(found.order_by("-id")[: A_PAGE + 1])
    shown = rows[:A_PAGE]
    return render(
        request, "employer/feeds.jinja", title="Feeds", lines=[run_line(run) for run in shown],
        waiting=list(queries.quarantine(request.actor)[:A_PAGE]),
        next=shown[-1].id if len(rows) > A_PAGE else None,
    )  # fmt: skip


@page("feed.run")
@require_http_methods(["GET", "POST"])
def upload(request: Request) -> HttpResponseBase:
    """Receive a file. Nothing is taken before somebody has seen what it would do."""
    employer = queries.employer_of(request.actor)
    choices = queries.mapping_choices(request.actor, employer.id)
    submission = Submission(request.POST)
    if request.method == "POST":
        file = request.FILES.get("file")
        chosen = next((each for each in choices if each.name == submission.text("mapping")), None)
        if file is None:
            submission.errors["file"] = "Choose a file."
        if chosen is None:
            submission.errors["mapping"] = "Choose what the file looks like."
        if file is not None and chosen is not None:
            received = submission.do(
                lambda: actions.receive(
                    by=request.actor, employer=employer, kind=chosen.kind, mapping=chosen.name,
                    file=cast(BinaryIO, file), file_name=file.name or "file",
                    full_extract=submission.text("full") == "yes",
                )
            )  # fmt: skip
            if received:
                if received.state != ImportRun.State.RECEIVED:
                    messages.info(
                        request, "This very file came before. Nothing was changed; here is what became of it."
                    )
                return redirect("employer:import", run=received.id)
    return render(
        request, "employer/upload.jinja", title="Send a file", back="/employer", errors=submission.errors,
        typed=request.POST or {"mapping": request.GET.get("mapping", "")}, choices=choices,
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


@page("feed.run")
@require_http_methods(["GET", "POST"])
def one(request: Request, run: UUID) -> HttpResponseBase:
    """One import: what it would do, what it asks, or what it did."""
    found: ImportRun = queries.runs(request.actor).get(pk=run)
    submission = Submission(request.POST)
    if request.method == "POST" and _decide(request, found, submission):
        return redirect("employer:import", run=run)
    line: RunLine = run_line(found)
    return render(
        request, "employer/import.jinja", title=found.file_name, back="/employer", run=found, line=line,
        preview=_preview(request, found), counts=counts(found), errors=submission.errors,
        large=found.state == ImportRun.State.RECEIVED and queries.is_for_worker(found),
        rows=list(queries.rows_of(request.actor, found)[:ROWS]) if found.rows_quarantined else [], most=ROWS,
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


@page("feed.run")
@require_GET
def report(request: Request, run: UUID) -> HttpResponse:
    """The report of a run as CSV; no cell can run as a formula."""
    found: ImportRun = queries.runs(request.actor).get(pk=run)
    text = io.StringIO()
    csv.writer(text).writerows(queries.report_rows(request.actor, found))
    # The byte-order mark tells spreadsheets that it is UTF-8.
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{found.id}.csv"'
    return response


def _decide(request: Request, found: ImportRun, submission: Submission) -> ImportRun | None:
    """Take the file, forget it, or answer its question."""
    by = request.actor
    match submission.text("do"):
        case "take":
            return submission.do(lambda: _take(request, found))
        case "discard":
            return submission.do(lambda: actions.discard(by=by, run=found))
        case "yes":
            agreed = submission.do(lambda: actions.answer(by=by, run=found, proceed=True))
            return submission.do(lambda: _take(request, agreed)) if agreed else None
        case "no":
            return submission.do(lambda: actions.answer(by=by, run=found, proceed=False))
        case _:
            submission.errors[FORM] = "Choose what to do with this file."
            return None


def _take(request: Request, found: ImportRun) -> ImportRun:
    """A small file now; a large one, or one behind a large one, in the background."""
    by = request.actor
    if found.state != ImportRun.State.RECEIVED:
        return found  # pressed twice
    waits = queries.another_is_taken(by, found) or queries.is_for_worker(found)
    return (actions.leave_to_worker if waits else actions.run)(by=by, run=found)


def _preview(request: Request, found: ImportRun) -> Preview | None:
    if found.state != ImportRun.State.RECEIVED:
        return None
    if queries.another_is_taken(request.actor, found):
        return Preview(queries.NOTHING, refusal=AFTER_ANOTHER)
    try:
        return queries.preview_of(request.actor, found)
    except OpenOHError as error:
        return Preview(queries.NOTHING, refusal=str(error))
