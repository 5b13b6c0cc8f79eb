"""Free times to choose from, and what the clinician must know before one begins; shared by every way to book."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils.http import urlencode

from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.pages.employee import forms, presenters
from openoh.pages.gate import Request
from openoh.pages.render import render
from openoh.pathway.clinics.queries import free_slot, free_slots, places_of
from openoh.pathway.clinics.rules import choices
from openoh.pathway.services.queries import service_kind

AT_A_TIME = 12
ANY = "any"


@dataclass(frozen=True)
class Wish:
    """Which times somebody wants to see: a mode or any, one place, evenings only or not, after which instant."""

    mode: str = ANY
    place: str = ""
    evening: bool = False
    after: datetime | None = None

    @property
    def narrowed(self) -> bool:
        return self.mode != ANY or bool(self.place) or self.evening

    @classmethod
    def read(cls, sent: QueryDict) -> Wish:
        """From the address of the page; what makes no sense there is left out."""
        mode = sent.get("mode", ANY)
        try:
            after = datetime.fromisoformat(sent.get("after", ""))
        except ValueError:
            after = None
        return cls(
            mode=mode if mode in choices("modes") else ANY,
            place=sent.get("place", "")[:200],
            evening=sent.get("when") == "evening",
            after=after if after and after.tzinfo else None,
        )

    def address(self, after: datetime) -> str:
        """The same wish, continued after the last time of this page."""
        when = "evening" if self.evening else ANY
        wish = {"mode": self.mode, "place": self.place, "when": when, "after": after.isoformat()}
        return "?" + urlencode(wish)


def chosen(sent: QueryDict) -> UUID:
    """The time that was ticked; raises Invalid without one."""
    try:
        return UUID(sent.get("slot", ""))
    except ValueError:
        raise Invalid("Choose a time", field="slot") from None


def book_one(
    request: Request, slot_id: UUID, service: str, *, take: Callable[..., object], times: str, done: str
) -> HttpResponseBase:
    """One time: what the clinician must know before it begins, then `take` books it.

    `times` and `done` are the addresses of the free times and of what follows.
    """
    try:
        slot = free_slot(request.actor, slot_id)
    except ObjectDoesNotExist:
        messages.warning(request, "Somebody has just taken this time. Choose another one.")
        return redirect(times)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            take(slot_id=slot.pk, **needs_in(request.POST))
        except (Conflict, NotAllowed) as gone:
            messages.warning(request, str(gone))
            return redirect(times)
        except Invalid as wrong:
            errors = {wrong.field or "needs": str(wrong)}
        else:
            return redirect(done)
    return render(
        request, "employee/book.jinja", status=422 if errors else 200, errors=errors, title="Before you book",
        slot=presenters.slot_line(slot), service=service_kind(service), back=times,
        fields=needs_fields(errors, **needs_in(request.POST)),
    )  # fmt: skip


def needs_in(sent: QueryDict) -> dict[str, Any]:
    return {"call_back": sent.get("call_back", "").strip()[:40], "needs": tuple(sent.getlist("needs"))}


def needs_fields(errors: dict[str, str], *, call_back: str, needs: Sequence[str]) -> list[forms.Field]:
    """What a person may say that they need, and where to call them back."""
    return [
        forms.write(
            "call_back", "A telephone number for that time (optional)", kind="line", errors=errors, value=call_back,
            hint="If the line breaks, we call you back on it.",
        ),
        forms.choose(
            "needs", "What do you need? (optional)", choices("needs").items(), kind="many", errors=errors,
            given=list(needs), hint="Choose all that fit.",
        ),
    ]  # fmt: skip


def show_times(
    request: Request, service: str, errors: dict[str, str], *, title: str, back: str, button: str,
    now: presenters.Line | None = None, telephone: str = "",
) -> HttpResponse:  # fmt: skip
    """The next times first; the way, the place and the time of day as filters that work without a script."""
    wish = Wish.read(request.GET)
    found = free_slots(
        request.actor, service=service, mode=None if wish.mode == ANY else wish.mode,
        place=wish.place, evening=True if wish.evening else None, after=wish.after, limit=AT_A_TIME + 1,
    )  # fmt: skip
    shown, more = found[:AT_A_TIME], len(found) > AT_A_TIME
    return render(
        request, "employee/times.jinja", status=409 if errors else 200, title=title, errors=errors, back=back,
        button_text=button, now_line=now, service=service_kind(service), wish=wish,
        places=places_of(request.actor, service), telephone=telephone,
        days=presenters.by_day(shown), more=wish.address(shown[-1].starts_at) if more else "",
        modes=[(ANY, "Any"), *choices("modes").items()],
    )  # fmt: skip
