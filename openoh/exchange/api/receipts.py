"""What GOV.UK Notify says became of a message: its callback, with the token that was typed there.

Notify calls again when it gets no answer or a 5xx, so the same receipt may come several times.
"""

from __future__ import annotations

import json
from http import HTTPStatus

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from openoh.foundation.access.programs import wrong_keys
from openoh.foundation.access.rules_of_pages import public
from openoh.foundation.core.actors import system_actor
from openoh.foundation.notifications.actions import take_receipt


@public("only the carrier knows the token")
@csrf_exempt  # no browser and no cookie: the bearer token alone lets a caller in
@require_POST
def receipt(request: HttpRequest) -> HttpResponse:
    """204 for whatever was read, also when it is about nothing of ours: it need not be sent again."""
    if not settings.NOTIFY_RECEIPTS_TOKEN:
        raise Http404
    if refused := _refused(request):
        return refused
    try:
        sent = json.loads(request.body)
        carried, status = str(sent["reference"]), str(sent["status"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return HttpResponse("Not a receipt.", status=HTTPStatus.BAD_REQUEST, content_type="text/plain")
    take_receipt(by=system_actor("GOV.UK Notify"), carried=carried, status=status)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _refused(request: HttpRequest) -> HttpResponse | None:
    """An answer to somebody without the token; wrong ones are counted with the wrong keys of programs."""
    place, wrong = get_adapter().get_client_ip(request), wrong_keys()
    if wrong.reached(place):
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)
    if constant_time_compare(
        request.headers.get("Authorization", ""), f"Bearer {settings.NOTIFY_RECEIPTS_TOKEN}"
    ):
        return None
    wrong.note(place)
    return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
