"""Publish the absence rates of groups that managers read: a tick of the worker, once for every three closed months.

What it writes is protected and is never changed, whoever joins or leaves afterwards.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast
from uuid import UUID

from openoh.foundation.core import clock
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.content import load
from openoh.foundation.core.scope import within
from openoh.foundation.organisations.models import Employer, Site, Team
from openoh.methods import disclosure
from openoh.methods.disclosure import disclosure_rules
from openoh.population.measures import catalogue, counting, rules
from openoh.population.measures.grouping import WHOLE, Colleague, Family, Limits, Place, Shown, family
from openoh.population.measures.models import GroupOfPlace, GroupRate
from openoh.population.measures.queries import group_rules


def publish() -> int:
    """Publish what is new; returns for how many employers. Running it again changes nothing."""
    first, last = newest_quarter(clock.today())
    with within(Scope(Audience.WORKER)):
        done = GroupRate.objects.filter(first=first, kind=WHOLE.kind).values("employer_id")
        waiting = list(Employer.objects.exclude(pk__in=done).order_by("id"))
    return sum(_publish(employer, first, last) for employer in waiting)


def newest_quarter(today: date) -> tuple[date, date]:
    """The first and the last day of the newest three calendar months that are closed."""
    months = cast(int, group_rules()["months"])
    settled = today - timedelta(days=cast(int, catalogue.content()["settle_days"]))
    open_from = settled.replace(month=(settled.month - 1) // months * months + 1, day=1)
    last = open_from - timedelta(days=1)
    return rules.months_before(last, months), last


def limits() -> Limits:
    """The least numbers of disclosure control, and the largest share of one person."""
    least = disclosure_rules()
    return Limits(
        least.minimum_base["breakdown"], least.threshold, cast(float, group_rules()["largest_share"])
    )


def _publish(employer: Employer, first: date, last: date) -> bool:
    """One employer in a transaction of its own; not before its feed covers the whole time."""
    with within(Scope(Audience.WORKER)):
        began = counting.feed_began(employer.id)
        if began is None or began > first:
            return False
        people = counting.colleagues(employer.id, since=first, until=last + timedelta(days=1))
        fewest = cast(int, load("openoh.population.measures", "definitions")["fewest_people"])
        parents = dict(Team.objects.filter(employer=employer).values_list("id", "parent_id"))
        small = len({each.who for each in people}) < fewest
        found = Family((), {}) if small else family(people, parents, limits())
        _write(employer, first, last, found)
        return True


def _write(employer: Employer, first: date, last: date, found: Family) -> None:
    names = _names(employer)
    version = f"{group_rules().rule_version}, {disclosure_rules().version}"
    rows: dict[Place, GroupRate] = {}
    for shown in found.shown or (Shown(WHOLE, (), None),):
        people, rate = _figure(shown.people)
        rows[shown.place] = GroupRate(
            employer=employer, first=first, last=last, kind=shown.place.kind, unit=shown.place.id,
            name=names.get(shown.place.id, employer.name), people=people, rate=rate, rule_version=version,
            inside=rows[shown.inside] if shown.inside else None,
        )  # fmt: skip
    GroupRate.objects.bulk_create(rows.values(), batch_size=1_000)
    GroupOfPlace.objects.bulk_create(
        (
            GroupOfPlace(employer=employer, first=first, kind=place.kind, unit=place.id, group=rows[group])
            for place, group in found.smallest.items()
        ),
        batch_size=1_000,
    )


def _figure(people: tuple[Colleague, ...]) -> tuple[int | None, float | None]:
    """About how many people, and the rate of their days; nothing of a group without anybody."""
    rate = rules.rate(sum(each.lost for each in people), sum(each.available for each in people))
    if rate is None:
        return None, None
    about = disclosure.round_to([len({each.who for each in people})])[0]
    return int(about), round(rate, cast(int, group_rules()["decimals"]))


def _names(employer: Employer) -> dict[UUID | None, str]:
    teams = Team.objects.filter(employer=employer).values_list("id", "name")
    sites = Site.objects.filter(employer=employer).values_list("id", "name")
    return dict([*teams, *sites])
