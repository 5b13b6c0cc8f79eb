"""Render a template with what the frame of the page needs: who is signed in, their menu, the employer's theme."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as django_render

from openoh.foundation.access.roles import role
from openoh.foundation.core.actors import Audience
from openoh.pages.menus import menu_for

CRISIS_BAR = frozenset({Audience.PERSON, None})


def render(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """The page `template` (a path below `pages/`, e.g. ``"employee/start.jinja"``) with `context`."""
    actor = getattr(request, "actor", None)
    audience = actor.audience if actor else None
    frame = {
        "actor": actor,
        "role_title": role(actor.role).title if actor else "",
        "several_roles": len(getattr(request, "grants", [])) > 1,
        "menu": menu_for(actor, request.path) if actor else [],
        "crisis_bar": audience in CRISIS_BAR,
        "notes": [str(message) for message in messages.get_messages(request)],
        "cspNonce": str(getattr(request, "csp_nonce", "")),
    }
    return django_render(request, template, frame | context, status=status, using="jinja2")
