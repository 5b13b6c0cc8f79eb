"""A passport that somebody was given a link to. The reader has no account."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from openoh.exchange.passports.opening import is_open, note_try, open_shared, too_many_tries
from openoh.foundation.core.errors import Invalid
from openoh.pages.gate import TooManyGuesses, public
from openoh.pages.passport_words import how_long
from openoh.pages.render import render


@public(
    "whoever has the link reads it; it is random, expires, is limited in tries, and every opening is noted"
)
@never_cache
@require_http_methods(["GET", "POST"])
def shared_passport(request: HttpRequest, code: str) -> HttpResponse:
    """Ask who opens it; then show what is in force. A link that is over and one that never was look the same."""
    address = request.META.get("REMOTE_ADDR", "")
    if too_many_tries(address):
        return TooManyGuesses()
    errors: dict[str, str] = {}
    shared = None
    said = request.POST.get("opened_by", "")
    if request.method == "POST":
        try:
            shared = open_shared(code, said)
        except Invalid as wrong:
            errors = {wrong.field or "opened_by": str(wrong)}
    if shared is None and not is_open(code):
        note_try(address)
        raise Http404
    response = render(
        request, "public/shared_passport.jinja", status=422 if errors else 200, title="A passport of adjustments",
        errors=errors, said=said, shared=shared,
        entries=[(each, how_long(each)) for each in shared.entries] if shared else [],
    )  # fmt: skip
    response["X-Robots-Tag"] = "noindex"
    return response
