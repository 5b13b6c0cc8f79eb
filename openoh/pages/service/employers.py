"""Beginning to serve an employer, and what people read of the service itself."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from openoh.exchange.register.actions import HrOfficer, serve
from openoh.foundation.organisations import queries
from openoh.foundation.organisations.models import Contract, Employer, Provider
from openoh.foundation.organisations.register import describe_provider
from openoh.pages.account.second_step import proved_lately
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.service.contracts import ROLES, terms_of
from openoh.pages.submission import Submission
from openoh.pathway.clocks.rules import level, level_codes
from openoh.pathway.services.queries import catalogue, offered


@page("service.run")
@proved_lately
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponseBase:
    """Enter an employer that the register does not know, with the first contract and the first HR officer."""
    submission = Submission(request.POST)
    posted = request.method == "POST"
    if posted and (contract := _serve(request, submission)):
        messages.success(
            request, f"You serve {contract.employer.name} from {contract.starts_on:%-d %B %Y}. Its HR officer gets a "
            "message that says where to sign in.",
        )  # fmt: skip
        return redirect("service:contract", contract=contract.pk)
    return render(
        request, "service/new_employer.jinja", title="Begin to serve an employer", back="/service/administration",
        kinds=list(Employer.Kind.choices), nations=list(Employer.Nation.choices), roles=ROLES,
        services=[(entry.code, entry.title) for entry in catalogue().values()],
        levels=[level(code, {}) for code in level_codes()], errors=submission.errors,
        typed=request.POST if posted else {"employer_role": "controller", "provider_role": "controller"},
        ticked=submission.texts("services") if posted else [each.code for each in offered(request.actor)],
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


@page("service.run")
@require_http_methods(["GET", "POST"])
def about(request: Request) -> HttpResponseBase:
    """The name, telephone number and address that people read."""
    submission = Submission(request.POST)
    posted = request.method == "POST"
    provider = queries.provider(request.actor)
    if posted and _describe(request, submission):
        messages.success(request, "People read this from now on.")
        return redirect("service:administration")
    return render(
        request, "service/about.jinja", title="What people read of us", back="/service/administration",
        errors=submission.errors, status=submission.status if submission.errors else 200,
        typed=request.POST if posted
        else {"name": provider.name, "telephone": provider.telephone, "email": provider.email},
    )  # fmt: skip


def _serve(request: Request, submission: Submission) -> Contract | None:
    terms = terms_of(submission)
    return submission.do(
        lambda: serve(
            by=request.actor, code=submission.text("code").upper(), name=submission.text("employer_name"),
            kind=submission.text("kind"), nation=submission.text("nation"),
            benchmark_code=submission.text("benchmark_code").upper(), terms=terms,
            hr=HrOfficer(submission.text("hr_name"), submission.text("hr_email")),
        ),
        names={"name": "employer_name"},
    )  # fmt: skip


def _describe(request: Request, submission: Submission) -> Provider | None:
    return submission.do(
        lambda: describe_provider(
            by=request.actor, name=submission.text("name"), telephone=submission.text("telephone"),
            email=submission.text("email"),
        )
    )  # fmt: skip
