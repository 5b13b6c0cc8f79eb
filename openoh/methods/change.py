"""Change in one group, before and after: reliable and clinically significant change, paired tests, effect
sizes.

A change after something was done is not a change because of it: `openoh.methods.evaluation` says what would
show that.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, chdtrc, ndtri, stdtr, stdtrit

from openoh.methods._checks import Floats, confidence_level, floats, measurable, number, one_of, whole
from openoh.methods._content import load

__all__ = [
    "McNemar",
    "Paired",
    "ReliableChange",
    "mcnemar",
    "paired",
    "reliable",
]


CATEGORIES = ("recovered", "improved", "unchanged", "deteriorated")
MISSING = "missing"

Scores = Sequence[float | None] | NDArray[np.float64]


@dataclass(frozen=True)
class ReliableChange:
    """Reliable and clinically significant change of one person or of a service.

    `rci` and `category` have one entry for each person, in order: `rci` is `None` and the category `missing`
    where an end is missing. A positive `rci` is a higher score afterwards, whichever direction is better.
    `counts` has every category. `cutoff_b` and `cutoff_c` are `None` without norms; `cutoff` is the one used,
    named by `cutoff_used`.
    """

    n: int
    missing: int
    s_diff: float
    se_measurement: float
    before_mean: float
    before_sd: float
    rci: tuple[float | None, ...]
    category: tuple[str, ...]
    counts: Mapping[str, int] = field(hash=False)
    cutoff_a: float
    cutoff_b: float | None
    cutoff_c: float | None
    cutoff: float
    cutoff_used: str
    rule_version: str


@dataclass(frozen=True)
class Paired:
    """Paired comparison of `n` complete pairs, `missing` pairs left out; differences are after minus before.

    `t`, `p`, `cohen_dz` and the Wilcoxon test are `None` where all differences are equal, `cohen_dav` and
    `standardised_by_before_sd` where the scores they divide by do not vary: no test exists then.
    """

    n: int
    missing: int
    mean_difference: float
    sd_difference: float
    lower: float
    upper: float
    confidence: float
    t: float | None
    df: int
    p: float | None
    wilcoxon_v: float | None
    wilcoxon_p: float | None
    cohen_dz: float | None
    cohen_dav: float | None
    standardised_by_before_sd: float | None
    rule_version: str


@dataclass(frozen=True)
class McNemar:
    """A change in a yes-or-no answer of the same people; `difference` is the share after less the share
    before.

    `chi2` and both p-values of it are `None` where nobody changed.
    """

    n: int
    chi2: float | None
    p: float | None
    chi2_corrected: float | None
    p_corrected: float | None
    p_exact: float
    difference: float
    lower: float
    upper: float
    confidence: float
    rule_version: str


def reliable(
    before: Scores | float,
    after: Scores | float,
    *,
    reliability: float,
    higher_is_better: bool,
    norm: tuple[float, float] | None = None,
    before_mean: float | None = None,
    before_sd: float | None = None,
    cutoff: str | None = None,
) -> ReliableChange:
    """Reliable and clinically significant change by Jacobson and Truax.

    `before` and `after` are scores of the same people in order (`None` or NaN = missing), or one person's two
    scores. `reliability` of the instrument lies between 0 and 1, both excluded. The mean and the standard
    deviation before come from the complete pairs unless `before_mean` and `before_sd` are given, which one
    person needs. `norm` is the (mean, SD) of people without the problem. `cutoff` is `a` (2 SD better than
    the mean before), `b` (2 SD worse than the norm's mean) or `c` (between both, weighted by the SDs); `c`
    with norms unless given, else `a`.

    Categories: `recovered` needs the reliable change and the crossing of the cut-off from the worse side;
    `improved`, `unchanged` and `deteriorated` look at the reliable change alone (|RCI| > 1.96). Some programs
    split `deteriorated` further into those who crossed the cut-off downwards; the article does not.
    Raises `ValueError` outside these ranges, without two complete pairs, or where the scores before are all
    equal. Source: Jacobson and Truax (1991), Journal of Consulting and Clinical Psychology 59:12.

    >>> person = reliable(32.5, 47.5, reliability=0.8, higher_is_better=True, norm=(60, 7.5),
    ...                   before_mean=40, before_sd=7.5)
    >>> round(person.s_diff, 2), round(person.rci[0], 2), person.cutoff_a, person.cutoff_b, person.cutoff_c
    (4.74, 3.16, 55.0, 45.0, 50.0)
    >>> person.category
    ('improved',)
    """
    rules = load("change", "reliable-change")
    first, second = _pairs(before, after)
    complete = ~np.isnan(first) & ~np.isnan(second)
    mean, sd = _spread(first[complete], before_mean, before_sd)
    exactness = number("reliability", reliability, minimum=0, maximum=1, above=True)
    if exactness == 1:
        raise ValueError("reliability is 1; it must be below 1, as every instrument has measurement error")
    error = sd * math.sqrt(1 - exactness)
    s_diff = error * math.sqrt(2)
    direction = 1 if higher_is_better else -1
    cutoffs = _cutoffs(mean, sd, norm, direction, rules.values["cutoff_sd"])
    used = one_of("cutoff", cutoff or ("c" if norm else "a"), list(cutoffs))
    line = cutoffs[used]
    rci = (second - first) / s_diff
    gain = rci * direction
    crossed = (direction * first < direction * line) & (direction * second > direction * line)
    better, worse = gain > rules.values["critical_value"], gain < -rules.values["critical_value"]
    category = np.select(
        [~complete, better & crossed, better, worse],
        [MISSING, "recovered", "improved", "deteriorated"],
        "unchanged",
    ).tolist()
    tally = Counter(category)
    return ReliableChange(
        int(complete.sum()),
        int((~complete).sum()),
        s_diff,
        error,
        mean,
        sd,
        tuple(None if math.isnan(value) else value for value in rci.tolist()),
        tuple(category),
        MappingProxyType({name: tally[name] for name in (*CATEGORIES, MISSING)}),
        cutoffs["a"],
        cutoffs.get("b"),
        cutoffs.get("c"),
        line,
        used,
        rules.rule_version,
    )


def paired(before: Scores, after: Scores, *, confidence: float = 0.95) -> Paired:
    """Paired t and Wilcoxon signed-rank tests with effect sizes, on the pairs with both ends.

    `before` and `after` are scores of the same people in order, `None` or NaN where an end is missing; at
    least two complete pairs, else `ValueError`. Differences are after minus before. `cohen_dz` divides by the
    SD of the differences, `cohen_dav` by the mean of both SDs, `standardised_by_before_sd` by the SD before.
    Wilcoxon: zero differences are dropped; the p-value is exact for up to 49 differences without ties or
    zeros, and otherwise normal with continuity correction, as R's `wilcox.test` does.

    Source: Student's paired t test; Cohen 1988, Statistical power analysis for the behavioral sciences
    (effect sizes).

    >>> result = paired([1.9, 0.8, 1.1, 0.1], [0.7, -1.6, -0.2, -1.2])
    >>> round(result.mean_difference, 2), round(result.t, 2), round(result.p, 4), result.n
    (-1.55, -5.45, 0.0121, 4)
    """
    first, second = _pairs(before, after)
    complete = ~np.isnan(first) & ~np.isnan(second)
    first, second = first[complete], second[complete]
    if first.size < 2:
        raise ValueError(f"there are {first.size} complete pairs; a paired comparison needs at least 2")
    difference = second - first
    n, centre, sd = first.size, float(difference.mean()), float(difference.std(ddof=1))
    error = sd / math.sqrt(n)
    half = float(stdtrit(n - 1, 0.5 + confidence_level(confidence) / 2)) * error
    varies = bool((difference != difference[0]).any())
    t = centre / error if varies else None
    v, p_signed = _wilcoxon(difference) if varies else (None, None)
    before_sd, after_sd = float(first.std(ddof=1)), float(second.std(ddof=1))
    return Paired(
        n,
        int((~complete).sum()),
        centre,
        sd if varies else 0.0,
        centre - half if varies else centre,
        centre + half if varies else centre,
        confidence,
        t,
        n - 1,
        None if t is None else _t_tail(t, n - 1),
        v,
        p_signed,
        centre / sd if varies else None,
        _ratio(centre, (before_sd + after_sd) / 2),
        _ratio(centre, before_sd),
        load("change", "reliable-change").rule_version,
    )


def mcnemar(
    both: int, before_only: int, after_only: int, neither: int, *, confidence: float = 0.95
) -> McNemar:
    """McNemar's test of a yes-or-no answer given twice by the same people, plain, continuity-corrected and
    exact.

    Four counts of people: yes both times, yes only before, yes only after, neither; whole numbers of at least
    0 and at least one in all, else `ValueError`. The interval is Wald's for the difference of paired shares.
    Source: McNemar (1947), Psychometrika 12:153.

    >>> result = mcnemar(794, 150, 86, 570)
    >>> round(result.chi2, 2), round(result.chi2_corrected, 2), round(result.difference, 3)
    (17.36, 16.82, -0.04)
    """
    names = ("both", "before_only", "after_only", "neither")
    both, lost, gained, neither = (
        whole(name, value)
        for name, value in zip(names, (both, before_only, after_only, neither), strict=True)
    )
    n, changed = both + lost + gained + neither, lost + gained
    if not n:
        raise ValueError("the four counts are all 0; there must be at least one person")
    plain = (gained - lost) ** 2 / changed if changed else None
    corrected = max(abs(gained - lost) - 1, 0) ** 2 / changed if changed else None
    difference = (gained - lost) / n
    error = math.sqrt(max(changed - (gained - lost) ** 2 / n, 0)) / n
    half = float(ndtri(0.5 + confidence_level(confidence) / 2)) * error
    return McNemar(
        n,
        plain,
        None if plain is None else float(chdtrc(1, plain)),
        corrected,
        None if corrected is None else float(chdtrc(1, corrected)),
        _sign_test(gained, changed),
        difference,
        difference - half,
        difference + half,
        confidence,
        load("change", "reliable-change").rule_version,
    )


def _pairs(before: Scores | float, after: Scores | float) -> tuple[Floats, Floats]:
    """Both ends as arrays of one length, NaN where missing; infinite scores are refused."""
    first, second = (
        np.atleast_1d(floats(name, scores)) for name, scores in (("before", before), ("after", after))
    )
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(
            f"before has {first.size} scores and after {second.size}; both must be of the same people"
        )
    for name, scores in (("before", first), ("after", second)):
        if not (measurable(scores) | np.isnan(scores)).all():
            raise ValueError(f"{name} holds an infinite score; scores must be finite, or None where missing")
    return first, second


def _spread(scores: Floats, mean: float | None, sd: float | None) -> tuple[float, float]:
    """The mean and SD before, as given or from the scores."""
    if (mean is None) != (sd is None):
        raise ValueError("before_mean and before_sd must be given together")
    if mean is not None and sd is not None:
        return number("before_mean", mean), number("before_sd", sd, minimum=0, above=True)
    if scores.size < 2:
        raise ValueError(
            f"there are {scores.size} complete pairs; the SD before needs at least 2, "
            "or give before_mean and before_sd"
        )
    if np.ptp(scores) == 0:
        raise ValueError("the scores before are all equal; their SD is 0 and must be above 0")
    return float(scores.mean()), float(scores.std(ddof=1))


def _cutoffs(
    mean: float, sd: float, norm: tuple[float, float] | None, direction: int, width: float
) -> dict[str, float]:
    """The cut-offs that can be calculated: `b` and `c` need norms."""
    cutoffs = {"a": mean + direction * width * sd}
    if norm is not None:
        norm_mean, norm_sd = (
            number("the norm's mean", norm[0]),
            number("the norm's SD", norm[1], minimum=0, above=True),
        )
        if direction * (norm_mean - mean) <= 0:
            raise ValueError(f"the norm's mean {norm_mean:g} is not better than the mean before, {mean:g}")
        cutoffs["b"] = norm_mean - direction * width * norm_sd
        cutoffs["c"] = (norm_sd * mean + sd * norm_mean) / (norm_sd + sd)
    return cutoffs


def _wilcoxon(difference: Floats) -> tuple[float, float]:
    """The sum of positive ranks and the two-sided p-value."""
    from scipy.stats import rankdata, wilcoxon

    ranked = difference[difference != 0]
    ranks = rankdata(np.abs(ranked))
    plain = ranked.size == difference.size < 50 and np.unique(ranks).size == ranks.size
    method = "exact" if plain else "asymptotic"
    p = float(wilcoxon(ranked, correction=not plain, method=method).pvalue)
    return float(ranks[ranked > 0].sum()), p


def _t_tail(t: float, df: int) -> float:
    return 2 * float(stdtr(df, -abs(t)))


def _sign_test(gained: int, changed: int) -> float:
    return min(1.0, 2 * float(bdtr(min(gained, changed - gained), changed, 0.5))) if changed else 1.0


def _ratio(value: float, spread: float) -> float | None:
    return value / spread if spread else None
