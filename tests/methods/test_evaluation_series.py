"""Interrupted time series and synthetic control: outside numbers, properties and bad input."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import evaluation
from tests.methods.tables import column, document, grouped, rows

FOLDER = "evaluation"
SICILY = document(FOLDER, "expected_sicily.json")
SEATBELTS = document(FOLDER, "expected_seatbelts.json")
SYNTHETIC = document(FOLDER, "expected_synthetic_control.json")


def smoking_ban(**options):
    table = rows(FOLDER, "sicily_smoking_ban.csv")
    return evaluation.interrupted_time_series(
        column(table, "aces"),
        intervention=column(table, "smokban"),
        month=column(table, "month"),
        exposure=column(table, "stdpop"),
        **options,
    )


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("model1_poisson", {"harmonics": 0, "model": "poisson"}),
        ("model2_quasipoisson", {"harmonics": 0}),
        ("model3_quasipoisson_harmonics2", {}),
    ],
)
def test_the_smoking_ban_in_sicily(name, options):
    effect, expected = smoking_ban(**options), SICILY[name]
    check(effect, expected)
    assert effect.diagnostics["dispersion"] == pytest.approx(expected["dispersion"], rel=1e-5)


def check(effect, expected):
    # The reference's iterations stop earlier than ours, which its seventh figure shows.
    for ours, name in (
        (effect.rate_ratio, "rr"),
        (effect.rate_ratio_lower, "lower95"),
        (effect.rate_ratio_upper, "upper95"),
        (effect.estimate, "log_rr"),
        (effect.se, "se"),
    ):
        assert ours == pytest.approx(expected[name], rel=1e-6), name


def test_the_smoking_ban_with_a_change_of_slope():
    effect, expected = smoking_ban(slope_change=True), SICILY["model5_level_at_start_and_slope"]
    # The step is where the ban began; model 4 of the reference extrapolates it to the series' beginning.
    check(effect, expected["level"])
    assert effect.slope_ratio == pytest.approx(expected["slope"]["rr"], rel=1e-8)
    assert effect.slope_ratio_lower == pytest.approx(expected["slope"]["lower95"], rel=1e-6)
    assert effect.slope_ratio_upper == pytest.approx(expected["slope"]["upper95"], rel=1e-6)
    assert smoking_ban().trend_per_year == pytest.approx(SICILY["model3_trend_per_year"], rel=1e-8)


def seatbelt_law(covariates=(), **options):
    table = rows(FOLDER, "uk_seatbelts.csv")
    if covariates:
        options["covariates"] = np.log([column(table, name) for name in covariates]).T
    return evaluation.interrupted_time_series(
        column(table, "drivers"), intervention=column(table, "law"), month=column(table, "month"), **options
    )


def test_the_seat_belt_law():
    effect, expected = seatbelt_law(), SEATBELTS["quasipoisson_harmonics2"]
    check(effect, expected)
    assert effect.diagnostics["dispersion"] == pytest.approx(expected["dispersion"], rel=1e-5)
    assert any("newey_west_lags" in warning for warning in effect.warnings)
    traffic = seatbelt_law(["kms", "PetrolPrice"], harmonics=None)
    check(traffic, SEATBELTS["quasipoisson_month_kms_petrol"])


def test_the_seat_belt_law_on_the_logarithm_with_neighbouring_months():
    expected = SEATBELTS["loglinear_month"]
    plain = seatbelt_law(harmonics=None, model="log-linear")
    assert plain.estimate == pytest.approx(expected["estimate"], rel=1e-8)
    assert plain.se == pytest.approx(expected["se_classical"], rel=1e-8)
    durbin_watson = SEATBELTS["durbin_watson_loglinear_month"]
    assert plain.diagnostics["durbin_watson"] == pytest.approx(durbin_watson, rel=1e-8)
    honest = seatbelt_law(harmonics=None, model="log-linear", newey_west_lags=12)
    assert honest.se == pytest.approx(expected["se_newey_west_lag12"], rel=1e-8)


def states():
    table = grouped(rows(FOLDER, "california_prop99.csv"), "state")
    sales = {state: column(group, "cigsale") for (state,), group in table.items()}
    years = [int(row["year"]) for row in table["California",]]
    return sales.pop("California"), sales, years


def test_californias_synthetic_control():
    treated, donors, years = states()
    effect = evaluation.synthetic_control(treated, donors, pre=years.index(1989))
    expected = SYNTHETIC["prop99_outcome_only"]
    for state, weight in effect.weights.items():
        assert weight == pytest.approx(expected["donor_weights"].get(state, 0), abs=1e-3), state
    for year, gap in zip(years, effect.gaps, strict=True):
        assert gap == pytest.approx(expected["gaps"][str(year)], abs=1e-3), year
    assert effect.rmspe_before == pytest.approx(expected["rmspe_pre"], abs=1e-3)
    assert effect.estimate == pytest.approx(expected["mean_gap_post"], abs=1e-3)
    # The published effect without predictors is -19.6.
    published = SYNTHETIC["published"]["synthdid_2021_prop99"]["sc"]
    assert effect.estimate == pytest.approx(published, abs=0.5)
    assert effect.p_value <= 0.1


def test_published_weights_give_the_published_gaps():
    treated, donors, years = states()
    weights = SYNTHETIC["published"]["prop99_abadie_2010_weights"]
    gaps = np.array(treated) - sum(weight * np.array(donors[state]) for state, weight in weights.items())
    for year, gap in zip(years, gaps, strict=True):
        assert gap == pytest.approx(SYNTHETIC["prop99_gaps_with_published_weights"][str(year)], abs=1e-3)


seeds = st.integers(0, 10**6).map(np.random.default_rng)


@given(seeds, st.floats(0.2, 5))
def test_a_rate_ratio_is_the_same_per_person_and_per_thousand(generator, scale):
    counts = generator.poisson(50, 36)
    months, people = [1 + i % 12 for i in range(36)], generator.uniform(900, 1100, 36)
    plain = evaluation.interrupted_time_series(counts, intervention=24, month=months, exposure=people)
    scaled = evaluation.interrupted_time_series(
        counts, intervention=24, month=months, exposure=people * scale
    )
    assert scaled.rate_ratio == pytest.approx(plain.rate_ratio, rel=1e-8)
    assert plain.rate_ratio_lower < plain.rate_ratio < plain.rate_ratio_upper
    doubled = evaluation.interrupted_time_series(
        np.where(np.arange(36) < 24, counts, 2 * counts),
        intervention=24,
        month=months,
        exposure=people,
        harmonics=0,
    )
    assert doubled.rate_ratio > 1.3


@given(seeds)
def test_weights_are_shares_and_a_mixture_of_donors_is_found(generator):
    donors = generator.normal(10, 3, (20, 4))
    weights = generator.dirichlet(np.ones(4))
    treated = donors @ weights
    treated[15:] += 2.5
    effect = evaluation.synthetic_control(treated, donors, pre=15)
    assert sum(effect.weights.values()) == pytest.approx(1)
    assert min(effect.weights.values()) >= 0
    assert effect.estimate == pytest.approx(2.5, abs=1e-3)
    assert list(effect.weights.values()) == pytest.approx(weights, abs=1e-3)
    assert effect.p_value == pytest.approx(1 / 5)


@given(seeds)
def test_no_other_weights_fit_better(generator):
    donors, treated = generator.normal(10, 3, (12, 6)), generator.normal(10, 3, 12)
    effect = evaluation.synthetic_control(treated, donors, pre=10)
    for other in generator.dirichlet(np.ones(6), 200):
        assert effect.rmspe_before <= math.sqrt(((treated - donors @ other)[:10] ** 2).mean()) + 1e-9


MONTHS = [1 + i % 12 for i in range(24)]


def series_of(counts, **options):
    return lambda: evaluation.interrupted_time_series(
        counts, **{"intervention": 12, "month": MONTHS[: len(counts)], **options}
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (series_of([]), "counts has 0 values"),
        (series_of([5] * 23 + [-1]), r"counts\[23\] is -1"),
        (series_of([5] * 23 + [1.5]), "allowed: whole numbers"),
        (series_of([5] * 23 + [None]), r"counts\[23\] is nan"),
        (series_of([5] * 24, intervention=0), "so 1 to 23"),
        (series_of([5] * 24, intervention=24), "so 1 to 23"),
        (series_of([5] * 24, intervention=[0] * 24), "so 1 to 23"),
        (series_of([5] * 24, intervention=[0] * 23 + [2]), "0 and 1 for each count"),
        (series_of([5] * 24, month=[0] * 24), "month holds 0"),
        (series_of([5] * 24, month=[1] * 23), "month has 23 values"),
        (series_of([5] * 24, exposure=[0] * 24), r"exposure\[0\] is 0.0"),
        (series_of([5] * 24, harmonics=6), "harmonics is 6"),
        (series_of([5] * 24, model="normal"), "model is 'normal'"),
        (series_of([0] * 24, model="log-linear"), "is 0.0; allowed: above 0"),
        (series_of([5] * 12 + [0] * 12, harmonics=0), "no finite answer"),
        (series_of([5, 6, 7, 8], intervention=2), "cannot tell 7 coefficients apart"),
        (series_of([5] * 24, covariates=[[math.nan]] * 24), "covariates hold a gap"),
        (lambda: evaluation.synthetic_control([1, 2, 3], {"A": [1, 2, 3]}, pre=2), "there are 1 donors"),
        (lambda: evaluation.synthetic_control([1, 2, 3], {"A": [1, 2]}, pre=2), "the donor A has 2 values"),
        (
            lambda: evaluation.synthetic_control([1, 2, 3], np.ones((3, 2)), pre=3),
            "pre is 3; it must be below 3",
        ),
        (lambda: evaluation.synthetic_control([1, 2, 3], np.ones((3, 2)), pre=1), "pre is 1"),
        (lambda: evaluation.synthetic_control([1, 2, 3], [1, 2, 3], pre=2), "donors has 1 dimensions"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_the_range(call, words):
    with pytest.raises(ValueError, match=words):
        call()
