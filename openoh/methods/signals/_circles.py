"""Clusters of places: circles around each centre (Kulldorff's spatial scan)."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from openoh.methods._checks import (
    Floats,
    Ints,
    Numbers,
    generator,
    number,
    one_of,
    repeats,
    vector,
    whole_vector,
)
from openoh.methods.signals._statistics import excess_likelihood_ratio, p_values, relative_risk, scan_rules

MODELS = ("poisson", "binomial")


@dataclass(frozen=True)
class Cluster:
    """The places inside one circle, nearest to the centre first, with their cases.

    `p_value` holds over all circles together; `None` without permutations.
    """

    places: tuple[Hashable, ...]
    centre: Hashable
    cases: int
    expected: float
    population: float
    relative_risk: float | None
    llr: float
    p_value: float | None
    model: str
    permutations: int
    seed: int
    rule_version: str


# For each centre the places by distance from it, cut where the circle would hold too many people.
_Circles = tuple[Ints, ...]


def scan_circles(
    cases: Numbers,
    population: Numbers,
    x: Numbers,
    y: Numbers,
    *,
    expected: Numbers | None = None,
    names: Sequence[Hashable] | None = None,
    model: str = "poisson",
    largest: float | None = None,
    permutations: int = 999,
    seed: int = 0,
) -> list[Cluster]:
    """Clusters with more cases than expected, best first, none overlapping a better one.

    Arrays by place: whole `cases` >= 0, `population` > 0, planar coordinates `x` and `y` in one unit.
    Circles grow around every place while they hold at most the share `largest` of the population (0.5
    unless given). `expected` cases (Poisson only; proportional to population unless given) are scaled to
    the total. `binomial` counts people with and without the case, which matters where cases are common.
    `names` stand for the places in the result. p-values compare with the best circle of each permutation;
    cases fall on places in proportion to `expected`. Raises `ValueError` outside these ranges, without any
    case, or with more cases than people (binomial). Source: Kulldorff (1997), Communications in Statistics
    26:1481. (The reference program SpatialEpi keeps the sum of expected cases as a whole number, which
    makes its Poisson ratios too low.)

    >>> clusters = scan_circles([9, 8, 1, 1], [100, 100, 100, 100], [0, 1, 9, 10], [0, 0, 0, 0])
    >>> clusters[0].places, clusters[0].cases, clusters[0].expected, round(clusters[0].llr, 2)
    ((0, 1), 17, 9.5, 6.78)
    """
    counts = whole_vector("cases", cases)
    people = vector("population", population, minimum=0, above=True, length=counts.size)
    east, north = (vector(name, at, length=counts.size) for name, at in (("x", x), ("y", y)))
    labels = tuple(range(counts.size)) if names is None else tuple(names)
    if len(labels) != counts.size:
        raise ValueError(f"names has {len(labels)} values; it must have {counts.size}, one for each place")
    total = int(counts.sum())
    if not total:
        raise ValueError("there are no cases; a scan needs at least one")
    means = _expected_cases(counts, people, expected, one_of("model", model, MODELS))
    share = scan_rules().values["largest_circle"] if largest is None else largest
    circles = _grown(people, east, north, number("largest", share, minimum=0, maximum=1, above=True))
    binomial_people = people if model == "binomial" else None
    found = _candidates(circles, counts, means, binomial_people)
    best = _best_of_permutations(
        circles, means, binomial_people, total, repeats("permutations", permutations), seed
    )
    chosen = _not_overlapping(circles, found)
    values = p_values(np.array([llr for llr, _, _ in chosen]), best)
    clusters = []
    for (llr, centre, size), p_value in zip(chosen, values, strict=True):
        inside = circles[centre][:size]
        clusters.append(
            Cluster(
                tuple(labels[place] for place in inside),
                labels[centre],
                int(counts[inside].sum()),
                float(means[inside].sum()),
                float(people[inside].sum()),
                relative_risk(float(counts[inside].sum()), float(means[inside].sum()), total),
                llr,
                p_value,
                model,
                permutations,
                seed,
                scan_rules().rule_version,
            )
        )
    return clusters


def _expected_cases(counts: Ints, people: Floats, expected: Numbers | None, model: str) -> Floats:
    if model == "binomial":
        if expected is not None:
            raise ValueError("expected is given; the binomial model takes the population alone")
        if (counts > people).any():
            place = int(np.argmax(counts > people))
            raise ValueError(
                f"cases[{place}] is {counts[place]}; it must be at most its population, {people[place]:g}"
            )
    means = (
        people
        if expected is None
        else vector("expected", expected, minimum=0, above=True, length=counts.size)
    )
    return np.asarray(means * (counts.sum() / means.sum()))


def _grown(people: Floats, x: Floats, y: Floats, largest: float) -> _Circles:
    limit = largest * people.sum() * (1 + 1e-12)
    members = []
    for centre in range(people.size):
        order = np.argsort((x - x[centre]) ** 2 + (y - y[centre]) ** 2, kind="stable")
        size = int(np.searchsorted(np.cumsum(people[order]), limit, side="right"))
        members.append(order[:size])
    return tuple(members)


def _ratios(
    counts: Floats, means: Floats, people: Floats | None, inside: Ints, total: float, everyone: float
) -> Floats:
    """The ratio of every circle around one centre (last axis), for one or many rows of counts."""
    within = np.cumsum(counts[..., inside], axis=-1)
    expected = np.cumsum(means[inside])
    if people is None:
        return excess_likelihood_ratio(within, expected, total)
    held = np.cumsum(people[inside])
    without = held - within
    inside_part = xlogy(within, within / held) + xlogy(without, without / held)
    rest, rest_held = total - within, np.maximum(everyone - held, 1e-300)
    rest_without = np.maximum(rest_held - rest, 0)
    outside_part = xlogy(rest, rest / rest_held) + xlogy(rest_without, rest_without / rest_held)
    none = total * np.log(total / everyone) + xlogy(everyone - total, (everyone - total) / everyone)
    return np.where(within > expected, np.maximum(inside_part + outside_part - none, 0), 0.0)


def _candidates(
    circles: _Circles, counts: Ints, means: Floats, people: Floats | None
) -> list[tuple[float, int, int]]:
    """(ratio, centre, number of places) of every circle with more cases than expected, best first."""
    total, everyone = float(counts.sum()), 0.0 if people is None else float(people.sum())
    found: list[tuple[float, int, int]] = []
    for centre, inside in enumerate(circles):
        if inside.size:
            ratios = _ratios(counts.astype(np.float64), means, people, inside, total, everyone)
            found.extend((float(ratios[i]), centre, i + 1) for i in np.flatnonzero(ratios > 0).tolist())
    return sorted(found, key=lambda circle: (-circle[0], circle[2], circle[1]))


def _not_overlapping(circles: _Circles, found: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    taken: set[int] = set()
    chosen = []
    for llr, centre, size in found:
        places = set(circles[centre][:size].tolist())
        if not places & taken:
            taken |= places
            chosen.append((llr, centre, size))
    return chosen


def _best_of_permutations(
    circles: _Circles, means: Floats, people: Floats | None, total: int, permutations: int, seed: int
) -> Floats:
    best = np.zeros(permutations)
    if not permutations:
        return best
    drawn = generator(seed).multinomial(total, means / means.sum(), size=permutations).astype(np.float64)
    everyone = 0.0 if people is None else float(people.sum())
    for inside in circles:
        if inside.size:
            np.maximum(best, _ratios(drawn, means, people, inside, total, everyone).max(axis=1), out=best)
    return best
