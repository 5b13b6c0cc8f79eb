"""Correct a row that could not be taken, and take it again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from openoh.exchange.hr_feed import actions, queries
from openoh.exchange.hr_feed.access import rows_visible_to
from openoh.exchange.hr_feed.models import QuarantinedRow
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.submission import Submission


@page("feed.run")
@require_http_methods(["GET", "POST"])
def correct(request: Request, row: UUID) -> HttpResponseBase:
    """Every cell of the row, the wrong one marked; taken again as a file of one row."""
    found: QuarantinedRow = rows_visible_to(request.actor).select_related("run").get(pk=row)
    cells = queries.cells_of(found)
    submission = Submission(request.POST)
    if request.method == "POST":
        # A field that the file did not have and that stays empty is not said, so that it stays as it is.
        said = {cell.field: submission.text(cell.field) for cell in cells if cell.field in request.POST}
        corrections = {field: value for field, value in said.items() if value or field in found.row}
        if submission.do(lambda: actions.replay(by=request.actor, row=found, corrections=corrections)):
            messages.success(request, f"Line {found.line} was corrected and taken.")
            return redirect("employer:import", run=found.run_id)
    wrong = {} if request.method == "POST" else {cell.field: found.reason for cell in cells if cell.wrong}
    return render(
        request, "employer/row.jinja", title=f"Correct line {found.line}", back=f"/employer/imports/{found.run_id}",
        row=found, cells=cells, errors=submission.errors, wrong=wrong,
        typed=request.POST or {cell.field: cell.value for cell in cells},
        status=submission.status if submission.errors else 200,
    )  # fmt: skip
