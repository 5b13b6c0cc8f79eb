"""Before and after, without a comparison: the weakest design."""

import math
from types import MappingProxyType

from openoh.methods._checks import Numbers, vector
from openoh.methods.evaluation._effect import REGRESSION_TO_THE_MEAN, Effect, design_rules, half_width


def before_after(
    before: Numbers, after: Numbers, *, paired: bool = False, confidence: float = 0.95
) -> Effect:
    """The mean after less the mean before: weak, because anything else may have changed at the same time.

    At least two values on each side. `paired` when both are of the same people in order; otherwise Welch's
    interval for two groups. Raises `ValueError` for gaps, too few values, or pairs that do not match.

    Source: HM Treasury, Magenta Book 2020, on designs without a comparison.

    >>> effect = before_after([5.1, 4.9, 5.3, 5.2], [4.6, 4.8, 4.5, 4.7])
    >>> round(effect.estimate, 3), round(effect.lower, 2), round(effect.upper, 2), effect.strength
    (-0.475, -0.74, -0.21, 'weak')
    """
    first = vector("before", before, at_least=2)
    second = vector("after", after, at_least=2, length=first.size if paired else None)
    if paired:
        difference = second - first
        se = float(difference.std(ddof=1)) / math.sqrt(first.size)
        df = float(first.size - 1)
    else:
        parts = [float(values.var(ddof=1)) / values.size for values in (first, second)]
        se = math.sqrt(sum(parts))
        spread = sum(part**2 / (values.size - 1) for part, values in zip(parts, (first, second), strict=True))
        df = se**4 / spread if spread else float(first.size + second.size - 2)
    estimate = float(second.mean() - first.mean())
    half = half_width(se, confidence, df)
    return Effect(
        estimate,
        se,
        estimate - half,
        estimate + half,
        ("Nothing else changed between before and after.", "The groups before and after are alike."),
        (
            REGRESSION_TO_THE_MEAN,
            "No comparison group: trends, seasons and other changes are part of this number.",
        ),
        "before-after, paired" if paired else "before-after",
        "weak",
        confidence,
        MappingProxyType({"df": df}),
        design_rules().rule_version,
    )
