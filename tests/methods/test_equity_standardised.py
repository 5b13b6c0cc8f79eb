"""Standardised rates and inequality against the outside numbers, properties and bad input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import equity
from tests.methods.tables import column, grouped, rows
from tests.methods.test_equity import FOLDER, check

AREAS = grouped(rows(FOLDER, "standardisation_input.csv"), "area")
REFERENCE = rows(FOLDER, "standardisation_reference.csv")


def by_area(name):
    return pytest.mark.parametrize("row", rows(FOLDER, name), ids=lambda row: row["area"])


def test_the_shipped_weights_are_the_european_standard_population():
    table = rows(FOLDER, "esp2013.csv")
    shipped = equity.standard_weights("esp2013")
    assert list(shipped.bands) == [row["ageband"] for row in table]
    assert list(shipped.weights) == column(table, "esp2013")
    working = equity.standard_weights("esp2013-working-age")
    whole = dict(zip(shipped.bands, shipped.weights, strict=True))
    assert [whole[band] for band in working.bands] == list(working.weights)


@by_area("expected_dsr.csv")
def test_directly_standardised_rates(row):
    group = AREAS[row["area"],]
    events, people = column(group, "count"), column(group, "pop")
    if not row["value"]:
        with pytest.raises(equity.TooFewEvents, match="needs at least 10"):
            equity.standardised_rate(events, people, "esp2013")
        return
    check(row, lambda level: equity.standardised_rate(events, people, "esp2013", confidence=level))


def test_published_directly_standardised_rates():
    table = grouped(rows(FOLDER, "published_dsr_input.csv"), "area")
    table["testdata_1976",] = rows(FOLDER, "published_dsr_esp1976_input.csv")
    compared = 0
    for row in [*rows(FOLDER, "published_dsr_results_all.csv"), *rows(FOLDER, "published_dsr_expected.csv")]:
        if not row["value"] or row["method"] != "Dobson" or row["area"] == "testdata_1976":
            continue
        group = table[row["area"],]
        multiplier = float(row["statistic"].removeprefix("dsr per "))
        events, people, weights = (column(group, name) for name in ("count", "pop", "esp2013"))
        check(
            row,
            lambda level, e=events, p=people, w=weights, m=multiplier: equity.standardised_rate(
                e, p, w, multiplier=m, confidence=level
            ),
        )
        compared += 1
    assert compared == 6


def test_a_published_rate_on_the_1976_population():
    # The reference's row gives its 99.8 % limits for another multiplier; the value and the 95 % limits are
    # compared.
    table = rows(FOLDER, "published_dsr_esp1976_input.csv")
    row = next(row for row in rows(FOLDER, "published_dsr_results_all.csv") if row["area"] == "testdata_1976")
    rate = equity.standardised_rate(
        column(table, "count"), column(table, "pop"), column(table, "esp1976"), multiplier=10_000
    )
    assert rate.value == pytest.approx(float(row["value"]), rel=1e-9)
    assert rate.lower == pytest.approx(float(row["lower95_0cl"]), rel=1e-9)


def test_published_rates_of_events_that_are_not_independent():
    compared = 0
    table = grouped(rows(FOLDER, "published_dsr_nonindependent_input.csv"), "area")
    for row in rows(FOLDER, "published_dsr_results_all.csv"):
        if not row["value"] or not row["area"].startswith("testdata_nonind"):
            continue
        bands = grouped(table[row["area"],], "ageband").values()
        persons = [[(float(r["freq"]), float(r["persons"] or 0)) for r in band] for band in bands]
        events = [sum(often * number for often, number in band) for band in persons]
        variance = [sum(often**2 * number for often, number in band) for band in persons]
        people = [float(band[0]["pop"]) for band in bands]
        weights = [float(band[0]["esp2013"]) for band in bands]
        check(
            row,
            lambda level, e=events, p=people, w=weights, v=variance: equity.standardised_rate(
                e, p, w, count_variance=v, confidence=level
            ),
        )
        compared += 1
    assert compared == 3


@by_area("expected_isratio.csv")
def test_indirectly_standardised_ratios(row):
    group = AREAS[row["area"],]
    arguments = (
        column(group, "count"),
        column(group, "pop"),
        column(REFERENCE, "refcount"),
        column(REFERENCE, "refpop"),
    )
    check(row, lambda level: equity.standardised_ratio(*arguments, confidence=level))
    total = sum(arguments[0])
    assert equity.standardised_ratio(total, *arguments[1:]) == equity.standardised_ratio(*arguments)


@by_area("expected_israte.csv")
def test_indirectly_standardised_rates(row):
    group = AREAS[row["area"],]
    arguments = (
        column(group, "count"),
        column(group, "pop"),
        column(REFERENCE, "refcount"),
        column(REFERENCE, "refpop"),
    )
    check(row, lambda level: equity.indirectly_standardised_rate(*arguments, confidence=level))


def test_published_indirectly_standardised_ratios_and_rates():
    table = grouped(rows(FOLDER, "published_isr_input.csv"), "area")
    compared = 0
    for row in rows(FOLDER, "published_isr_results_all.csv"):
        if not row["lower99_8cl"]:
            continue
        group = table[row["area"],]
        # A band that is blank in the reference's table holds nobody.
        names = ("count", "pop", "refcount", "refpop")
        arguments = tuple([float(line[name] or 0) for line in group] for name in names)
        multiplier = float(row["statistic"].split()[-1])
        rate = "rate" in row["statistic"]
        function = equity.indirectly_standardised_rate if rate else equity.standardised_ratio
        check(
            row,
            lambda level, f=function, a=arguments, m=multiplier: f(*a, multiplier=m, confidence=level),
        )
        compared += 1
    assert compared == 12


INEQUALITY = grouped(rows(FOLDER, "sii_input.csv"), "case")


@pytest.mark.parametrize("row", rows(FOLDER, "expected_sii.csv"), ids=lambda row: row["case"])
def test_inequality(row):
    group = INEQUALITY[row["case"],]
    scale = {"0": None, "1": "log", "2": "logit"}[row["value_type"]]
    kind = scale if row["transform"] == "TRUE" else None
    if scale is None:
        errors = column(group, "se")
    else:
        errors = equity.standard_errors(column(group, "lower_cl"), column(group, "upper_cl"), scale=scale)
    index = equity.inequality(
        column(group, "value"),
        column(group, "population"),
        se=errors,
        se_scale=scale,
        transform=kind,
        multiplier=float(row["multiplier"]),
    )
    assert index.sii == pytest.approx(float(row["sii"]), rel=1e-6)
    assert index.rii == pytest.approx(float(row["rii"]), rel=1e-6)
    assert index.intercept == pytest.approx(float(row["intercept"]), rel=1e-6)
    # Limits drawn at random: within 2 % of the interval's width.
    for name in ("sii", "rii"):
        lower, upper = float(row[f"{name}_lower95"]), float(row[f"{name}_upper95"])
        assert getattr(index, f"{name}_lower") == pytest.approx(lower, abs=0.02 * (upper - lower))
        assert getattr(index, f"{name}_upper") == pytest.approx(upper, abs=0.02 * (upper - lower))


def test_published_inequality():
    compared = 0
    for key, group in grouped(
        rows(FOLDER, "published_sii.csv"), "TestDescription", "Area", "Grouping1", "Grouping2"
    ).items():
        words, first = key[0], group[0]
        if "quintiles" in words or "handling" in words or "99%" in words or not first["sii"]:
            continue
        kind = "logit" if "logit" in words else "log" if "log" in words.split("- ")[1].split() else None
        multiplier = 100.0 if "x 100" in words else -100.0 if "x -100" in words else 1.0
        if "negative multiplier" in words:
            multiplier = -1.0
        index = equity.inequality(
            column(group, "Value"), column(group, "Population"), transform=kind, multiplier=multiplier
        )
        assert index.sii == pytest.approx(float(first["sii"]), rel=1e-6), key
        if first["rii"]:
            assert index.rii == pytest.approx(float(first["rii"]), rel=1e-6), key
        compared += 1
    assert compared >= 30


bands = st.lists(
    st.tuples(st.integers(0, 500), st.integers(500, 100_000), st.integers(1, 10_000)), min_size=1, max_size=20
).filter(lambda rows: sum(row[0] for row in rows) >= 10)


@given(bands, st.floats(0.1, 1000))
def test_a_standardised_rate_scales_and_ignores_the_unit_of_its_weights(table, factor):
    events, people, weights = zip(*table, strict=True)
    base = equity.standardised_rate(events, people, weights, multiplier=1)
    other = equity.standardised_rate(events, people, [w * factor for w in weights], multiplier=factor)
    assert base.lower <= base.value <= base.upper
    for name in ("value", "lower", "upper"):
        assert getattr(other, name) == pytest.approx(factor * getattr(base, name), rel=1e-9)


@given(bands)
def test_standardising_to_the_own_population_gives_the_crude_rate(table):
    events, people, _ = zip(*table, strict=True)
    crude = equity.crude_rate(sum(events), sum(people))
    own = equity.standardised_rate(events, people, people)
    assert own.value == pytest.approx(crude.value)
    assert own.upper == pytest.approx(crude.upper)
    assert equity.standardised_ratio(sum(events), people, events, people).value == pytest.approx(100)


@given(
    st.lists(st.tuples(st.floats(10, 1000), st.integers(10, 1000)), min_size=2, max_size=10),
    st.floats(0.1, 10),
)
def test_the_slope_scales_and_the_ratio_does_not(table, factor):
    values, people = zip(*table, strict=True)
    base = equity.inequality([v + 10_000 for v in values], people)
    scaled = equity.inequality([(v + 10_000) * factor for v in values], people)
    assert scaled.sii == pytest.approx(base.sii * factor, abs=1e-6 * factor)
    assert scaled.rii == pytest.approx(base.rii)
    turned = equity.inequality([v + 10_000 for v in values], people, multiplier=-1)
    assert (turned.sii, turned.rii) == (pytest.approx(-base.sii), pytest.approx(1 / base.rii))


def test_equal_values_show_no_inequality():
    index = equity.inequality([5.0, 5.0, 5.0], [1, 2, 3], se=[0, 0, 0])
    assert (index.sii, index.rii) == (pytest.approx(0, abs=1e-12), pytest.approx(1))
    assert index.sii_lower == pytest.approx(index.sii_upper)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: equity.standardised_rate([], [], []), "events has 0 values"),
        (
            lambda: equity.standardised_rate([20], [0], [1]),
            r"population\[0\] is 0.0; allowed: above 0",
        ),
        (lambda: equity.standardised_rate([20, 1], [10], [1, 1]), "population has 1 values; allowed: 2, one"),
        (lambda: equity.standardised_rate([20], [10], [0]), "the sum of weights is 0.0"),
        (lambda: equity.standardised_rate([20, -1], [10, 10], [1, 1]), r"events\[1\] is -1.0"),
        (lambda: equity.standardised_rate([20], [10], "esp1066"), "must be one of esp2013"),
        (lambda: equity.standardised_rate([0], [10], [1], minimum_events=0), "there are 0 events"),
        (lambda: equity.standardised_ratio(1, [1], [0], [10]), "expected number of events is 0"),
        (lambda: equity.inequality([1.0], [10]), "population has 1 values; allowed: 2 or more"),
        (lambda: equity.inequality([0.0, 1.0], [10, 10], transform="log"), "must be above 0"),
        (lambda: equity.inequality([0.5, 1.0], [10, 10], transform="logit"), "must be between 0 and 1"),
        (lambda: equity.inequality([0.5, 1.0], [10, 10], transform="root"), "allowed: log, logit"),
        (lambda: equity.inequality([0.5, 1.0], [10, 10], multiplier=0), "multiplier is 0"),
        (lambda: equity.inequality([0.5, 1.0], [10, 10], se=[1, 1], draws=1000), "draws is 1000"),
        (lambda: equity.inequality([0.5, 1.0], [10, 10], se=[1, 1], draws=3000), "a power of two"),
        (lambda: equity.standard_errors([2.0], [1.0]), "a lower limit is above its upper limit"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_the_range(call, words):
    with pytest.raises(ValueError, match=words):
        call()
