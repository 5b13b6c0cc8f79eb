"""What offers do when something happens elsewhere, and from time to time. Each function bears being repeated."""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.core import facts
from openoh.foundation.core.actors import Actor, system_actor
from openoh.foundation.core.identifiers import NOBODY
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Employer
from openoh.population.absence import reasons
from openoh.population.offers import actions, rules

BATCH = 250  # of a run: small, so that the first messages leave early
NIGHT = 1_000


def on_absence(fact: Fact, by: Actor) -> None:
    """Spells were imported, changed or typed in: decide them; what is ready goes out in batches, each at once."""
    employer, run_id = Employer.objects.get(pk=fact.employer_id or NOBODY), UUID(str(fact.data["run"]))
    reasons.refill(run_id)
    if actions.decide_run(by=by, employer=employer, run_id=run_id).counts.get(rules.OFFER):
        facts.append("offers.ready", employer.pk, employer=employer.pk)


def on_ready(fact: Fact, by: Actor) -> None:
    """Offers were made, or a clinician released one: send a batch, and come back for the next."""
    done = actions.send_ready(by=by, limit=BATCH)
    if sum(done.counts.values()) == BATCH:
        facts.append("offers.ready", fact.subject, employer=fact.employer_id)


def on_objection(fact: Fact, by: Actor) -> None:
    """Somebody said no: what is open stops."""
    if fact.person_id:
        actions.stop_for_objection(by=by, person_id=fact.person_id, topic=str(fact.data["topic"]))


def send_in_contact_hours() -> None:
    """Send what waited for contact hours."""
    actions.send_ready(by=system_actor("offers"), limit=NIGHT)


def nightly() -> None:
    """Decide again what waited, find absences that have become long, close offers without an answer."""
    by = system_actor("offers")
    with within(by.scope):
        employers = list(Employer.objects.filter(contracts__isnull=False).distinct())
    for employer in employers:
        actions.decide_night(by=by, employer=employer)
    actions.lapse(by=by)
    actions.send_ready(by=by, limit=NIGHT)
