"""Control limits and comparisons with a baseline against the outside numbers, and bad input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import equity
from tests.methods.tables import column, rows

FOLDER = "phe-indicators"
WORDS = {
    "Low (0.001)": ("low", 0.001),
    "Low (0.025)": ("low", 0.025),
    "High (0.025)": ("high", 0.025),
    "High (0.001)": ("high", 0.001),
    "Not significant": (None, None),
}


@pytest.mark.parametrize("source", ["expected", "published"])
@pytest.mark.parametrize(
    ("statistic", "events", "exposure"),
    [
        ("proportion", "numerator", "denominator"),
        ("ratio", "observed", "expected"),
        ("crude_rate", "count", "pop"),
    ],
)
def test_units_against_the_baseline(source, statistic, events, exposure):
    name = f"{statistic}_significance" if source == "expected" else f"{statistic}_input"
    if source == "published":
        events = {"ratio": "obs"}.get(statistic, events)
        name = name.replace("crude_rate", "rate")
    table = rows(FOLDER, f"{source}_funnel_{name}.csv")
    answer = "significance"
    if (source, statistic) == ("published", "crude_rate"):
        answer = "crude_per_100000_with_0"
    counts, sizes = column(table, events), column(table, exposure)
    baseline = 1.0 if statistic == "ratio" else sum(counts) / sum(sizes)
    kind = "proportion" if statistic == "proportion" else "rate"
    for row, count, size in zip(table, counts, sizes, strict=True):
        found = equity.compare(count, size, baseline=baseline, kind=kind)
        assert (found.direction, found.level) == WORDS[row[answer]], row


@pytest.mark.parametrize("source", ["expected", "published"])
def test_control_limits_of_proportions(source):
    for row in rows(FOLDER, f"{source}_funnel_proportion_limits.csv"):
        for sigma, confidence in (("2s", 0.95), ("3s", 0.998)):
            limits = equity.control_limits(
                float(row["Population"]),
                baseline=float(row["baseline"]) / 100,
                kind="proportion",
                confidence=confidence,
            )
            # The published table has six decimals of a baseline of six.
            close = 1e-9 if source == "expected" else 2e-5
            assert limits.lower * 100 == pytest.approx(float(row[f"lower_{sigma}_limit"]), abs=close)
            assert limits.upper * 100 == pytest.approx(float(row[f"upper_{sigma}_limit"]), abs=close)


@pytest.mark.parametrize(
    ("name", "events", "scale"),
    [
        ("expected_funnel_ratio_limits", "Observed_events", 100),
        ("published_funnel_ratio_limits", "Observed_events", 100),
        ("expected_funnel_crude_rate_limits", "Events", None),
        ("published_funnel_rate_limits", "Events", None),
    ],
)
def test_control_limits_of_ratios_and_rates(name, events, scale):
    for row in rows(FOLDER, f"{name}.csv"):
        for sigma, confidence in (("2s", 0.95), ("3s", 0.998)):
            limits = equity.control_limits(
                float(row[events]), baseline=scale or float(row["baseline"]), confidence=confidence
            )
            ending = "isr" if name == "published_funnel_ratio_limits" else "limit"
            # The reference finds its limits by a search that stops within some millionths of an event.
            close = 6e-5
            assert limits.lower == pytest.approx(float(row[f"lower_{sigma}_{ending}"]), rel=close)
            assert limits.upper == pytest.approx(float(row[f"upper_{sigma}_{ending}"]), rel=close)


@given(st.integers(1, 5000), st.floats(0.01, 0.99))
def test_limits_surround_the_baseline_and_widen_with_confidence(size, baseline):
    for kind in ("rate", "proportion"):
        near = equity.control_limits(size, baseline=baseline, kind=kind)
        far = equity.control_limits(size, baseline=baseline, kind=kind, confidence=0.998)
        assert far.lower <= near.lower <= baseline <= near.upper <= far.upper


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: equity.compare(1, 0, baseline=1), "exposure is 0"),
        (lambda: equity.compare(1, 2, baseline=-1), "baseline is -1"),
        (lambda: equity.compare(1, 2, baseline=2, kind="proportion"), "baseline is 2"),
        (lambda: equity.compare(1, 2, baseline=1, kind="mean"), "kind is 'mean'"),
        (lambda: equity.control_limits(0, baseline=1), "size is 0"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_the_range(call, words):
    with pytest.raises(ValueError, match=words):
        call()
