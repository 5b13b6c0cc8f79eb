"""A manager writes about what is theirs; the service answers, or says that no answer is needed."""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.access.permissions import require
from openoh.foundation.audit.actions import action
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.core.errors import Conflict, Invalid
from openoh.pathway.correspondence.access import visible_to
from openoh.pathway.correspondence.models import ManagerMessage
from openoh.pathway.referrals.models import Referral
from openoh.pathway.referrals.queries import made_by
from openoh.pathway.reports.opening import copies_for
from openoh.pathway.reports.released import ReleasedReport

LONGEST = 1000


@action("manager-message.written")
def write(
    *, by: Actor, words: str, referral_id: UUID | None = None, released_id: UUID | None = None
) -> ManagerMessage:
    """Write about a referral of one's own that was sent, or about advice that was released to one and stands.

    Raises DoesNotExist for what is not the manager's, Invalid for no words.
    """
    require(by, "referral.make")
    if (referral_id is None) == (released_id is None):
        raise Invalid("Name one referral or one report.")
    about = _referral(by, referral_id) if referral_id else _copy(by, released_id)
    message = ManagerMessage(
        person_id=about.person_id, employer_id=about.employer_id, provider_id=about.provider_id,
        recipient_id=about.recipient_id, referral_id=referral_id, released_report_id=released_id, from_manager=True,
        author=by.name, words=_checked(words),
    )  # fmt: skip
    message.save(force_insert=True)
    return message


@action("manager-message.answered")
def answer(*, by: Actor, message_id: UUID, words: str) -> ManagerMessage:
    """Answer a manager; the person reads the answer too. Raises Conflict when somebody answered first."""
    asked = _unanswered(by, message_id)
    answered = ManagerMessage(
        person_id=asked.person_id, employer_id=asked.employer_id, provider_id=asked.provider_id,
        recipient_id=asked.recipient_id, referral_id=asked.referral_id, released_report_id=asked.released_report_id,
        from_manager=False, author=by.name, words=_checked(words), handled_at=clock.now(),
    )  # fmt: skip
    answered.save(force_insert=True)
    _handle(asked)
    facts.append(
        "manager-message.answered", answered.pk, employer=answered.employer_id, provider=answered.provider_id,
        person=answered.person_id,
    )  # fmt: skip
    return answered


@action("manager-message.closed")
def close(*, by: Actor, message_id: UUID) -> ManagerMessage:
    """Read, and no answer is needed."""
    asked = _unanswered(by, message_id)
    _handle(asked)
    return asked


def _unanswered(by: Actor, message_id: UUID) -> ManagerMessage:
    require(by, "record.clinical")
    asked = visible_to(by).select_for_update(of=("self",)).get(pk=message_id, from_manager=True)
    if asked.handled_at:
        raise Conflict("Somebody has dealt with this message already.")
    return asked


def _handle(asked: ManagerMessage) -> None:
    asked.handled_at = clock.now()
    asked.save(update_fields=["handled_at"])


def _referral(by: Actor, referral_id: UUID) -> Referral:
    return made_by(by).exclude(state="draft").get(pk=referral_id)


def _copy(by: Actor, released_id: UUID | None) -> ReleasedReport:
    return copies_for(by).filter(withdrawn_at=None).get(pk=str(released_id))


def _checked(words: str) -> str:
    said = words.strip()
    if not said or len(said) > LONGEST:
        raise Invalid(f"Write your message, in at most {LONGEST} letters.", field="words")
    return said
