"""What the frame of a page needs when a library's view renders it."""

from __future__ import annotations

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, object]:
    """The nonce of the content security policy; our own pages pass it themselves."""
    return {"cspNonce": str(getattr(request, "csp_nonce", ""))}
