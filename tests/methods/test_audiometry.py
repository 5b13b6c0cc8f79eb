"""Audiometry against the HSE table, the standard audiograms, and its own invariants."""

import csv
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import audiometry
from openoh.methods._content import load
from tests.outside_data import outside_data

HZ = (1000, 2000, 3000, 4000, 6000)
Test = dict[str, dict[int, float]]


def _ear(total: float, *, hz: tuple[int, ...] = HZ) -> dict[int, float]:
    """A flat ear with the wanted sum."""
    return {frequency: total / len(hz) for frequency in hz}


def _both(total: float) -> Test:
    return {"left": _ear(total), "right": _ear(total)}


# (age, male warning, male referral, female warning, female referral): HSE guidance L108, 2005.
LEVELS = [
    (16, 51, 95, 46, 78),
    (20, 51, 95, 46, 78),
    (24.99, 51, 95, 46, 78),
    (25, 67, 113, 55, 91),
    (30, 82, 132, 63, 105),
    (35, 100, 154, 71, 119),
    (40, 121, 183, 80, 134),
    (45, 142, 211, 93, 153),
    (50, 165, 240, 111, 176),
    (55, 190, 269, 131, 204),
    (60, 217, 296, 157, 235),
    (65, 235, 311, 175, 255),
    (100, 235, 311, 175, 255),
]


