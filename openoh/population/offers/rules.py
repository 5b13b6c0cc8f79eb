"""Which help is offered because of an absence, and when it may be sent. Pure: facts in, decision out.

`deciding.py` states the same order of checks in SQL, for many spells at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import cast

from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.clock import UK
from openoh.foundation.core.content import load
from openoh.foundation.core.decisions import Decision

PACKAGE = "openoh.population.offers"
OFFER, HOLD, WAIT, STOP, NONE = "offer", "hold", "wait", "stop", "none"
# Decided again every night, since what stands in the way can go away.
WAITS = frozenset({"purpose", "not-matched", "no-service", "suspended", "not-started", "too-early"})
NOTHING = frozenset({"other-reason", "too-short"})


@dataclass(frozen=True)
class Rule:
    """One rule of content. `reason_groups` empty means every absence; days are calendar days."""

    code: str
    topic: str
    reason_groups: frozenset[str]
    services: tuple[str, ...]
    after_days: int
    cooling_days: int
    lapses_after_days: int
    hold: bool
    while_absent: bool
    title: str
    why: str
    what: str


@dataclass(frozen=True)
class RuleSet:
    """All rules of one version, with what they share."""

    version: str
    purpose: str
    small_employer: int
    latest_start_days: int
    ended_within_days: int
    stop_reason_groups: dict[str, str]
    stops: tuple[str, ...]
    opens: time
    closes: time
    rules: tuple[Rule, ...]
    reasons: dict[str, str]

    def rule(self, code: str) -> Rule:
        """The rule called `code`; raises LookupError."""
        for rule in self.rules:
            if rule.code == code:
                return rule
        raise LookupError(f"unknown rule {code!r}; known: {', '.join(rule.code for rule in self.rules)}")


@dataclass(frozen=True)
class Facts:
    """What is known about one spell for one rule, on one day.

    `employer_size` counts the people engaged today; `stops` are kinds of contact stops in force; `last_offer_on`
    is the day on which an offer of the rule's topic last went out; `newer_spell`: a newer absence of the same
    person leads to the same offer in the same run.
    """

    started_on: date
    ended_on: date | None = None
    reason_group: str = ""
    retracted: bool = False
    purpose_in_force: bool = True
    matched: bool = True
    served: bool = True
    employer_size: int = 1000
    stops: frozenset[str] = frozenset()
    suspended: bool = False
    objected: bool = False
    left_on: date | None = None
    open_offer: bool = False
    last_offer_on: date | None = None
    newer_spell: bool = False


@lru_cache(maxsize=1)
def rule_set() -> RuleSet:
    """The rules in force, from content."""
    content = load(PACKAGE, "rules")
    hours = cast(dict[str, time], content["contact_hours"])
    return RuleSet(
        version=content.rule_version,
        purpose=str(content["purpose"]),
        small_employer=cast(int, content["small_employer"]),
        latest_start_days=cast(int, content["latest_start_days"]),
        ended_within_days=cast(int, content["ended_within_days"]),
        stop_reason_groups=cast(dict[str, str], content["stop_reason_groups"]),
        stops=tuple(cast(list[str], content["stops"])),
        opens=hours["opens"],
        closes=hours["closes"],
        rules=tuple(_rule(entry) for entry in cast(list[dict[str, object]], content["rules"])),
        reasons=cast(dict[str, str], content["reasons"]),
    )


def _rule(entry: dict[str, object]) -> Rule:
    groups, services = cast(list[str], entry["reason_groups"]), cast(list[str], entry["services"])
    rest = {name: value for name, value in entry.items() if name not in ("reason_groups", "services")}
    return Rule(reason_groups=frozenset(groups), services=tuple(services), **rest)  # type: ignore[arg-type]


def decide(facts: Facts, rule: Rule, rules: RuleSet, today: date) -> Decision:
    """What `rule` says about a spell on the day `today`.

    The outcome is ``offer``, ``hold`` (a person must release it), ``wait`` (decide again later), ``stop`` or
    ``none`` (the rule does not apply, nothing is kept). `facts["reason"]` of the answer is the reason's code.
    """
    code = _what_stands_in_the_way(facts, rule, rules, today)
    if code is None:
        code, outcome = ("hold", HOLD) if rule.hold else ("offered", OFFER)
    else:
        outcome = NONE if code in NOTHING else WAIT if code in WAITS else STOP
    return Decision(outcome, rules.reasons[code], rules.version, {"reason": code})


def _what_stands_in_the_way(facts: Facts, rule: Rule, rules: RuleSet, today: date) -> str | None:
    if rule.reason_groups and facts.reason_group not in rule.reason_groups:
        return "other-reason"
    return (
        _about_the_data(facts, rule, rules)
        or _about_the_absence(facts, rule, rules, today)
        or _about_the_person(facts, rules, today)
        or _about_earlier_offers(facts, rule, today)
    )


def _about_the_data(facts: Facts, rule: Rule, rules: RuleSet) -> str | None:
    if facts.retracted:
        return "retracted"
    if not facts.purpose_in_force:
        return "purpose"
    if not facts.matched:
        return "not-matched"
    if rule.reason_groups and facts.employer_size < rules.small_employer:
        return "small-employer"
    return rules.stop_reason_groups.get(facts.reason_group)


def _about_the_absence(facts: Facts, rule: Rule, rules: RuleSet, today: date) -> str | None:
    if facts.started_on > today:
        return "not-started"
    if facts.started_on < today - timedelta(days=rules.latest_start_days):
        return "too-old"
    if facts.ended_on and facts.ended_on < today - timedelta(days=rules.ended_within_days):
        return "ended"
    if _days(facts, today) < rule.after_days:
        return "too-short" if facts.ended_on and facts.ended_on < today else "too-early"
    if rule.while_absent and facts.ended_on and facts.ended_on < today:
        return "returned"
    return None


def _about_the_person(facts: Facts, rules: RuleSet, today: date) -> str | None:
    if not facts.served:
        return "no-service"
    stops = facts.stops | ({"suspended"} if facts.suspended else set())
    for stop in rules.stops:
        if stop in stops:
            return stop
    if facts.objected:
        return "objected"
    if facts.left_on and facts.left_on < today:
        return "left"
    return None


def _days(facts: Facts, today: date) -> int:
    """Calendar days of the absence so far, both days inclusive."""
    last = min(facts.ended_on, today) if facts.ended_on else today
    return (last - facts.started_on).days + 1


def _about_earlier_offers(facts: Facts, rule: Rule, today: date) -> str | None:
    if facts.open_offer:
        return "open-offer"
    if facts.last_offer_on and facts.last_offer_on > today - timedelta(days=rule.cooling_days):
        return "cooling"
    return "newer-spell" if facts.newer_spell else None


def in_contact_hours(now: datetime, calendar: WorkingDays, rules: RuleSet) -> bool:
    """Whether somebody may be written to at this instant."""
    local = now.astimezone(UK)
    return calendar.is_working(local.date()) and rules.opens <= local.time() < rules.closes


def next_contact(now: datetime, calendar: WorkingDays, rules: RuleSet) -> datetime:
    """This instant when it lies in contact hours, else the next opening."""
    if in_contact_hours(now, calendar, rules):
        return now
    local = now.astimezone(UK)
    day = local.date()
    if local.time() >= rules.opens:
        day += timedelta(days=1)
    return datetime.combine(calendar.add(day, 0), rules.opens, tzinfo=UK)
