"""A draft that saves itself: the same address and action as “Save draft”, answered in words instead of a page."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse

from openoh.foundation.core import clock
from openoh.pages.clinic.refusals import Refusal
from openoh.pages.jinja import clock_time

WANTED = "application/json"


def is_asked(request: HttpRequest) -> bool:
    """Whether the page saves by itself, and nobody pressed a button.

    A header says so and not a field: a form that is kept while somebody signs in again goes on as a pressed button.
    """
    return request.headers.get("Accept") == WANTED


def saved(revision: int) -> JsonResponse:
    """The new revision, which the page sends with its next save."""
    return JsonResponse({"revision": revision, "words": f"Saved at {clock_time(clock.now())}."})


def refused(refusal: Refusal) -> JsonResponse:
    """Why it was not saved. After a conflict the page stops saving by itself: a person puts both versions together."""
    if refusal.is_conflict:
        words = f"Not saved. {' '.join(refusal.errors.values())} Press “Save draft” to see both."
    else:
        words = f"Not saved yet. {' '.join(refusal.errors.values())}"
    return JsonResponse({"words": words, "conflict": refusal.is_conflict}, status=refusal.status)
