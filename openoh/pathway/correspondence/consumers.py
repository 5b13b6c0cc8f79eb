"""A manager hears, in neutral words, that there is an answer."""

from __future__ import annotations

from openoh.foundation.core import facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.models import Fact
from openoh.foundation.notifications.actions import draft, queue
from openoh.pathway.correspondence.models import ManagerMessage


def register() -> None:
    facts.register("correspondence: tell the manager", ["manager-message.answered"], tell_manager)


def tell_manager(fact: Fact, by: Actor) -> None:
    found = ManagerMessage.objects.select_related("recipient").get(pk=fact.subject)
    message = draft(
        template="sign-in-needed", engagement_id=found.recipient_id, employer_id=found.employer_id,
        provider_id=found.provider_id, reference=f"answer-to-manager-{found.pk}",
        values={"given_name": found.recipient.given_name, "link": _link(found)},
    )  # fmt: skip
    queue(by=by, message=message)


def _link(found: ManagerMessage) -> str:
    if found.referral_id:
        return f"/manager/referrals/{found.referral_id}/messages"
    return f"/manager/advice/{found.released_report_id}/messages"
