"""What the frame of a page needs when a library's view renders it."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpRequest


class Notes:
    """What is to be said once: taken out of the session when a page shows it, and not before."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def __iter__(self) -> Iterator[str]:
        return (str(message) for message in messages.get_messages(self.request))


def frame(request: HttpRequest) -> dict[str, object]:
    """The nonce of the content security policy, and what is to be said; our own pages pass both themselves."""
    return {"cspNonce": str(getattr(request, "csp_nonce", "")), "notes": Notes(request)}
