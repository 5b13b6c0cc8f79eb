"""Publish how many people each kind of offer reached and how many took it: a tick of the worker, once a quarter.

HR reads these figures and knows who was absent and why. So "nobody" and "everybody" are hidden as a few are, each kind
of offer stands alone, and there is no total from which a hidden number would follow.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.content import load
from openoh.foundation.core.scope import within
from openoh.foundation.core.staging import fetch
from openoh.foundation.organisations.models import Employer
from openoh.methods.disclosure import disclosure_rules
from openoh.population.measures import counting, protection, rules, sources
from openoh.population.measures.models import OfferFigure
from openoh.population.measures.protection import Count
from openoh.population.measures.publishing_groups import newest_quarter

MONTHS = 12


def publish() -> int:
    """Publish what is new; returns for how many employers. Running it again changes nothing."""
    _, last = newest_quarter(clock.today())
    with within(Scope(Audience.WORKER)):
        done = OfferFigure.objects.filter(last=last).values("employer_id")
        waiting = set(Employer.objects.exclude(pk__in=done).values_list("id", flat=True))
        large = _large() & waiting
        if not large:
            return 0
        first = rules.months_before(last, MONTHS)
        counts = _counts(first, last)
        for employer in sorted(large, key=str):
            OfferFigure.objects.bulk_create(_figures(employer, first, last, counts[employer]))
        return len(large)


def _large() -> set[UUID]:
    """Employers that are served and that have people enough for figures at all."""
    fewest = cast(int, load("openoh.population.measures", "definitions")["fewest_people"])
    served = counting.employers_by_provider().values()
    return {employer for sizes in served for employer, size in sizes.items() if size >= fewest}


def _counts(first: date, last: date) -> dict[UUID, dict[str, Count]]:
    found = fetch(sources.OFFERS_TAKEN, {"since": first, "until": last + timedelta(days=1)})
    counts: dict[UUID, dict[str, Count]] = defaultdict(dict)
    for employer, rule, taken, offered in cast("list[tuple[UUID, str, int, int]]", found):
        counts[employer][rule] = Count(taken, offered)
    return counts


def _figures(employer: UUID, first: date, last: date, counts: dict[str, Count]) -> list[OfferFigure]:
    offers = load("openoh.population.offers", "rules")
    version = f"{offers.rule_version}, {disclosure_rules().version}"
    found = []
    for rule in cast(list[dict[str, Any]], offers["rules"]):
        offered, taken = protection.of_knowing_reader(counts.get(rule["code"], Count()))
        found.append(
            OfferFigure(
                employer_id=employer, rule=rule["code"], first=first, last=last, offered=offered, taken=taken,
                rule_version=version,
            )
        )  # fmt: skip
    return found
