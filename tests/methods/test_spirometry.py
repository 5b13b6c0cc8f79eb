"""Spirometry against the published GLI tables, the published reading rules, and its own invariants."""

import csv
import itertools
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import spirometry
from openoh.methods._content import load
from tests.outside_data import outside_data

# Number of the ethnic group in the expected file: its name.
ETHNICITIES = {"1": "caucasian", "2": "african-american", "5": "other"}
SEXES = {"1": "male", "2": "female"}
MEASURES = ("FEV1", "FVC", "FEV1FVC")


def _expected() -> list[dict[str, str]]:
    with outside_data("spirometry", "expected_gli.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("measure", MEASURES)
def test_gli_global_agrees_with_the_published_tables(measure: str) -> None:
    column = measure.lower()
    for row in _expected():
        age = float(row["age"])
        reference = spirometry.predict(
            measure, sex=SEXES[row["sex"]], age=age, height_cm=100 * float(row["height_m"])
        )
        observed = float(row[column])
        # The expected file steps by quarter years, we interpolate: at whole years both mean the same.
        z_within, value_within = (0.001, 0.0005) if age.is_integer() else (0.02, 0.01)
        assert reference.z(observed) == pytest.approx(float(row[f"glob_z_{column}"]), abs=z_within)
        assert reference.lln == pytest.approx(float(row[f"glob_lln_{column}"]), abs=value_within)
        assert reference.predicted == pytest.approx(float(row[f"glob_pred_{column}"]), abs=value_within)
        percent = float(row[f"glob_pctpred_{column}"])
        assert reference.percent_predicted(observed) == pytest.approx(percent, rel=0.003)


@pytest.mark.parametrize(("measure", "number"), list(itertools.product(MEASURES, ETHNICITIES)))
def test_gli_2012_agrees_with_the_published_tables(measure: str, number: str) -> None:
    column = measure.lower()
    for row in _expected():
        age = float(row["age"])
        reference = spirometry.predict(
            measure,
            sex=SEXES[row["sex"]],
            age=age,
            height_cm=100 * float(row["height_m"]),
            reference="gli-2012",
            ethnicity=ETHNICITIES[number],
        )
        z_within, value_within = (0.001, 0.0005) if age.is_integer() else (0.02, 0.01)
        z = float(row[f"g12_eth{number}_z_{column}"])
        assert reference.z(float(row[column])) == pytest.approx(z, abs=z_within)
        assert reference.lln == pytest.approx(float(row[f"g12_eth{number}_lln_{column}"]), abs=value_within)


# (measure, sex, age, height, predicted, lower limit), computed from the published tables of Bowerman 2023.
VECTORS = [
    ("FEV1", "male", 30, 180, 4.35749, 3.38822),
    ("FVC", "male", 30, 180, 5.26004, 4.09616),
    ("FEV1FVC", "male", 30, 180, 0.83206, 0.72761),
    ("FEV1", "male", 50, 175, 3.57358, 2.69474),
    ("FVC", "male", 50, 175, 4.45867, 3.39244),
    ("FEV1FVC", "male", 50, 175, 0.79716, 0.68621),
    ("FEV1", "female", 25, 165, 3.19761, 2.46811),
    ("FVC", "female", 25, 165, 3.68355, 2.85210),
    ("FEV1FVC", "female", 25, 165, 0.87214, 0.76303),
    ("FEV1", "female", 60, 160, 2.29180, 1.64562),
    ("FVC", "female", 60, 160, 2.86120, 2.07988),
    ("FEV1FVC", "female", 60, 160, 0.80139, 0.67998),
]


@pytest.mark.parametrize(("measure", "sex", "age", "height", "predicted", "lln"), VECTORS)
def test_computed_vectors(
    measure: str, sex: str, age: int, height: int, predicted: float, lln: float
) -> None:
    reference = spirometry.predict(measure, sex=sex, age=age, height_cm=height)
    assert reference.predicted == pytest.approx(predicted, abs=1e-4)
    assert reference.lln == pytest.approx(lln, abs=1e-4)


@pytest.mark.parametrize(
    ("content", "file", "numbers"),
    [
        ("gli-global-2022", "gli_global_2022_lookup.csv", ("Mspline", "Sspline")),
        ("gli-2012", "gli2012_lookup.csv", ("m0", "s0")),
    ],
)
def test_splines_are_the_published_ones(content: str, file: str, numbers: tuple[str, str]) -> None:
    table = load("spirometry", content)
    with outside_data("spirometry", file).open(encoding="utf-8") as opened:
        rows = [row for row in csv.DictReader(opened) if row["f"] in MEASURES]
    whole = [row for row in rows if float(row["agebound"]) in range(16, 96)]
    assert len(whole) == 80 * 2 * 3
    for row in whole:
        equation = table.section(SEXES[row["gender"]], row["f"])
        place = int(float(row["agebound"])) - 16
        assert equation["median_spline"][place] == pytest.approx(float(row[numbers[0]]), abs=5.1e-6)
        assert equation["spread_spline"][place] == pytest.approx(float(row[numbers[1]]), abs=5.1e-6)


# (FEV1, FVC, pattern, severity, why) for a man of 50 years and 175 cm.
READINGS = [
    (3.5, 4.4, "normal", "normal", "all within limits"),
    (2.1, 3.9, "obstruction", "moderate", "ratio below its limit, FEV1 z -2.69"),
    (3.0, 4.6, "obstruction", "normal", "ratio low (0.652), FEV1 still within limits"),
    (2.5, 3.0, "possible restriction", "mild", "FVC low with a normal ratio: graded by FVC"),
    (1.2, 2.5, "mixed", "severe", "ratio and FVC low, FEV1 z below -4"),
    (2.6, 3.6, "preserved ratio impaired", "mild", "FEV1 alone below its limit"),
]


@pytest.mark.parametrize(("fev1", "fvc", "pattern", "severity", "why"), READINGS)
def test_patterns_and_severity(fev1: float, fvc: float, pattern: str, severity: str, why: str) -> None:
    test = spirometry.interpret(fev1, fvc, sex="male", age=50, height_cm=175)
    assert (test.pattern, test.severity) == (pattern, severity), why
    assert test.abnormal == (pattern != "normal")


def test_a_result_names_its_rules_and_their_standing() -> None:
    test = spirometry.interpret(3.5, 4.4, sex="male", age=50, height_cm=175)
    assert test.rule_version == "spirometry/gli-global-2022@1; spirometry/interpretation@1"
    assert test.status == "general"


people = st.lists(
    st.tuples(
        st.sampled_from(["male", "female"]),
        st.floats(16, 95),
        st.floats(100, 230),
        st.sampled_from(["caucasian", "african-american", "north-east-asian", "south-east-asian", "other"]),
        st.floats(0.3, 12),
        st.floats(0.2, 1),
    ),
    min_size=1,
    max_size=20,
)


@given(people, st.sampled_from(["gli-global-2022", "gli-2012"]))
def test_arrays_equal_one_by_one(
    group: list[tuple[str, float, float, str, float, float]], reference: str
) -> None:
    sex, age, height, ethnicity, fvc, share = map(list, zip(*group, strict=True))
    fev1 = [volume * part for volume, part in zip(fvc, share, strict=True)]
    groups = ethnicity if reference == "gli-2012" else None
    many = spirometry.interpret_many(
        fev1, fvc, sex=sex, age=age, height_cm=height, reference=reference, ethnicity=groups
    )
    for i in range(len(group)):
        one = spirometry.interpret(
            fev1[i],
            fvc[i],
            sex=sex[i],
            age=age[i],
            height_cm=height[i],
            reference=reference,
            ethnicity=groups and groups[i],
        )
        assert [many.z[m][i] for m in MEASURES] == pytest.approx(
            [one.fev1.z, one.fvc.z, one.ratio.z], rel=1e-9
        )
        assert (many.pattern[i], many.severity[i]) == (one.pattern, one.severity)
        assert many.percent_predicted["FEV1"][i] == pytest.approx(one.fev1.percent_predicted)
        assert many.lln["FVC"][i] == pytest.approx(one.fvc.reference.lln)


@given(st.sampled_from(MEASURES), st.sampled_from(["male", "female"]), st.floats(16, 95), st.floats(120, 210))
def test_limit_and_median_are_where_they_should_be(measure: str, sex: str, age: float, height: float) -> None:
    reference = spirometry.predict(measure, sex=sex, age=age, height_cm=height)
    assert 0 < reference.lln < reference.predicted
    assert reference.z(reference.predicted) == pytest.approx(0, abs=1e-9)
    assert reference.z(reference.lln) == pytest.approx(-1.645, abs=1e-6)
    assert reference.percent_predicted(reference.predicted) == pytest.approx(100)
    assert reference.z(reference.lln) < reference.z(reference.lln * 1.01)


PERSON = {"sex": "male", "age": 50.0, "height_cm": 175.0}
BAD_PEOPLE = [
    ({"age": 15.9}, "age is 15.9; it must be from 16 to 95"),
    ({"age": 95.1}, "age is 95.1; it must be from 16 to 95"),
    ({"age": float("nan")}, "age is nan"),
    ({"height_cm": 1.75}, "height_cm is 1.75; it must be from 100 to 230"),
    ({"height_cm": 231}, "height_cm is 231"),
    ({"sex": "unknown"}, "sex is unknown; it must be male or female"),
    ({"reference": "gli-2012"}, "ethnicity is missing; gli-2012 needs one of caucasian"),
    ({"reference": "gli-2012", "ethnicity": "martian"}, "ethnicity is martian"),
    ({"ethnicity": "caucasian"}, "gli-global-2022 is race-neutral and takes none"),
    ({"reference": "ecsc-1993"}, "has no content 'ecsc-1993'; choose from"),
    ({"reference": "decline"}, "no reference 'decline'"),
]


@pytest.mark.parametrize(("changes", "message"), BAD_PEOPLE)
def test_people_outside_the_equations_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spirometry.predict("FEV1", **(PERSON | changes))


BAD_VOLUMES = [
    (4.5, 4.4, "fev1 is 4.5; it must be no larger than fvc"),
    (0, 4.4, "fev1 is 0.0; it must be above 0"),
    (3.0, -1, "fvc is -1.0"),
    (3000, 4400, "fev1 is 3000.0; it must be above 0 and up to 12.0 litres"),
    (float("nan"), 4.0, "fev1 is nan"),
]


@pytest.mark.parametrize(("fev1", "fvc", "message"), BAD_VOLUMES)
def test_impossible_volumes_are_refused(fev1: float, fvc: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spirometry.interpret(fev1, fvc, **PERSON)
    with pytest.raises(ValueError, match="person 1"):
        spirometry.interpret_many(
            [3.0, fev1], [4.0, fvc], sex=["male"] * 2, age=[50, 50], height_cm=[175, 175]
        )


def test_other_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="no measure 'PEF'; choose from FEV1, FVC, FEV1FVC"):
        spirometry.predict("PEF", **PERSON)
    with pytest.raises(ValueError, match="one-dimensional and of one length"):
        spirometry.predict_many("FEV1", sex=["male"], age=[50, 51], height_cm=[175, 175])
    with pytest.raises(ValueError, match="must be the same"):
        spirometry.interpret_many([3.0], [4.0, 4.1], sex=["male"], age=[50], height_cm=[175])
    with pytest.raises(ValueError, match="ethnicity has shape"):
        spirometry.predict_many(
            "FEV1", sex=["male"], age=[50], height_cm=[175], reference="gli-2012", ethnicity=["other"] * 2
        )
    with pytest.raises(ValueError, match="FEV1 is 0; allowed: above 0"):
        spirometry.predict("FEV1", **PERSON).z(0)


def test_nobody_gives_empty_arrays() -> None:
    nobody = spirometry.predict_many("FEV1", sex=[], age=[], height_cm=[])
    assert nobody.predicted.shape == (0,)


# (FEV1 blows, FVC blows, repeatable, sufficient, why)
SESSIONS = [
    ([3.10, 3.00, 2.95], [4.00, 3.85, 3.60], True, True, "three blows, best two within 0.150 l exactly"),
    ([3.10, 2.94, 2.90], [4.00, 3.95, 3.90], False, False, "FEV1 differs by 0.160 l"),
    ([3.10, 3.00], [4.00, 3.95], True, False, "only two blows"),
    ([0.80, 0.70, 0.60], [1.00, 0.89, 0.80], False, False, "small lungs: 0.110 l is more than 0.100 l"),
    ([0.80, 0.70, 0.60], [1.01, 0.90, 0.80], True, True, "just above 1.0 l the wider limit holds"),
    ([3.10], [4.00], False, False, "one blow repeats nothing"),
]


@pytest.mark.parametrize(("fev1", "fvc", "repeatable", "sufficient", "why"), SESSIONS)
def test_blow_quality(
    fev1: list[float], fvc: list[float], repeatable: bool, sufficient: bool, why: str
) -> None:
    session = spirometry.quality(fev1, fvc)
    assert (session.repeatable, session.sufficient) == (repeatable, sufficient), why
    assert (session.fev1, session.fvc) == (max(fev1), max(fvc))
    assert bool(session.reasons) != sufficient


@pytest.mark.parametrize(
    ("fev1", "fvc", "message"),
    [
        ([], [], "There are 0 FEV1"),
        ([3.0], [4.0, 4.1], "1 FEV1 and 2 FVC"),
        ([3.0, 0], [4, 4], "A blow is 0 l"),
    ],
)
def test_impossible_sessions_are_refused(fev1: list[float], fvc: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spirometry.quality(fev1, fvc)


DAY = date(2018, 3, 1)


def _yearly(*litres: float) -> list[tuple[date, float]]:
    return [(DAY.replace(year=DAY.year + place), value) for place, value in enumerate(litres)]


# (series, refer, part of the first reason, why)
SERIES = [
    (_yearly(4.0), False, "", "one test says nothing about change"),
    (_yearly(4.0, 3.97, 3.94, 3.91, 3.88), False, "", "30 mL a year is ageing"),
    (_yearly(4.0, 3.4), False, "", "a fall of exactly 15 % is not more than 15 %"),
    (_yearly(4.0, 3.39), True, "fell by 15.2 % year on year", "more than 15 % in a year"),
    (_yearly(4.0, 3.55), False, "", "11 % is not confirmed yet"),
    (_yearly(4.0, 3.55, 3.5), True, "confirmed by the next test", "11 % confirmed"),
    (_yearly(4.0, 3.55, 3.9), False, "", "11 % that recovered"),
    (
        _yearly(4.0, 3.93, 3.86, 3.79, 3.72),
        True,
        "70 mL a year over 4.0 years",
        "steep slope over four years",
    ),
    (_yearly(4.0, 3.93, 3.86, 3.79), False, "", "three years are too short for a slope"),
    ([(DAY, 4.0), (DAY + timedelta(183), 3.7), (DAY + timedelta(365), 3.38)], True, "15.5 %", "small steps"),
    ([(DAY, 4.0), (DAY + timedelta(900), 3.2)], False, "", "too far apart to be year on year"),
]


@pytest.mark.parametrize(("series", "refer", "reason", "why"), SERIES)
def test_decline(series: list[tuple[date, float]], refer: bool, reason: str, why: str) -> None:
    result = spirometry.decline(series)
    assert result.refer == refer, why
    assert reason in " ".join(result.reasons), why
    assert result == spirometry.decline(series[::-1])


@given(
    st.lists(st.integers(0, 4000), min_size=2, max_size=12, unique=True),
    st.floats(2, 6),
    st.floats(-100, 20),
)
def test_slope_of_a_straight_line_is_found(days: list[int], start: float, slope_ml: float) -> None:
    series = [(DAY + timedelta(day), start + slope_ml / 1000 * day / 365.25) for day in days]
    assert spirometry.decline(series).slope_ml_per_year == pytest.approx(slope_ml, abs=1e-6)


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ([], "empty"),
        ([(DAY, 4.0), (DAY, 3.9)], "two tests on 2018-03-01"),
        ([(DAY, 0.0)], "FEV1 on 2018-03-01 is 0.0"),
    ],
)
def test_impossible_series_are_refused(series: list[tuple[date, float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spirometry.decline(series)


def test_ten_thousand_at_once_match_the_expected_file() -> None:
    rows = _expected() * 50
    many = spirometry.interpret_many(
        [float(row["fev1"]) for row in rows],
        [max(float(row["fvc"]), float(row["fev1"])) for row in rows],
        sex=[SEXES[row["sex"]] for row in rows],
        age=[float(row["age"]) for row in rows],
        height_cm=[100 * float(row["height_m"]) for row in rows],
    )
    expected = np.array([float(row["glob_z_fev1"]) for row in rows])
    assert np.abs(many.z["FEV1"] - expected).max() <= 0.02
