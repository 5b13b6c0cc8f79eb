"""What is shown when a page is not there, not allowed, or broken. No detail leaves the service."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from openoh.pages.gate import public
from openoh.pages.render import render


@public("an error page")
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "public/error.jinja", status=404, title="Page not found", kind="not-found")


@public("an error page")
def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "public/error.jinja", status=403, title="You cannot do this", kind="refused")


@public("an error page")
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "public/error.jinja", status=400, title="We could not read that", kind="bad")


@public("an error page")
def broken(request: HttpRequest) -> HttpResponse:
    return render(request, "public/error.jinja", status=500, title="Sorry, there is a problem", kind="broken")
