"""Units against a baseline: the control limits of indicator practice, and on which side a unit lies."""

import math
from dataclasses import dataclass

from openoh.methods._checks import number, one_of
from openoh.methods.equity._estimates import (
    crude_rate,
    exact_limits,
    interval_rules,
    normal_quantile,
    proportion,
)

KINDS = ("rate", "proportion")


@dataclass(frozen=True)
class Comparison:
    """Whether a unit is `low`, `high` or neither (`None`) against a baseline.

    `level` is the one-sided probability of the widest control limit that it lies beyond: 0.025 or 0.001.
    """

    direction: str | None
    level: float | None
    baseline: float
    rule_version: str


@dataclass(frozen=True)
class ControlLimits:
    """Values of a unit of one size beyond which chance alone hardly takes it; in the unit of the baseline."""

    lower: float
    upper: float
    confidence: float
    rule_version: str


def compare(events: float, exposure: float, *, baseline: float, kind: str = "rate") -> Comparison:
    """A unit against the baseline: outside the 95 % or the 99.8 % control limits, or inside.

    `kind` `rate` compares events for one of exposure with the baseline rate; for a ratio, `exposure` is the
    expected events and the baseline 1. `proportion` compares the share of `exposure` people with the baseline
    share. Ranges and errors as `crude_rate` and `proportion`. It is neither a rank nor a test of many units
    at once: for units that differ more than by chance use `openoh.methods.spc.funnel`.
    Source: Public Health England, Fingertips public health technical guidance: control limits.

    >>> compare(12, 32.232, baseline=1).direction, compare(12, 32.232, baseline=1).level
    ('low', 0.001)
    """
    one_of("kind", kind, KINDS)
    target = number("baseline", baseline, minimum=0, maximum=1 if kind == "proportion" else math.inf)
    rules = interval_rules()
    estimate = crude_rate if kind == "rate" else proportion
    for confidence in sorted(rules.values["funnel_confidence"], reverse=True):
        interval = estimate(events, exposure, multiplier=1, confidence=confidence)
        if not interval.lower <= target <= interval.upper:
            direction = "low" if interval.upper < target else "high"
            return Comparison(direction, round((1 - confidence) / 2, 6), target, rules.rule_version)
    return Comparison(None, None, target, rules.rule_version)


def control_limits(
    size: float, *, baseline: float, kind: str = "rate", confidence: float = 0.95
) -> ControlLimits:
    """The control limits of a unit of one size about the baseline.

    For a `proportion` the size is the people (> 0) and the limits are the shares at which Wilson's interval
    touches the baseline, within 0 and 1. For a `rate` (and a ratio, with baseline 1) it is the events
    observed (> 0), and the limits are the rates at which the exact Poisson interval of so many events
    touches the baseline.

    Source: Office for Health Improvement and Disparities, Fingertips technical guidance (funnel plots).

    >>> limits = control_limits(1, baseline=1)
    >>> round(limits.lower, 4), round(limits.upper, 2)
    (0.1795, 39.5)
    """
    one_of("kind", kind, KINDS)
    version = interval_rules().rule_version
    measure = number("size", size, minimum=0, above=True)
    target = number("baseline", baseline, minimum=0, maximum=1 if kind == "proportion" else math.inf)
    if kind == "proportion":
        half = normal_quantile(confidence) * math.sqrt(target * (1 - target) / measure)
        return ControlLimits(max(0.0, target - half), min(1.0, target + half), confidence, version)
    fewest, most = exact_limits(measure, confidence)
    return ControlLimits(target * measure / most, target * measure / fewest, confidence, version)
