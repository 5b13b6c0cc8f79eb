"""A mapping for a file that nobody has mapped yet: proposed, looked at, corrected column by column, kept."""

from __future__ import annotations

from typing import BinaryIO, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST

from openoh.exchange.hr_feed import actions, queries
from openoh.exchange.hr_feed.mapping import KINDS, fields_of
from openoh.exchange.hr_feed.proposal import Guess, Proposal, lacking, propose_mapping, text_of
from openoh.exchange.hr_feed.reading import Refused
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.submission import Submission


@page("feed.run")
@require_http_methods(["GET", "POST"])
def propose(request: Request) -> HttpResponseBase:
    """From the headings and cells of a file to a mapping; nothing of the file is kept."""
    queries.employer_of(request.actor)
    submission = Submission(request.POST)
    proposal: Proposal | None = None
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            submission.errors["file"] = "Choose a file."
        else:
            try:
                proposal = propose_mapping(cast(BinaryIO, file), submission.text("kind") or None)
            except Refused as refusal:
                submission.errors["file"] = str(refusal)
    return _page(request, submission, proposal)


@page("feed.run")
@require_POST
def save(request: Request) -> HttpResponseBase:
    """Keep the mapping as it was corrected: column by column, or as text by somebody who knows how."""
    employer = queries.employer_of(request.actor)
    submission = Submission(request.POST)
    name = slugify(submission.text("name"))[:80]
    if not name:
        submission.errors["name"] = "Give the mapping a name, in letters."
    chosen = None if "text" in request.POST else _chosen(submission)
    text = chosen.text if chosen else request.POST.get("text", "").replace("\r\n", "\n")
    if submission.do(
        lambda: actions.save_mapping(by=request.actor, employer=employer, name=name, text=text),
        names={"mapping": "text"},
    ):
        messages.success(request, "The mapping is kept. Send the file with it.")
        return redirect(f"/employer/upload?{urlencode({'mapping': name})}")
    return _page(request, submission, chosen)


def _chosen(submission: Submission) -> Proposal:
    """The proposal as the page sent it back: each column with the field that was chosen for it."""
    kind = submission.text("kind")
    kind = kind if kind in KINDS else KINDS[0]
    known = fields_of(kind)
    pairs = list(zip(submission.texts("heading"), submission.texts("field"), strict=False))
    columns = {field: heading for heading, field in pairs if field in known}
    if len(columns) < sum(field in known for _, field in pairs):
        submission.errors["columns"] = "Two columns are taken as the same thing. Change one of them."
    missing = lacking(kind, columns)
    if missing:
        submission.errors.setdefault("columns", f"Choose the column for: {', '.join(missing)}.")
    guesses = tuple(Guess(heading, field, "", ()) for heading, field in pairs)
    formats = submission.texts("format")
    return Proposal(kind, text_of(kind, columns, formats), guesses, missing, formats=tuple(formats))


def _page(request: Request, submission: Submission, proposal: Proposal | None) -> HttpResponseBase:
    typed = {"name": submission.text("name") or "our-file", "text": request.POST.get("text", "")}
    return render(
        request, "employer/mapping.jinja", title="A mapping for a new kind of file", back="/employer/upload",
        proposal=proposal, typed=typed, errors=submission.errors,
        fields=[(field.name, field.words) for field in fields_of(proposal.kind).values()] if proposal else [],
        status=submission.status if submission.errors else 200,
    )  # fmt: skip