@pytest.mark.parametrize(
    ("age", "male_warning", "male_referral", "female_warning", "female_referral"), LEVELS
)
def test_categories_start_at_the_published_sums(
    age: float, male_warning: int, male_referral: int, female_warning: int, female_referral: int
) -> None:
    for sex, warning, referral in (
        ("male", male_warning, male_referral),
        ("female", female_warning, female_referral),
    ):
        for total, category in ((warning - 1, 1), (warning, 2), (referral - 1, 2), (referral, 3)):
            ear = dict.fromkeys(HZ, total // 5) | {1000: total // 5 + total % 5}
            hearing = audiometry.categorise({"left": ear, "right": ear}, sex=sex, age=age)
            assert (hearing.category, hearing.sums.left) == (category, total), (sex, age, total)


@pytest.mark.parametrize("ear", ["left", "right"])
def test_the_worse_ear_decides(ear: str) -> None:
    test = _both(50) | {ear: _ear(160)}
    hearing = audiometry.categorise(test, sex="male", age=37)
    assert hearing.category == 3
    assert hearing.reasons[0].startswith(f"{ear} ear")


def _standard_audiograms() -> list[dict[str, str]]:
    with outside_data("audiometry", "standard_audiograms.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_standard_audiograms() -> None:
    rows = _standard_audiograms()
    assert len(rows) == 10
    for row in rows:
        ear = {int(name[3:]): float(value) for name, value in row.items() if name.startswith("hz_")}
        described = audiometry.describe(ear)
        assert described.name == row["bsa_descriptor"], row["name"]
        assert described.mean_db == pytest.approx(float(row["mean_250_500_1k_2k_4k"])), row["name"]
        hearing = audiometry.categorise({"left": ear, "right": ear}, sex="male", age=50)
        assert hearing.sums.left == float(row["sum_1_2_3_4_6k"]), row["name"]


def _high(level: float, low: float = 10) -> dict[int, float]:
    return {1000: low, 2000: low, 3000: level, 4000: level, 6000: level}


# (rise of the sum at 3-4-6 kHz, years between, rapid, why)
RAPID = [
    (30, None, True, "30 dB since the last test, taken as within three years"),
    (29, None, False, "just below"),
    (30, 1, True, "30 dB in one year"),
    (30, 3, True, "three years exactly"),
    (30, 4, False, "7.5 dB a year is below 10"),
    (40, 4, True, "10 dB a year over four years"),
    (39, 4, False, "9.75 dB a year"),
]


@pytest.mark.parametrize(("rise", "years", "rapid", "why"), RAPID)
def test_rapid_loss(rise: float, years: float | None, rapid: bool, why: str) -> None:
    before = {"left": _high(10), "right": _high(10)}
    now = {"left": _high(10), "right": _high(10) | {3000: 10 + rise}}
    hearing = audiometry.categorise(now, sex="male", age=50, previous=before, years_since_previous=years)
    assert hearing.rapid_loss == rapid, why
    assert (hearing.category == 4) == rapid, why


def test_rapid_loss_goes_before_a_referral_level() -> None:
    before, now = _both(200), _both(320)
    assert audiometry.categorise(now, sex="male", age=30).category == 3
    assert audiometry.categorise(now, sex="male", age=30, previous=before).category == 4


@pytest.mark.parametrize(("difference", "unilateral"), [(40, False), (41, True), (-40, False), (-41, True)])
def test_unilateral_is_a_flag_besides_the_category(difference: float, unilateral: bool) -> None:
    test = {"left": dict.fromkeys(HZ, 45.0), "right": dict.fromkeys(HZ, 45.0)}
    test["left" if difference > 0 else "right"][2000] += abs(difference)
    hearing = audiometry.categorise(test, sex="male", age=70)
    assert (hearing.unilateral, hearing.category) == (unilateral, 2)


NOTCHED = {500: 10, 1000: 10, 2000: 10, 3000: 12, 4000: 30, 6000: 12, 8000: 10}
FLAT = dict.fromkeys((500, 1000, 2000, 3000, 4000, 6000, 8000), 10)

# (previous left ear, years, category, part of the reason, why) with a notch now, third edition.
NOTCHES: list[tuple[dict[int, int] | None, float | None, int, str, str]] = [
    (None, None, 3, "newly found", "no earlier test knows it"),
    (FLAT, 2, 3, "newly found", "the earlier test had none"),
    (NOTCHED | {4000: 20}, 2, 3, "worse than before", "10 dB deeper"),
    (NOTCHED | {4000: 25}, 2, 2, "stable so far", "5 dB is within what tests differ"),
    (NOTCHED, 4, 2, "stable for 4 years", "stable raises 1 to 2"),
]


@pytest.mark.parametrize(("before", "years", "category", "reason", "why"), NOTCHES)
def test_notch_in_the_third_edition(
    before: dict[int, int] | None, years: float | None, category: int, reason: str, why: str
) -> None:
    hearing = audiometry.categorise(
        {"left": NOTCHED, "right": FLAT},
        sex="male",
        age=50,
        previous=before and {"left": before, "right": FLAT},
        years_since_previous=years,
        table="l108-2021",
    )
    assert (hearing.category, hearing.notch) == (category, ("left",)), why
    assert reason in hearing.reasons[0], why
    assert (hearing.status, hearing.rule_version) == ("unsure", "audiometry/l108-2021@1")


def test_a_stable_notch_never_lowers_a_category() -> None:
    poor = {hz: level + 50 for hz, level in NOTCHED.items()}
    test = {"left": poor, "right": poor}
    hearing = audiometry.categorise(
        test, sex="male", age=50, previous=test, years_since_previous=3, table="l108-2021"
    )
    assert hearing.category == 3
    assert hearing.retest == ()


# (changes to a flat ear, notch, why)
SHAPES = [
    ({4000: 20}, True, "10 dB deep on both sides"),
    ({4000: 19}, False, "9 dB is too shallow"),
    ({6000: 25}, True, "recovers at 8 kHz"),
    ({3000: 25, 4000: 25, 6000: 25}, True, "wide, recovers at 8 kHz"),
    ({3000: 25, 4000: 30, 6000: 35, 8000: 40}, False, "slopes without recovering"),
    ({2000: 30, 4000: 30}, True, "10 dB worse than 1 kHz is enough"),
]


@pytest.mark.parametrize(("changes", "notch", "why"), SHAPES)
def test_shape_of_a_notch(changes: dict[int, int], notch: bool, why: str) -> None:
    hearing = audiometry.categorise(
        {"left": FLAT, "right": FLAT | changes}, sex="male", age=50, table="l108-2021"
    )
    assert hearing.notch == (("right",) if notch else ()), why


def test_without_8_khz_a_6_khz_notch_cannot_be_told() -> None:
    ear = {hz: level for hz, level in (FLAT | {6000: 40}).items() if hz != 8000}
    hearing = audiometry.categorise({"left": ear, "right": ear}, sex="male", age=50, table="l108-2021")
    assert hearing.notch == ()


def test_the_second_edition_has_no_rule_about_notches_or_repeats() -> None:
    hearing = audiometry.categorise(
        {"left": NOTCHED, "right": FLAT}, sex="male", age=50, previous={"left": FLAT, "right": FLAT}
    )
    assert (hearing.category, hearing.notch, hearing.retest) == (1, None, ())


@pytest.mark.parametrize(("change", "retest"), [(10, False), (11, True), (-11, True), (-10, False)])
def test_a_large_change_asks_for_a_repeat(change: float, retest: bool) -> None:
    before = {"left": FLAT, "right": FLAT}
    now = {"left": FLAT | {500: 10 + change}, "right": FLAT}
    hearing = audiometry.categorise(now, sex="male", age=50, previous=before, table="l108-2021")
    assert [(found.ear, found.hz, found.change_db) for found in hearing.retest] == (
        [("left", 500, change)] if retest else []
    )


def test_young_people_and_hearing_aids_need_a_person() -> None:
    assert audiometry.categorise(_both(10), sex="male", age=18).manual_review == ()
    assert "Under 18" in audiometry.categorise(_both(10), sex="male", age=17.9).manual_review[0]
    aided = audiometry.categorise(_both(10), sex="male", age=30, hearing_aids=True)
    assert "Hearing aids" in aided.reasons[-1]


# (500-1000-2000 sum, 3000-4000-6000 sum, meets, why)
FIREARMS = [
    (84, 123, True, "both sums at the limit"),
    (85, 0, False, "low frequencies one above"),
    (0, 124, False, "high frequencies one above"),
]


@pytest.mark.parametrize(("low", "high", "meets", "why"), FIREARMS)
@pytest.mark.parametrize("ear", ["left", "right"])
def test_firearms(low: int, high: int, meets: bool, why: str, ear: str) -> None:
    quiet = dict.fromkeys((500, 1000, 2000, 3000, 4000, 6000), 0)
    test = {"left": quiet, "right": quiet} | {ear: quiet | {500: low, 3000: high}}
    result = audiometry.firearms(test)
    assert result.meets == meets, why
    assert all(reason.startswith(ear) for reason in result.reasons)


@pytest.mark.parametrize(
    ("low", "high", "grade"),
    [(45, 45, "H1"), (46, 45, "H2"), (45, 46, "H2"), (84, 123, "H2"), (85, 0, "H3"), (120, 120, "H3")],
)
def test_hearing_grades(low: int, high: int, grade: str) -> None:
    quiet = dict.fromkeys((500, 1000, 2000, 3000, 4000, 6000), 0)
    result = audiometry.hearing_grade({"left": quiet, "right": quiet | {1000: low, 4000: high}})
    assert (result.left, result.right, result.grade) == ("H1", grade, grade)


def test_the_last_hearing_grade_is_open() -> None:
    deaf = dict.fromkeys((500, 1000, 2000, 3000, 4000, 6000), 100)
    assert audiometry.hearing_grade({"left": deaf, "right": deaf}).grade == "H4"


levels = st.fixed_dictionaries({hz: st.integers(-10, 120) for hz in (500, *HZ, 8000)})
tests = st.fixed_dictionaries({"left": levels, "right": levels})
tables = st.sampled_from(["l108-2005", "l108-2021"])


@given(tests, st.none() | tests, st.floats(14, 100), st.sampled_from(["male", "female"]), tables)
def test_ears_are_treated_alike(test: Test, previous: Test | None, age: float, sex: str, table: str) -> None:
    def swap(of: Test) -> Test:
        return {"left": of["right"], "right": of["left"]}

    one = audiometry.categorise(test, sex=sex, age=age, previous=previous, table=table)
    other = audiometry.categorise(
        swap(test), sex=sex, age=age, previous=previous and swap(previous), table=table
    )
    assert (one.category, one.unilateral, one.rapid_loss) == (
        other.category,
        other.unilateral,
        other.rapid_loss,
    )
    assert (one.sums.left, one.sums.right) == (other.sums.right, other.sums.left)
    assert 1 <= one.category <= 4
    assert one.reasons


@given(tests, st.integers(1, 20), st.floats(14, 100), st.sampled_from(["male", "female"]))
def test_worse_hearing_never_has_a_better_category(test: Test, loss: int, age: float, sex: str) -> None:
    worse = {
        ear: {hz: min(130, level + loss) for hz, level in levels.items()} for ear, levels in test.items()
    }
    before = audiometry.categorise(test, sex=sex, age=age)
    assert audiometry.categorise(worse, sex=sex, age=age).category >= before.category


@given(tests, st.floats(14, 95), st.floats(0, 5), st.sampled_from(["male", "female"]))
def test_the_same_hearing_is_never_worse_at_a_higher_age(
    test: Test, age: float, more: float, sex: str
) -> None:
    young = audiometry.categorise(test, sex=sex, age=age)
    assert audiometry.categorise(test, sex=sex, age=age + more).category <= young.category


GOOD: dict[str, Any] = {"test": _both(50), "sex": "male", "age": 30}
BAD = [
    ({"test": {"left": _ear(50)}}, r"ears \['left'\]; it must have left and right"),
    (
        {"test": _both(50) | {"right": _ear(50, hz=(1000, 2000, 3000))}},
        "right ear of the test at 4000, 6000 Hz",
    ),
    ({"previous": {"left": {}, "right": _ear(50)}}, "left ear of the previous test at 1000"),
    ({"test": _both(700)}, "at 1000 Hz of the left ear of the test is 140.0 dB; allowed: -20 to 130"),
    ({"test": _both(float("nan"))}, "nan dB"),
    ({"age": 13}, "age is 13; allowed: 14 to 100"),
    ({"age": 101}, "age is 101"),
    ({"sex": "unknown"}, "sex is unknown; it must be male or female"),
    ({"years_since_previous": 2}, "without a previous test"),
    ({"previous": _both(50), "years_since_previous": 0}, "years_since_previous is 0; allowed: above 0"),
    ({"table": "l108-1998"}, "no content 'l108-1998'; choose from"),
    ({"table": "firearms"}, "table is firearms; it must be l108-2005 or l108-2021"),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_bad_input_is_refused(changes: dict[str, Any], message: str) -> None:
    arguments = GOOD | changes
    with pytest.raises(ValueError, match=message):
        audiometry.categorise(arguments.pop("test"), **arguments)


def test_missing_frequencies_are_named_everywhere() -> None:
    with pytest.raises(ValueError, match="at 250, 500 Hz"):
        audiometry.describe({1000: 10, 2000: 10, 4000: 10})
    with pytest.raises(ValueError, match="left ear of the test at 500 Hz"):
        audiometry.firearms(_both(50))
    with pytest.raises(ValueError, match="left ear of the test at 500 Hz"):
        audiometry.hearing_grade(_both(50))


def _own_table(**row: Any) -> audiometry.HearingTable:
    content = load("audiometry", "l108-2005")
    levels = [content.values["levels"][0], content.values["levels"][1] | row]
    return audiometry.HearingTable(replace(content, name="own", values={**content.values, "levels": levels}))


def test_an_own_table_may_be_used() -> None:
    table = _own_table(male={"warning": 20, "referral": 30})
    hearing = audiometry.categorise(_both(25), sex="male", age=40, table=table)
    assert (hearing.category, hearing.table, hearing.rule_version) == (2, "own", "audiometry/own@1")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"from_age": 20}, "Age 20 follows age 20 in own; ages must rise"),
        (
            {"male": {"warning": 95, "referral": 51}},
            "male warning level 95 in own is not below the referral level 51",
        ),
        ({"female": {"warning": 50, "referral": 50}}, "female warning level 50"),
    ],
)
def test_a_table_in_the_wrong_order_is_refused(row: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _own_table(**row)
