"""Sickness absence: spells, days lost, rates, patterns and what an improvement would gain."""

from openoh.methods._figure import Figure
from openoh.methods.absence._arrays import (
    MonthTable,
    SpellTable,
    fte_days_many,
    merge_spells_many,
    split_by_month,
)
from openoh.methods.absence._days import fte_days
from openoh.methods.absence._patterns import (
    Bradford,
    Trigger,
    bradford,
    bradford_factor,
    is_long_term,
    triggers,
)
from openoh.methods.absence._rates import (
    QuartileGain,
    ReasonShares,
    UnitGain,
    contracted_hours,
    hours_lost_per_person,
    quartile_gain,
    rate,
    reason_labels,
    reason_shares,
)
from openoh.methods.absence._rules import RuleSet, rule_set
from openoh.methods.absence._spells import Spell, merge_spells

__all__ = [
    "Bradford",
    "Figure",
    "MonthTable",
    "QuartileGain",
    "ReasonShares",
    "RuleSet",
    "Spell",
    "SpellTable",
    "Trigger",
    "UnitGain",
    "bradford",
    "bradford_factor",
    "contracted_hours",
    "fte_days",
    "fte_days_many",
    "hours_lost_per_person",
    "is_long_term",
    "merge_spells",
    "merge_spells_many",
    "quartile_gain",
    "rate",
    "reason_labels",
    "reason_shares",
    "rule_set",
    "split_by_month",
    "triggers",
]
