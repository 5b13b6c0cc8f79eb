"""The way in, and what everybody may read."""

from __future__ import annotations

import json
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openoh.foundation.access import sessions
from openoh.foundation.access.arriving import arrival_of
from openoh.foundation.access.roles import role
from openoh.foundation.accounts import kept_forms
from openoh.foundation.accounts.models import User
from openoh.pages.gate import public
from openoh.pages.render import render


@public("the first page: it only shows the way")
@require_GET
def home(request: HttpRequest) -> HttpResponseBase:
    """The start of the service; somebody signed in goes to the first page of their role."""
    if not request.user.is_authenticated:
        return render(
            request, "public/home.jinja", title="Get help with your health at work", demo=settings.DEMO
        )
    grants = arrival_of(request).grants
    if not grants:
        return render(request, "public/no_role.jinja", title="Your account has no access yet", status=403)
    chosen = next((g for g in grants if str(g.assignment) == request.session.get("assignment")), grants[0])
    return redirect(role(chosen.actor.role).home)


@public("crisis help must never need a sign-in")
@require_GET
def crisis(request: HttpRequest) -> HttpResponse:
    return render(request, "public/crisis.jinja", title="Help now")


@public("people must know who sees what before they trust the service")
@require_GET
def confidentiality(request: HttpRequest) -> HttpResponse:
    """A link to one's own record is for whoever has one; who is not signed in is asked to, first."""
    grants = arrival_of(request).grants if request.user.is_authenticated else None
    has_record = grants is None or any("own.record" in grant.actor.permissions for grant in grants)
    return render(request, "public/confidentiality.jinja", title="Who can see what", has_record=has_record)


@public("a legal duty")
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "public/accessibility.jinja", title="Accessibility statement")


@public("a legal duty")
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "public/privacy.jinja", title="Privacy notice")


@public("the demo's way in; the page does not exist outside a demo")
@require_http_methods(["GET", "POST"])
def personas(request: HttpRequest) -> HttpResponseBase:
    """Sign in as one of the invented people. Only in a demo."""
    if not settings.DEMO:
        raise Http404
    known = _personas()
    if request.method == "POST":
        chosen = next((p for p in known if p["email"] == request.POST.get("email")), None)
        if chosen is None:
            raise Http404
        user = User.objects.get(email=chosen["email"])
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        _prefer(request, chosen["role"])
        return redirect(_safe_next(request) or role(chosen["role"]).home)
    return render(
        request,
        "public/personas.jinja",
        title="Choose who to be",
        groups=_grouped(known),
        next=_safe_next(request),
    )


@public("signing out must always work")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    logout(request)
    return redirect("/")


@public("shows only the roles of the account signed in")
@require_http_methods(["GET", "POST"])
def roles(request: HttpRequest) -> HttpResponseBase:
    """Choose which of your roles you act in; the pages of another role are one press away."""
    if not sessions.signed_in(request):
        return redirect_to_login(request.get_full_path())
    grants = arrival_of(request).grants
    if request.method == "POST":
        chosen = next((g for g in grants if str(g.assignment) == request.POST.get("assignment")), None)
        if chosen is None:
            raise Http404
        request.session["assignment"] = str(chosen.assignment)
        return redirect(role(chosen.actor.role).home)
    return render(request, "public/roles.jinja", title="Choose your role", choices=grants, role=role)


@public("only the account that typed the form gets it back; everybody else is sent on")
@require_http_methods(["GET", "POST"])
def kept(request: HttpRequest) -> HttpResponseBase:
    """After signing in again: what was typed when the session had ended, ready to be sent."""
    if not sessions.signed_in(request):
        return redirect_to_login(request.get_full_path())
    token = request.COOKIES.get(sessions.KEPT_FORM_COOKIE, "")
    form = kept_forms.look(token, account=cast(User, request.user).id)
    if form is None or request.method == "POST":
        kept_forms.forget(token)
        response: HttpResponseBase = redirect("/")
    else:
        response = render(request, "public/kept.jinja", title="We kept what you typed", form=form)
    if form is None:
        cast(HttpResponse, response).delete_cookie(sessions.KEPT_FORM_COOKIE)
    return response


def _prefer(request: HttpRequest, role_name: str) -> None:
    grant = next((g for g in arrival_of(request).grants if g.actor.role == role_name), None)
    if grant:
        request.session["assignment"] = str(grant.assignment)


def _safe_next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if allowed else ""


def _personas() -> list[dict[str, str]]:
    path = settings.VAR / "demo" / "personas.json"
    if not path.exists():
        return []
    found: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _grouped(known: list[dict[str, str]]) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, str]]] = {}
    for persona in known:
        groups.setdefault(persona["organisation"], []).append(
            persona | {"role_title": role(persona["role"]).title}
        )
    return [{"organisation": name, "personas": members} for name, members in groups.items()]
