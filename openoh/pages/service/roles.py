"""Who works for the service, and who works with it at the employers that it serves: sentences, given and ended."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from openoh.foundation.access import actions
from openoh.foundation.access.colleagues import let_in
from openoh.foundation.access.holders import employer_roles, holders, holders_at_employers, service_roles
from openoh.foundation.access.lost_device import remove_second_proof
from openoh.foundation.access.models import RoleAssignment
from openoh.foundation.access.roles import Role, role
from openoh.foundation.accounts.models import User
from openoh.foundation.core import clock
from openoh.foundation.organisations import queries
from openoh.pages.account.second_step import proved_lately
from openoh.pages.gate import Request, page
from openoh.pages.render import render
from openoh.pages.submission import FORM, Submission


@page("service.run")
@proved_lately
@require_http_methods(["GET", "POST"])
def listing(request: Request) -> HttpResponseBase:
    """Everybody with a role here, and the form to give one."""
    submission = Submission(request.POST)
    if request.method == "POST" and (made := _assign(request, submission)):
        messages.success(
            request, f"{made.user} works as {role(made.role).title} from {made.starts_on:%-d %B %Y}."
        )
        return redirect("service:roles")
    return render(
        request, "service/roles.jinja", title="Roles", back="/service/administration",
        holders=list(holders(request.actor)), at_employers=list(holders_at_employers(request.actor)), role=role,
        own=request.actor.user, today=clock.today(), employers=_employers(request),
        choices=[(each.name, f"{each.title}: {each.description.lower()}") for each in _offered()],
        typed=request.POST, errors=submission.errors, status=submission.status if submission.errors else 200,
    )  # fmt: skip


@page("service.run")
@require_POST
def end(request: Request, assignment: UUID) -> HttpResponseBase:
    """End a role at once; one's own stays, so that the service is never left without somebody who runs it."""
    held = _held(request, assignment)
    submission = Submission(request.POST)
    if held.user_id == request.actor.user:
        messages.info(request, "You cannot end your own role. Ask a colleague.")
    elif ended := submission.do(lambda: actions.end_role(by=request.actor, assignment=held.pk)):
        # A role that began today is kept as a role of one day.
        lasts = ended.ends_on is not None and ended.ends_on >= clock.today()
        words = "works until tonight as" if lasts else "no longer works as"
        messages.success(request, f"{held.user} {words} {role(held.role).title}.")
    else:
        messages.info(request, submission.errors[FORM])
    return redirect("service:roles")


@page("service.run")
@proved_lately
@require_http_methods(["GET", "POST"])
def lost_device(request: Request, assignment: UUID) -> HttpResponseBase:
    """A colleague lost their device: their second proof is removed, after making sure that it is them."""
    held = holders(request.actor).get(pk=assignment)
    submission = Submission(request.POST)
    removed = _remove_second_proof(request, submission, held.user_id) if request.method == "POST" else None
    if removed:
        messages.success(request, f"{held.user} sets up a new device when they next sign in.")
        return redirect("service:roles")
    return render(
        request, "service/lost_device.jinja", title="Remove a lost device", back="/service/administration/roles",
        held=held, typed=request.POST, errors=submission.errors,
        status=submission.status if submission.errors else 200,
    )  # fmt: skip


def _remove_second_proof(request: Request, submission: Submission, user: UUID) -> User | None:
    return submission.do(
        lambda: remove_second_proof(by=request.actor, user=user, made_sure=submission.text("made_sure"))
    )


def _assign(request: Request, submission: Submission) -> RoleAssignment | None:
    name, typed = submission.text("role"), submission.text("employer")
    starts_on, ends_on = submission.day("starts_on"), submission.day("ends_on")
    at_employer = name in {each.name for each in employer_roles()}
    if name not in {each.name for each in _offered()}:
        submission.errors["role"] = "Choose a role."
    if not submission.text("email"):
        submission.errors["email"] = "Enter the e-mail address that they sign in with."
    if at_employer and typed not in dict(_employers(request)):
        submission.errors["employer"] = "Choose the employer that they work for."
    return submission.do(
        lambda: let_in(
            by=request.actor, email=submission.text("email"), name=submission.text("name"), role=name,
            employer=UUID(typed) if at_employer else None,
            provider=None if at_employer else request.actor.provider, starts_on=starts_on, ends_on=ends_on,
        )
    )  # fmt: skip


def _offered() -> list[Role]:
    return [*service_roles(), *employer_roles()]


def _employers(request: Request) -> list[tuple[str, str]]:
    """Whom the service serves today, by name."""
    served = [
        each for each in queries.contracts(request.actor) if each.employer_id in request.actor.employers
    ]
    return list({str(each.employer_id): each.employer.name for each in served}.items())


def _held(request: Request, assignment: UUID) -> RoleAssignment:
    own = holders(request.actor).filter(pk=assignment).first()
    return own or holders_at_employers(request.actor).get(pk=assignment)
