"""A mapping for a file that nobody has mapped yet: proposed, looked at, corrected, kept."""

from __future__ import annotations

from typing import BinaryIO, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST

from openoh.exchange.hr_feed import actions, queries
from openoh.exchange.hr_feed.proposal import Proposal, propose_mapping
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
    return _page(
        request, submission, proposal, {"text": proposal.text if proposal else "", "name": "our-file"}
    )


@page("feed.run")
@require_POST
def save(request: Request) -> HttpResponseBase:
    """Keep the mapping as it was corrected."""
    employer = queries.employer_of(request.actor)
    submission = Submission(request.POST)
    name = slugify(submission.text("name"))[:80]
    if not name:
        submission.errors["name"] = "Give the mapping a name, in letters."
    text = request.POST.get("text", "").replace("\r\n", "\n")
    if submission.do(
        lambda: actions.save_mapping(by=request.actor, employer=employer, name=name, text=text),
        names={"mapping": "text"},
    ):
        messages.success(request, "The mapping is kept. Send the file with it.")
        return redirect(f"/employer/upload?{urlencode({'mapping': name})}")
    return _page(request, submission, None, {"text": text, "name": submission.text("name")})


def _page(
    request: Request, submission: Submission, proposal: Proposal | None, typed: dict[str, str]
) -> HttpResponseBase:
    return render(
        request, "employer/mapping.jinja", title="A mapping for a new kind of file", back="/employer/upload",
        proposal=proposal, typed=typed, errors=submission.errors,
        status=submission.status if submission.errors else 200,
    )  # fmt: skip
