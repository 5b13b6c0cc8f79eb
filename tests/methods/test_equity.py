"""Rates, proportions, means and likelihoods against the outside numbers, properties and bad input."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import equity
from openoh.methods.equity._estimates import byar_limits
from tests.methods.tables import Row, column, document, grouped, rows

FOLDER = "phe-indicators"
LEVELS = {"95_0": 0.95, "99_8": 0.998}


def check(row: Row, make, *, rel: float = 1e-9, scale: float = 1) -> None:
    for label, confidence in LEVELS.items():
        if not row[f"lower{label}cl"]:
            continue
        estimate = make(confidence)
        assert estimate.value * scale == pytest.approx(float(row["value"]), rel=rel)
        assert estimate.lower * scale == pytest.approx(float(row[f"lower{label}cl"]), rel=rel, abs=1e-9)
        assert estimate.upper * scale == pytest.approx(float(row[f"upper{label}cl"]), rel=rel)
        stated = row["method"]
        if stated in ("Byars", "Exact"):
            assert ("Byar" in estimate.method) == (stated == "Byars")


@pytest.mark.parametrize("row", rows(FOLDER, "expected_crude_rate.csv"), ids=lambda row: row["area"])
def test_crude_rates(row):
    check(row, lambda level: equity.crude_rate(float(row["count"]), float(row["pop"]), confidence=level))


@pytest.mark.parametrize("row", rows(FOLDER, "expected_rate_vectors.csv"), ids=lambda row: row["case"])
def test_rate_vectors(row):
    events, exposure, multiplier = float(row["x"]), float(row["n"]), float(row["multiplier"])
    check(row, lambda level: equity.crude_rate(events, exposure, multiplier=multiplier, confidence=level))


def test_published_rates():
    complete = [row for row in rows(FOLDER, "published_rate.csv") if row["value"]]
    assert len(complete) == 17
    for row in complete:
        events, exposure, multiplier = (
            float(row[name]) for name in ("Numerator", "Denominator", "multiplier")
        )
        check(
            row,
            lambda level, e=events, x=exposure, m=multiplier: equity.crude_rate(
                e, x, multiplier=m, confidence=level
            ),
        )


@pytest.mark.parametrize("row", rows(FOLDER, "expected_proportion_vectors.csv"), ids=lambda row: row["case"])
def test_proportion_vectors(row):
    check(row, lambda level: equity.proportion(float(row["x"]), float(row["n"]), confidence=level))


def test_published_proportions():
    complete = [row for row in rows(FOLDER, "published_proportion.csv") if row["value"]]
    assert len(complete) == 16
    for row in complete:
        k, n, multiplier = (float(row[name]) for name in ("Numerator", "Denominator", "multiplier"))
        check(
            row, lambda level, k=k, n=n, m=multiplier: equity.proportion(k, n, multiplier=m, confidence=level)
        )


def test_published_byar_and_wilson_limits():
    for row in rows(FOLDER, "published_byars_wilson.csv"):
        confidence = float(row["confidence"].rstrip("%")) / 100
        if row["method"] == "Wilson":
            estimate = equity.proportion(
                float(row["x"]), float(row["n"]), multiplier=1, confidence=confidence
            )
            limits = (estimate.lower, estimate.upper)
        else:
            limits = byar_limits(float(row["x"]), confidence)
        if row["confidence"]:
            expected = (row["lowercl"], row["uppercl"])
            for limit, text in zip(limits, expected, strict=True):
                assert not text or limit == pytest.approx(float(text), rel=1e-9)


@pytest.mark.parametrize("row", rows(FOLDER, "expected_mean.csv"), ids=lambda row: row["group"])
def test_means(row):
    values = column(grouped(rows(FOLDER, "mean_input.csv"), "group")[row["group"],], "value")
    check(row, lambda level: equity.mean(values, confidence=level))


def test_published_means():
    table = rows(FOLDER, "published_mean_input.csv")
    areas = {area: column(group, "values") for (area,), group in grouped(table, "area").items()}
    areas["No grouping"] = column(table, "values")
    for row in rows(FOLDER, "published_mean_expected.csv"):
        check(row, lambda level, values=areas[row["area"]]: equity.mean(values, confidence=level))


@pytest.mark.parametrize("case", document(FOLDER, "relative_likelihood.json"), ids=lambda case: case["case"])
def test_relative_likelihoods(case):
    white = (case["white_events"], case["white_total"])
    bme = (case["bme_events"], case["bme_total"])
    arguments = (*white, *bme) if case["direction"].startswith("white") else (*bme, *white)
    estimate = equity.relative_likelihood(*arguments)
    assert estimate.value == pytest.approx(case["relative_likelihood"], rel=1e-12)
    assert estimate.lower == pytest.approx(case["lower95"], rel=1e-12)
    assert estimate.upper == pytest.approx(case["upper95"], rel=1e-12)
    assert equity.four_fifths(estimate) == case["four_fifths_band"]
    assert (not estimate.lower <= 1 <= estimate.upper) == case["significant_95"]


counts = st.integers(0, 100_000)
exposures = st.floats(0.5, 1e7)


@given(counts, exposures, st.floats(0.001, 1000))
def test_a_rate_scales_with_its_multiplier_and_its_exposure(events, exposure, factor):
    base = equity.crude_rate(events, exposure, multiplier=1000)
    more = equity.crude_rate(events, exposure * factor, multiplier=1000 * factor)
    for name in ("value", "lower", "upper"):
        assert math.isclose(getattr(base, name), getattr(more, name), rel_tol=1e-9)
    assert base.lower <= base.value <= base.upper


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_proportion_and_its_complement_mirror_each_other(case):
    k, n = case
    share, rest = equity.proportion(k, n, multiplier=1), equity.proportion(n - k, n, multiplier=1)
    assert 0 <= share.lower <= share.value <= share.upper <= 1
    assert share.lower == pytest.approx(1 - rest.upper, abs=1e-9)


@given(st.integers(1, 500), st.integers(500, 5000), st.integers(1, 500), st.integers(500, 5000))
def test_swapping_the_groups_inverts_a_relative_likelihood(a, n_a, b, n_b):
    one, other = equity.relative_likelihood(a, n_a, b, n_b), equity.relative_likelihood(b, n_b, a, n_a)
    assert one.value == pytest.approx(1 / other.value)
    assert one.lower == pytest.approx(1 / other.upper)


@given(st.integers(0, 1000), st.floats(0.5, 0.99), st.floats(0.001, 0.009))
def test_more_confidence_widens_the_interval(events, confidence, more):
    narrow = equity.crude_rate(events, 1000, confidence=confidence)
    wide = equity.crude_rate(events, 1000, confidence=confidence + more)
    assert wide.lower <= narrow.lower
    assert wide.upper > narrow.upper


def test_equal_values_have_an_interval_without_width():
    estimate = equity.mean([3.0, 3.0, 3.0])
    assert (estimate.value, estimate.lower, estimate.upper) == (3.0, 3.0, 3.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: equity.crude_rate(-1, 10), "events is -1; allowed: 0 or more"),
        (lambda: equity.crude_rate(1, 0), "exposure is 0; allowed: above 0"),
        (lambda: equity.crude_rate(math.nan, 10), "events is nan"),
        (lambda: equity.crude_rate(None, 10), "events is None; allowed: a number"),
        (lambda: equity.crude_rate(1, 10, confidence=95), "confidence is 95"),
        (lambda: equity.proportion(11, 10), "k is 11; allowed: 0 to 10"),
        (lambda: equity.proportion(0, 0), "n is 0; allowed: above 0"),
        (lambda: equity.mean([]), "values has 0 values; allowed: 2 or more"),
        (lambda: equity.mean([1.0]), "values has 1 values; allowed: 2 or more"),
        (lambda: equity.mean([1.0, None, 2.0]), r"values\[1\] is nan"),
        (lambda: equity.relative_likelihood(1, 0, 1, 2), "n_a is 0"),
        (lambda: equity.relative_likelihood(3, 2, 1, 2), "a is 3"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_the_range(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize(("a", "b"), [(0, 5), (5, 0), (0, 0)])
def test_a_likelihood_without_events_is_too_few_events(a, b):
    with pytest.raises(equity.TooFewEvents):
        equity.relative_likelihood(a, 100, b, 100)


def test_fractional_counts_are_weighted_counts():
    between = equity.crude_rate(4.5, 100)
    assert equity.crude_rate(4, 100).upper < between.upper < equity.crude_rate(5, 100).upper
