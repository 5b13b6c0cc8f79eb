"""Keys for other programs: who has one, what it allows, when it was used; making and revoking."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from openoh.foundation.access import programs
from openoh.foundation.access.models import ApiKey
from openoh.foundation.access.permissions import PERMISSIONS
from openoh.foundation.access.roles import ROLES
from openoh.foundation.core import clock
from openoh.foundation.organisations import queries
from openoh.foundation.organisations.models import Contract
from openoh.pages.account.second_step import proved_lately
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.submission import FORM, Submission, identifier

OF_SERVICE = "oh-administrator"


@page("service.run")
@proved_lately
@never_cache
@require_http_methods(["GET", "POST"])
def listing(request: Request) -> HttpResponseBase:
    """Every key, and the form to make one; a new key is shown in the answer to the form, and never again."""
    submission = Submission(request.POST)
    key = programs.new_key()
    made = _make(request, submission, key) if request.method == "POST" else None
    now = clock.now()
    return render(
        request, "service/programs.jinja", title="Other programs", back="/service/administration",
        key=key if made else None, made=made, keys=list(programs.keys(request.actor)), now=now, words=PERMISSIONS,
        places=[("", "This service")] + [(str(c.employer_id), c.employer.name) for c in _employers(request)],
        choices=[(name, PERMISSIONS[name]) for role in programs.ROLES_OF_PROGRAMS for name in _offered(role)],
        typed={} if made else request.POST, ticked=[] if made else submission.texts("permissions"),
        errors=submission.errors, status=submission.status if submission.errors else 200,
    )  # fmt: skip


@page("service.run")
@proved_lately
@require_POST
def revoke(request: Request, key: UUID) -> HttpResponseBase:
    """End a key at once."""
    submission = Submission(request.POST)
    if ended := submission.do(lambda: programs.revoke_key(by=request.actor, key=key)):
        messages.success(request, f"The key of {ended.user} no longer works.")
    else:
        messages.info(request, submission.errors[FORM])
    return redirect("service:programs")


def _make(request: Request, submission: Submission, key: str) -> ApiKey | None:
    employer = identifier(submission.text("place"))
    expires_on = submission.needed_day("expires_on", "Enter the last day of the key.")
    return submission.do(
        lambda: programs.make_key(
            by=request.actor, key=key, name=submission.text("name"), role="hr" if employer else OF_SERVICE,
            permissions=submission.texts("permissions"), expires_on=expires_on, employer=employer,
        )
    )  # fmt: skip


def _employers(request: Request) -> list[Contract]:
    """Contracts in force: their employers can have a program."""
    today = clock.today()
    return [c for c in queries.contracts(request.actor) if c.ends_on is None or c.ends_on >= today]


def _offered(role: str) -> list[str]:
    return [name for name in PERMISSIONS if name in ROLES[role].permissions]
