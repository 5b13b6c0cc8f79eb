"""What absence costs and what a programme returns: Green Book discounting, attribution, sensitivity."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from openoh.methods._checks import (
    SMALLEST,
    Floats,
    Numbers,
    floats,
    generator,
    number,
    one_of,
    repeats,
    vector,
    whole,
)
from openoh.methods._content import load
from openoh.methods._figure import Figure

__all__ = [
    "AbsenceCost",
    "CostRange",
    "Figure",
    "Npv",
    "Roi",
    "Simulation",
    "Swing",
    "absence_cost",
    "discount_factor",
    "npv",
    "presenteeism_cost",
    "roi",
    "turnover_cost",
]


BASES = ("standard", "health")
LAST_YEAR = 1000
ADJUSTMENTS = ("attribution", "deadweight", "dropoff")
# What a sensitivity range may move: the adjustments as shares, costs and benefits as factors of the given
# amounts.
UNCERTAIN = (*ADJUSTMENTS, "costs", "benefits")


@dataclass(frozen=True)
class Npv:
    """Present values in the unit of the inputs, year 0 undiscounted.

    `bcr` and both returns are `None` without costs. `payback_years` is undiscounted and linear within the
    year, `discounted_payback_year` the first whole year with a discounted sum of 0 or more; `None` = never.
    """

    pv_costs: float
    pv_benefits: float
    npv: float
    bcr: float | None
    roi_undiscounted: float | None
    roi_discounted: float | None
    payback_years: float | None
    discounted_payback_year: int | None
    basis: str
    rule_version: str


@dataclass(frozen=True)
class AbsenceCost:
    """The cost of absence: `pay` of the days lost with on-costs, `replacement`, and both in `total`."""

    fte_days: float
    pay: float
    replacement: float
    total: float
    on_cost: float
    rule_version: str


@dataclass(frozen=True)
class CostRange:
    """A cost known as a range only."""

    low: float
    high: float
    rule_version: str


@dataclass(frozen=True)
class Swing:
    """How the net present value moves when one assumption alone goes from `low` to `high`."""

    assumption: str
    low: float
    high: float
    npv_at_low: float
    npv_at_high: float


@dataclass(frozen=True)
class Simulation:
    """The net present value when all uncertain assumptions vary together, triangular between their ends."""

    draws: int
    seed: int
    mean: float
    percentile_5: float
    median: float
    percentile_95: float
    share_above_zero: float


@dataclass(frozen=True)
class Roi:
    """The return on a programme after attribution, deadweight and drop-off.

    `roi` is the discounted net benefit for each pound of cost and `return_per_pound` the benefit for each
    pound (`None` without costs). `tornado` has the widest swing first; `simulation` is `None` without draws.
    """

    roi: float | None
    return_per_pound: float | None
    npv: Npv
    adjusted_benefits: tuple[float, ...]
    attribution: float
    deadweight: float
    dropoff: float
    tornado: tuple[Swing, ...]
    simulation: Simulation | None
    rule_version: str


def discount_factor(year: int, *, basis: str = "standard") -> Figure:
    """What one pound in `year` (whole, 0 to 1000) is worth today, by HM Treasury's Green Book.

    `basis` is `standard` (3.5 % for years 1-30, then 3 %, falling further) or `health` (1.5 %, then 1.29 %).
    The factor is the product over the years, so year 31 is 1.035**-30 / 1.03. Year 0 is not discounted.
    Raises `ValueError` outside. Source: HM Treasury, The Green Book (2022), annex A6.

    >>> round(discount_factor(10), 4), round(discount_factor(10, basis="health"), 4)
    (0.7089, 0.8617)
    """
    when = whole("year", year)
    if when > LAST_YEAR:
        raise ValueError(f"year is {year!r}; it must be at most {LAST_YEAR}")
    version = load("value", "discount-rates").rule_version
    return Figure(float(_factors(one_of("basis", basis, BASES))[when]), version)


def npv(costs_by_year: Numbers, benefits_by_year: Numbers, *, basis: str = "standard") -> Npv:
    """Net present value and benefit-cost ratio of real amounts by year, year 0 first; both of one length.

    Amounts >= 0 in real prices. Raises `ValueError` for gaps, negative amounts (a negative benefit is a cost)
    or different lengths. Source: HM Treasury, The Green Book (2022).

    >>> result = npv([1000, 0, 0, 0], [0, 400, 400, 400])
    >>> round(result.npv, 2), round(result.bcr, 3), result.payback_years, result.discounted_payback_year
    (120.65, 1.121, 2.5, 3)
    """
    costs = vector("costs_by_year", costs_by_year, minimum=0)
    benefits = vector("benefits_by_year", benefits_by_year, minimum=0, length=costs.size)
    if costs.size > LAST_YEAR + 1:
        raise ValueError(f"there are {costs.size} years; there must be at most {LAST_YEAR + 1}")
    factors = _factors(one_of("basis", basis, BASES))[: costs.size]
    pv_costs, pv_benefits = float(factors @ costs), float(factors @ benefits)
    return Npv(
        pv_costs,
        pv_benefits,
        pv_benefits - pv_costs,
        _over(pv_benefits, pv_costs),
        _over(float((benefits - costs).sum()), float(costs.sum())),
        _over(pv_benefits - pv_costs, pv_costs),
        _payback(np.cumsum(benefits - costs)),
        _first_year(np.cumsum(factors * (benefits - costs))),
        basis,
        load("value", "discount-rates").rule_version,
    )


def absence_cost(
    fte_days: Numbers | float,
    annual_pay: Numbers | float,
    *,
    on_cost: float | None = None,
    replacement_hours: float = 0.0,
    replacement_hourly_cost: float = 0.0,
) -> AbsenceCost:
    """The employer's cost of FTE days lost: pay with on-costs for each calendar day, plus replacement.

    `fte_days` >= 0 and the `annual_pay` of one FTE > 0, each one number or one for each group. `on_cost` is a
    share of pay (0.30 unless given); `replacement_hours` are paid at `replacement_hourly_cost`, the full
    price of a bank or agency hour. Days are calendar days, as FTE days lost are counted, so a year has 365.

    Source: arithmetic on pay; the on-cost is content with its own source.

    >>> cost = absence_cost(730, 36_500)
    >>> cost.pay, cost.total
    (94900.0, 94900.0)
    """
    costs = load("value", "unit-costs")
    days = vector("fte_days", np.atleast_1d(floats("fte_days", fte_days)), minimum=0)
    pay = vector("annual_pay", np.atleast_1d(floats("annual_pay", annual_pay)), minimum=0, above=True)
    if pay.size not in (1, days.size):
        raise ValueError(
            f"annual_pay has {pay.size} values; it must have 1 or {days.size}, one for each of fte_days"
        )
    share = number("on_cost", costs.values["on_cost"] if on_cost is None else on_cost, minimum=0)
    lost = float((days * pay).sum()) * (1 + share) / costs.values["days_per_year"]
    replaced = number("replacement_hours", replacement_hours, minimum=0)
    replacement = replaced * number("replacement_hourly_cost", replacement_hourly_cost, minimum=0)
    return AbsenceCost(float(days.sum()), lost, replacement, lost + replacement, share, costs.rule_version)


def turnover_cost(leavers: float, annual_salary: float, *, attributable: float = 1.0) -> CostRange:
    """The cost of replacing `leavers`, of whom the share `attributable` left because of what is looked at.

    Source: unit costs are content with their own sources.

    >>> turnover_cost(10, 40_000, attributable=0.5).low, turnover_cost(10, 40_000, attributable=0.5).high
    (100000.0, 200000.0)
    """
    costs = load("value", "unit-costs")
    left = number("leavers", leavers, minimum=0) * number("attributable", attributable, minimum=0, maximum=1)
    pay = left * number("annual_salary", annual_salary, minimum=0)
    low, high = costs.values["replacement_share"]
    return CostRange(pay * low, pay * high, costs.rule_version)


def presenteeism_cost(staff_affected: float, annual_pay: float) -> CostRange:
    """The productivity lost in a year by people who work while unwell (10-20 % of pay).

    Source: unit costs are content with their own sources.

    >>> cost = presenteeism_cost(50, 30_000)
    >>> cost.low, cost.high
    (150000.0, 300000.0)
    """
    costs = load("value", "unit-costs")
    pay = number("staff_affected", staff_affected, minimum=0) * number("annual_pay", annual_pay, minimum=0)
    low, high = costs.values["presenteeism_loss"]
    return CostRange(pay * low, pay * high, costs.rule_version)


def roi(
    costs: Numbers,
    benefits: Numbers,
    *,
    attribution: float = 1.0,
    deadweight: float = 0.0,
    dropoff: float = 0.0,
    basis: str = "standard",
    ranges: Mapping[str, tuple[float, float]] | None = None,
    draws: int = 0,
    seed: int = 0,
) -> Roi:
    """The return on costs and benefits by year (year 0 first, >= 0, one length), with sensitivity.

    Benefits are multiplied by `attribution` (the share due to the programme), by 1 - `deadweight` (the share
    that would have happened anyway) and by (1 - `dropoff`) for every year after the first year with a
    benefit. All three from 0 to 1. `ranges` gives (low, high) around the stated value for any of
    `attribution`, `deadweight`, `dropoff`, and for `costs` and `benefits` as factors around 1: one at a time
    for `tornado`, all together and independent in `draws` seeded triangular draws for `simulation`. A low
    above its value, or a high below, is refused. Source: HM Treasury, The Green Book (2022); Cabinet Office,
    A guide to social return on investment (2012).

    >>> result = roi([1000, 0, 0], [0, 1000, 1000], attribution=0.8, deadweight=0.1, dropoff=0.25,
    ...              ranges={"deadweight": (0.0, 0.3), "costs": (0.9, 1.2)})
    >>> round(result.npv.pv_benefits), round(result.return_per_pound, 3), result.tornado[0].assumption
    (1200, 1.2, 'deadweight')
    """
    costs_by_year = vector("costs", costs, minimum=0)
    benefits_by_year = vector("benefits", benefits, minimum=0, length=costs_by_year.size)
    shares = {"attribution": attribution, "deadweight": deadweight, "dropoff": dropoff}
    base = {name: number(name, value, minimum=0, maximum=1) for name, value in shares.items()}
    base |= {"costs": 1.0, "benefits": 1.0}
    uncertain = {name: _range(name, base, ends) for name, ends in (ranges or {}).items()}
    adjusted = benefits_by_year * _adjustment(benefits_by_year, base)
    result = npv(costs_by_year, adjusted, basis=basis)
    factors = _factors(basis)[: costs_by_year.size]

    def value_of(assumed: Mapping[str, float]) -> float:
        kept = benefits_by_year * _adjustment(benefits_by_year, assumed)
        return float(factors @ (kept * assumed["benefits"] - costs_by_year * assumed["costs"]))

    swings = [
        Swing(name, low, high, value_of(base | {name: low}), value_of(base | {name: high}))
        for name, (low, high) in uncertain.items()
    ]
    simulation = None
    if repeats("draws", draws):
        chance = generator(seed)
        drawn = {
            name: chance.triangular(low, base[name], high, draws) for name, (low, high) in uncertain.items()
        }
        values = np.array(
            [value_of(base | {name: float(drawn[name][i]) for name in drawn}) for i in range(draws)]
        )
        simulation = _simulation(values, seed)
    return Roi(
        result.roi_discounted,
        result.bcr,
        result,
        tuple(adjusted.tolist()),
        base["attribution"],
        base["deadweight"],
        base["dropoff"],
        tuple(sorted(swings, key=lambda swing: -abs(swing.npv_at_high - swing.npv_at_low))),
        simulation,
        result.rule_version,
    )


@cache
def _factors(basis: str) -> Floats:
    rates = np.zeros(LAST_YEAR + 1)
    for band in load("value", "discount-rates").values["bands"]:
        rates[band["from_year"] :] = band[basis]
    factors = 1 / np.cumprod(1 + rates)
    factors.setflags(write=False)
    return factors


def _over(value: float, by: float) -> float | None:
    return value / by if by >= SMALLEST else None


def _first_year(cumulative: Floats) -> int | None:
    reached = cumulative >= 0
    return int(np.argmax(reached)) if reached.any() else None


def _payback(cumulative: Floats) -> float | None:
    year = _first_year(cumulative)
    if not year:
        return None if year is None else 0.0
    before = float(cumulative[year - 1])
    return year - 1 + -before / (float(cumulative[year]) - before)


def _adjustment(benefits: Floats, assumed: Mapping[str, float]) -> Floats:
    first = int(np.argmax(benefits > 0))
    years = np.maximum(np.arange(benefits.size) - first, 0)
    kept = assumed["attribution"] * (1 - assumed["deadweight"])
    return np.asarray(kept * (1 - assumed["dropoff"]) ** years)


def _range(name: str, base: Mapping[str, float], ends: tuple[float, float]) -> tuple[float, float]:
    one_of("an assumption in ranges", name, UNCERTAIN)
    most = 1.0 if name in ADJUSTMENTS else math.inf
    low, high = (number(f"an end of {name}", end, minimum=0, maximum=most) for end in ends)
    if not low <= base[name] <= high or low == high:
        raise ValueError(
            f"the range of {name} is {ends!r}; it must hold {base[name]:g} and be wider than a point"
        )
    return low, high


def _simulation(values: Floats, seed: int) -> Simulation:
    low, middle, high = np.percentile(values, [5, 50, 95])
    return Simulation(
        values.size,
        seed,
        float(values.mean()),
        float(low),
        float(middle),
        float(high),
        float((values > 0).mean()),
    )
