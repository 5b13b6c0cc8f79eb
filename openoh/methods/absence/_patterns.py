"""Patterns in one person's absence: long-term, Bradford factor, triggers of a conversation."""

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from openoh.methods import _checks
from openoh.methods.absence._rules import RuleSet, TriggerRule, rule_set
from openoh.methods.absence._spells import ONE_DAY, Spell, checked, merge_spells

Dates = tuple[dt.date, dt.date | None]
# A working life; a longer window is a slip of the pen, and may begin before dates do.
_LONGEST_WINDOW = 36_525


@dataclass(frozen=True, slots=True)
class Bradford:
    """``factor`` = ``spells`` squared x ``days`` from ``since`` to ``as_of``, both included.

    ``step`` is the highest step of the rule set reached, ``None`` below the first or where it has none.
    """

    spells: int
    days: int
    factor: int
    since: dt.date
    as_of: dt.date
    step: int | None
    rule_version: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger that was reached: what was counted from ``since`` on, beside its threshold."""

    code: str
    observed: int
    threshold: int
    since: dt.date
    as_of: dt.date
    rule_version: str


def bradford_factor(spell_count: int, total_days: float) -> float:
    """Spells squared times days: ``S x S x D``. Steps at which it means something are local policy.

    Raises ``ValueError`` for a count that is negative or fractional, for negative days, and for days
    without a spell. Half days are allowed.

    Source: the Bradford factor as employers use it, S x S x D; there is no statutory form.

    >>> bradford_factor(3, 6)
    54
    """
    count = _checks.whole("spell_count", spell_count)
    _checks.number("total_days", total_days, minimum=0)
    if count == 0 and total_days > 0:
        raise ValueError(f"total_days is {total_days} with a spell_count of 0; allowed: 0")
    return count * count * total_days


def bradford(
    spells: Iterable[Dates],
    *,
    as_of: dt.date,
    days: int = 365,
    rules: str = "nhs",
    version: str | None = None,
) -> Bradford:
    """The Bradford factor of the last ``days`` days up to and including ``as_of``.

    Overlapping spells count once (``merge_spells``). A spell that began before the window counts as one
    spell with its days inside the window; what lies after ``as_of`` is left out. Calendar days. Leave out
    spells that policy or the Equality Act 2010 excludes (disability, pregnancy) before calling.

    Raises ``ValueError`` for ``days`` outside 1 to 36,525 (a century) and for what ``merge_spells`` refuses.

    Source: the Bradford factor as employers use it (S x S x D); its window and steps are content of the
    rule set.

    >>> day = dt.date(2024, 6, 3)
    >>> bradford([(day, day), (dt.date(2024, 9, 2), dt.date(2024, 9, 6))], as_of=dt.date(2024, 12, 31)).factor
    24
    """
    window = _checks.whole("days", days, minimum=1, maximum=_LONGEST_WINDOW)
    since = _checks.day("as_of", as_of) - dt.timedelta(days=window - 1)
    policy = rule_set(rules, version=version)
    counted = [count for spell in merge_spells(spells) if (count := _days_within(spell, since, as_of))]
    factor = int(bradford_factor(len(counted), sum(counted)))
    reached = [step for step in policy.bradford_steps if factor >= step]
    return Bradford(
        spells=len(counted),
        days=sum(counted),
        factor=factor,
        since=since,
        as_of=as_of,
        step=max(reached, default=None),
        rule_version=policy.rule_version,
    )


def is_long_term(spell: Dates, *, as_of: dt.date, threshold: int = 28, inclusive: bool = True) -> bool:
    """Whether a spell has lasted ``threshold`` calendar days by ``as_of`` (more than that where not
    ``inclusive``).

    The defaults are those of the NHS rule set; the Home Office counts *more than* 28 days, so police data
    take ``inclusive=False``. Raises ``ValueError`` for a threshold below 1 and an end before the start.

    Source: NHS Terms and Conditions of Service Handbook, annex 26; police definitions count more than 28
    days.

    >>> is_long_term((dt.date(2024, 6, 1), None), as_of=dt.date(2024, 6, 28))
    True
    >>> is_long_term((dt.date(2024, 6, 1), None), as_of=dt.date(2024, 6, 28), inclusive=False)
    False
    """
    _checks.whole("threshold", threshold, minimum=1)
    days = checked(spell).days_by(_checks.day("as_of", as_of))
    return days >= threshold if inclusive else days > threshold


def triggers(
    spells: Iterable[Dates], *, as_of: dt.date, rules: str = "nhs", version: str | None = None
) -> tuple[Trigger, ...]:
    """The triggers that a person's absence has reached by ``as_of``, in the order of the rule set; often
    none.

    Overlapping spells count once. A window of ``n`` months ends on ``as_of`` and begins the day after the
    same day ``n`` months earlier (the last day of a shorter month). Spells count when any of their days
    lies in it, days only when they do themselves. A trigger asks for a conversation; it decides nothing.

    Raises ``ValueError`` for an unknown rule set or version and for what ``merge_spells`` refuses.

    Source: local policy within NHS Terms and Conditions of Service Handbook, annex 26.

    >>> days = [dt.date(2024, month, 2) for month in (3, 4, 5)]
    >>> [found.code for found in triggers([(day, day) for day in days], as_of=dt.date(2024, 6, 1))]
    ['three-spells-in-six-months']
    """
    policy = rule_set(rules, version=version)
    _checks.day("as_of", as_of)
    merged = merge_spells(spells)
    found = (_trigger(rule, policy, merged, as_of) for rule in policy.triggers)
    return tuple(trigger for trigger in found if trigger.observed >= trigger.threshold)


def _trigger(rule: TriggerRule, policy: RuleSet, merged: list[Spell], as_of: dt.date) -> Trigger:
    since = _months_before(as_of, rule.months) + ONE_DAY
    days = [count for spell in merged if (count := _days_within(spell, since, as_of))]
    if rule.spells is not None:
        observed, threshold = len(days), rule.spells
    elif rule.days is not None:
        observed, threshold = sum(days), rule.days
    else:
        recent = [spell for spell in merged if _days_within(spell, since, as_of)]
        observed, threshold = sum(_is_long_term(spell, as_of, policy) for spell in recent), 1
    return Trigger(rule.code, observed, threshold, since, as_of, policy.rule_version)


def _is_long_term(spell: Spell, as_of: dt.date, policy: RuleSet) -> bool:
    return is_long_term(
        spell, as_of=as_of, threshold=policy.long_term_days, inclusive=policy.long_term_inclusive
    )


def _days_within(spell: Spell, since: dt.date, as_of: dt.date) -> int:
    return spell._replace(start=max(spell.start, since)).days_by(as_of)


def _months_before(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))
