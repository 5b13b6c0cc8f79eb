"""Sending in contact hours: stops are looked up again, then a message goes to the outbox for each offer at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q, QuerySet

from openoh.foundation.consent.models import Objection
from openoh.foundation.consent.queries import purpose_in_force
from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import Actor
from openoh.foundation.notifications.actions import draft, queue_many
from openoh.foundation.people.models import ContactStop, Engagement
from openoh.pathway.clocks.models import Clock
from openoh.pathway.clocks.queries import calendar_of
from openoh.population.offers import rules
from openoh.population.offers.models import Offer, OfferStep


def send(*, by: Actor, limit: int) -> tuple[int, int]:
    """Send what is ready and may go out at this instant; returns how many were sent and how many stopped."""
    rule_set = rules.rule_set()
    due = _due(limit, rule_set)
    obstacles = _obstacles(due, rule_set)
    stopped = [offer for offer in due if offer.id in obstacles]
    sent = [offer for offer in due if offer.id not in obstacles]
    _move(stopped, "stopped", by=by, reasons=obstacles)
    _move(sent, "sent", by=by, reasons=dict.fromkeys((offer.id for offer in sent), "contact-hours"))
    queue_many(by=by, messages=[
        draft(
            template="offer", reference=f"offer-{offer.id}", person_id=offer.person_id,
            employer_id=offer.employer_id, provider_id=offer.provider_id,
            values={
                "given_name": offer.person.known_as or offer.person.given_name, "link": f"/me/offers/{offer.id}",
                "telephone": offer.provider.telephone,
            },
        )
        for offer in sent
    ])  # fmt: skip
    facts.append_many(
        facts.draft("offer.sent", offer.id, employer=offer.employer_id, provider=offer.provider_id,
                    person=offer.person_id, data={"topic": offer.topic})
        for offer in sent
    )  # fmt: skip
    return len(sent), len(stopped)


def stop_for_retracted_spells(*, by: Actor, employer_id: UUID) -> int:
    """Stop open offers whose absence was reported by mistake; returns how many."""
    wrong = list(_locked().filter(
        employer_id=employer_id, state__in=["held", "ready", "sent"], spell__retracted_at__isnull=False
    ))  # fmt: skip
    _move(wrong, "stopped", by=by, reasons=dict.fromkeys((offer.id for offer in wrong), "retracted"))
    return len(wrong)


def _locked() -> QuerySet[Offer]:
    return Offer.objects.select_for_update(of=("self",), skip_locked=True)


def _due(limit: int, rule_set: rules.RuleSet) -> list[Offer]:
    """Ready offers of the providers and nations that are in their contact hours now."""
    ready = Offer.objects.filter(state="ready", send_after__lte=clock.now())
    open_now = Q(pk__in=[])
    for provider_id, nation in ready.order_by().values_list("provider_id", "employer__nation").distinct():
        if rules.in_contact_hours(clock.now(), calendar_of(provider_id, nation), rule_set):
            open_now |= Q(provider_id=provider_id, employer__nation=nation)
    due = _locked().filter(open_now, state="ready", send_after__lte=clock.now())
    return list(due.select_related("person", "provider", "spell").order_by("send_after", "id")[:limit])


def _obstacles(offers: Sequence[Offer], rule_set: rules.RuleSet) -> dict[UUID, str]:
    """Why an offer that was right when it was decided must not go out now, by the offer's identifier."""
    today = clock.today()
    people = {offer.person_id for offer in offers}
    stops = dict(
        ContactStop.objects.filter(person_id__in=people, since__lte=today, kind__in=rule_set.stops)
        .exclude(until__lt=today).values_list("person_id", "kind")
    )  # fmt: skip
    suspended = set(
        Engagement.objects.filter(id__in=[offer.engagement_id for offer in offers])
        .filter(Q(suspended=True)).values_list("id", flat=True)
    )  # fmt: skip
    objections = set(
        Objection.objects.filter(person_id__in=people, purpose_code=rule_set.purpose, withdrawn_at=None)
        .values_list("person_id", "topic")
    )  # fmt: skip
    in_force = {
        employer: purpose_in_force(employer, rule_set.purpose).allowed
        for employer in {offer.employer_id for offer in offers}
    }
    found: dict[UUID, str] = {}
    for offer in offers:
        if offer.spell.retracted_at:
            found[offer.id] = "retracted"
        elif not in_force[offer.employer_id]:
            found[offer.id] = "purpose"
        elif offer.person_id in stops:
            found[offer.id] = stops[offer.person_id]
        elif offer.engagement_id in suspended:
            found[offer.id] = "suspended"
        elif {(offer.person_id, ""), (offer.person_id, offer.topic)} & objections:
            found[offer.id] = "objected"
    return found


def _move(offers: Iterable[Offer], to: str, *, by: Actor, reasons: dict[UUID, str]) -> None:
    """Move locked offers at once, with a step for each, and end their contact clocks."""
    moved = list(offers)
    if not moved:
        return
    now, ids = clock.now(), [offer.id for offer in moved]
    changes = {"state": to} | ({"sent_at": now} if to == "sent" else {})
    Offer.objects.filter(id__in=ids).update(**changes)
    OfferStep.objects.bulk_create(
        [
            OfferStep(
                subject_id=offer.id, state=to, at=now, user_id=by.user, actor=by.name,
                reason=reasons[offer.id], employer_id=offer.employer_id, provider_id=offer.provider_id,
                person_id=offer.person_id,
            )
            for offer in moved
        ],
        batch_size=1_000,
    )  # fmt: skip
    Clock.objects.filter(subject_id__in=ids, stopped_at=None).update(stopped_at=now)
