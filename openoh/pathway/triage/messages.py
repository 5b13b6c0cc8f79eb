"""The person hears what became of what they sent: received, a question, or an answer to read. In neutral words."""

from __future__ import annotations

from openoh.foundation.core import facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.models import Fact
from openoh.foundation.notifications.actions import draft, queue
from openoh.foundation.notifications.rules import day_in_words
from openoh.pathway.requests.models import HelpRequest
from openoh.pathway.requests.queries import read_by

# What triage decides without inviting to an appointment; of the rest the booking tells.
TOLD_BY_TRIAGE = ("ask", "reject")


def register() -> None:
    facts.register("triage: received", ["request.sent"], tell_received)
    facts.register("triage: tell the person", ["triage.decided"], tell_decision)


def tell_received(fact: Fact, by: Actor) -> None:
    """By when it is read. A time that was booked at once has a message of its own."""
    request = HelpRequest.objects.select_related("person", "employer").get(pk=fact.subject)
    if request.state == "sent" and not fact.data.get("appointment"):
        _write(
            request, "request-received", f"request-received-{fact.id}", by, day=day_in_words(read_by(request))
        )


def tell_decision(fact: Fact, by: Actor) -> None:
    asked = fact.data.get("request")
    if asked and fact.data["outcome"] in TOLD_BY_TRIAGE:
        request = HelpRequest.objects.select_related("person").get(pk=str(asked))
        _write(request, "sign-in-needed", f"request-decided-{fact.id}", by)


def _write(request: HelpRequest, template: str, reference: str, by: Actor, **values: object) -> None:
    message = draft(
        template=template, person_id=request.person_id, employer_id=request.employer_id,
        provider_id=request.provider_id, reference=reference,
        values={
            "given_name": request.person.known_as or request.person.given_name, "link": f"/me/help/{request.pk}",
            **values,
        },
    )  # fmt: skip
    queue(by=by, message=message)
