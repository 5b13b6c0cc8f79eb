"""Content with its version, source and review, and who confirmed what nobody is sure of.

Those who run a service and those who lead its care see the same pages, each at their own address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from openoh.foundation.core import inventory
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.inventory import ContentFile
from openoh.foundation.organisations.actions import confirm_content
from openoh.foundation.organisations.models import ContentConfirmation
from openoh.foundation.organisations.queries import confirmations
from openoh.pages.gate import Request
from openoh.pages.render import render
from openoh.pages.submission import Submission

STATUS = {
    "sourced": "From the named source",
    "general": "General knowledge of the field",
    "unsure": "To be confirmed",
}


@dataclass(frozen=True)
class Line:
    """A file, and who confirmed for this service what is unsure in it."""

    file: ContentFile
    confirmed: ContentConfirmation | None

    @property
    def waits(self) -> bool:
        return self.file.unsure and self.confirmed is None

    @property
    def state(self) -> str:
        if not self.file.unsure or self.confirmed:
            return "Confirmed" if self.confirmed else STATUS[self.file.status]
        count = len(self.file.values)
        whole = self.file.status == "unsure"
        return "To be confirmed" if whole else f"{count} value{'s' if count > 1 else ''} to be confirmed"


def lines(actor: Actor) -> list[Line]:
    """Every file, as it is for the actor's service."""
    done = confirmations(actor)
    return [Line(each, done.get((each.key, each.version))) for each in inventory.every()]


def not_confirmed(actor: Actor, keys: Iterable[str]) -> list[str]:
    """The names of those of these files that the actor's service uses without having confirmed them."""
    wanted = frozenset(keys)
    return [line.file.name for line in lines(actor) if line.file.key in wanted and line.waits]


def listing(request: Request, *, address: str, back: str) -> HttpResponse:
    """Every file: what waits first, then what was confirmed by whom, then all the others."""
    found = lines(request.actor)
    return render(
        request, "layout/content_list.jinja", title="Content and rules", address=address, back=back,
        waiting=[line for line in found if line.waits], confirmed=[line for line in found if line.confirmed],
        others=[line for line in found if not line.file.unsure],
    )  # fmt: skip


def one(request: Request, slug: str, *, address: str) -> HttpResponseBase:
    """The unsure values of one file as they stand, and the form that confirms them."""
    line = next((each for each in lines(request.actor) if each.file.slug == slug and each.file.unsure), None)
    if line is None:
        raise Http404
    submission = Submission(request.POST)
    if request.method == "POST":
        confirmed = submission.do(
            lambda: confirm_content(
                by=request.actor, slug=slug, version=submission.text("version"), ground=submission.text("ground")
            )
        )  # fmt: skip
        if confirmed:
            messages.success(request, f"{line.file.name} is confirmed for your service.")
            return redirect(address)
    return render(
        request, "layout/content_one.jinja", title=line.file.name, line=line, back=address, typed=request.POST,
        errors=submission.errors, status=submission.status if submission.errors else 200,
    )  # fmt: skip
