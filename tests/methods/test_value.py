"""Discounting, net present value and returns against the outside numbers, properties and bad input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import value
from tests.methods.tables import document, rows

FOLDER = "economics"


def test_the_published_factors_of_the_green_book():
    for row in rows(FOLDER, "green_book_published_4dp.csv"):
        assert round(value.discount_factor(int(row["year"])), 4) == float(row["factor_standard_3_5"])


def test_factors_of_sixty_years_on_both_bases():
    for row in rows(FOLDER, "discount_factors_open.csv"):
        year = int(row["year"])
        assert value.discount_factor(year) == pytest.approx(float(row["factor_standard_3_5"]), abs=1e-10)
        health = value.discount_factor(year, basis="health")
        assert health == pytest.approx(float(row["factor_health_1_5"]), abs=1e-10)


def test_the_rate_falls_for_distant_years():
    for year, rate in ((76, 0.025), (126, 0.02), (201, 0.015), (301, 0.01)):
        assert value.discount_factor(year - 1) / value.discount_factor(year) == pytest.approx(1 + rate)
    assert value.discount_factor(75, basis="health") / value.discount_factor(
        76, basis="health"
    ) == pytest.approx(1.0107)


@pytest.mark.parametrize("case", document(FOLDER, "npv_cases.json"), ids=lambda case: case["case"])
def test_net_present_values(case):
    result = value.npv(case["costs_by_year"], case["benefits_by_year"], basis=case["basis"])
    for name in ("npv", "pv_costs", "pv_benefits"):
        if name in case:
            assert getattr(result, name) == pytest.approx(case[name], abs=0.01), name
    if "bcr" not in case:
        return
    for name in ("bcr", "roi_undiscounted", "roi_discounted"):
        assert getattr(result, name) == pytest.approx(case[name], rel=1e-9), name
    expected = case["payback_years_interpolated"]
    assert result.payback_years == (None if expected is None else pytest.approx(expected))
    assert result.discounted_payback_year == case["discounted_payback_year"]


amounts = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=60)
shares = st.floats(0, 1)


@given(amounts, st.floats(0.01, 100))
def test_present_values_scale_and_later_money_is_worth_less(years, factor):
    costs, benefits = zip(*years, strict=True)
    base = value.npv(costs, benefits)
    scaled = value.npv([cost * factor for cost in costs], [benefit * factor for benefit in benefits])
    assert scaled.npv == pytest.approx(base.npv * factor, rel=1e-9, abs=1e-6 * factor)
    later = value.npv([0, *costs], [0, *benefits])
    assert later.pv_costs == pytest.approx(base.pv_costs / 1.035, rel=0.006)
    assert later.pv_benefits <= base.pv_benefits
    assert value.npv(costs, benefits, basis="health").pv_benefits >= base.pv_benefits - 1e-6


@given(amounts, shares, shares, shares)
def test_adjustments_never_add_to_the_benefits(years, attribution, deadweight, dropoff):
    costs, benefits = zip(*years, strict=True)
    plain = value.roi(costs, benefits)
    less = value.roi(costs, benefits, attribution=attribution, deadweight=deadweight, dropoff=dropoff)
    assert less.npv.pv_benefits <= plain.npv.pv_benefits + 1e-6
    assert less.npv.pv_costs == plain.npv.pv_costs
    assert plain.npv == value.npv(costs, benefits)


def test_a_return_with_its_sensitivity():
    ranges = {"attribution": (0.5, 1.0), "dropoff": (0.0, 0.5), "benefits": (0.8, 1.1)}
    result = value.roi(
        [1000, 100, 100], [0, 900, 900], attribution=0.8, dropoff=0.2, ranges=ranges, draws=2000, seed=1
    )
    assert result.adjusted_benefits == pytest.approx((0, 720, 576))
    assert result.tornado[0].assumption == "attribution"
    for swing in result.tornado:
        assert (
            min(swing.npv_at_low, swing.npv_at_high)
            < result.npv.npv
            < max(swing.npv_at_low, swing.npv_at_high)
        )
    again = value.roi(
        [1000, 100, 100], [0, 900, 900], attribution=0.8, dropoff=0.2, ranges=ranges, draws=2000, seed=1
    )
    assert again == result
    drawn = result.simulation
    assert drawn.percentile_5 < drawn.median < drawn.percentile_95
    assert 0 <= drawn.share_above_zero <= 1
    assert result.tornado[0].npv_at_low < drawn.mean < result.tornado[0].npv_at_high


def test_costs_of_absence_turnover_and_presenteeism():
    groups = value.absence_cost(
        [365, 730], [40_000, 30_000], on_cost=0.25, replacement_hours=10, replacement_hourly_cost=50
    )
    assert groups.pay == pytest.approx((40_000 + 60_000) * 1.25)
    assert groups.total == pytest.approx(groups.pay + 500)
    assert value.absence_cost(365, 10_000).pay == pytest.approx(13_000)
    assert value.turnover_cost(2, 30_000) == value.CostRange(30_000, 60_000, "value/unit-costs@1")


def test_nothing_spent_has_no_ratio_and_pays_back_at_once():
    result = value.npv([0, 0], [0, 10])
    assert (result.bcr, result.roi_discounted, result.payback_years) == (None, None, 0.0)
    assert value.npv([10, 0], [0, 0]).payback_years is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: value.discount_factor(-1), "year is -1"),
        (lambda: value.discount_factor(1.5), "year is 1.5; allowed: whole numbers"),
        (lambda: value.discount_factor(1001), "at most 1000"),
        (lambda: value.discount_factor(1, basis="private"), "allowed: standard, health"),
        (lambda: value.npv([], []), "costs_by_year has 0 values"),
        (lambda: value.npv([1], [1, 2]), "benefits_by_year has 2 values; allowed: 1, one"),
        (lambda: value.npv([1, -1], [1, 2]), r"costs_by_year\[1\] is -1"),
        (lambda: value.npv([1, None], [1, 2]), r"costs_by_year\[1\] is nan"),
        (lambda: value.npv([0] * 1002, [0] * 1002), "at most 1001"),
        (lambda: value.absence_cost(-1, 30_000), "fte_days"),
        (lambda: value.absence_cost(1, 0), "annual_pay"),
        (lambda: value.absence_cost([1, 2, 3], [1, 2]), "must have 1 or 3"),
        (lambda: value.roi([1], [1], attribution=1.1), "attribution is 1.1"),
        (lambda: value.roi([1], [1], ranges={"luck": (0, 1)}), "'luck'; allowed: attribution"),
        (lambda: value.roi([1], [1], deadweight=0.2, ranges={"deadweight": (0.3, 0.5)}), "it must hold 0.2"),
        (lambda: value.roi([1], [1], ranges={"costs": (1.2, 0.8)}), "range of costs"),
        (lambda: value.turnover_cost(1, 1, attributable=2), "attributable is 2"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_the_range(call, words):
    with pytest.raises(ValueError, match=words):
        call()
