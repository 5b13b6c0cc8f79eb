"""Hand-arm vibration against HSE's published numbers, independent calculations, and its own invariants."""

import csv
import json
import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openoh.methods import vibration
from tests.outside_data import outside_data


def _json(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(outside_data("exposure", name).read_text(encoding="utf-8"))
    return found


def test_published_examples() -> None:
    for example in _json("hav_published.json"):
        hours = example.get("hours", 8)
        exposures = [(example.get("magnitude", example.get("a8")), 60 * hours)]
        assert vibration.points(exposures) == pytest.approx(example["points"], rel=1e-12), example["source"]
        if "a8" in example:
            assert vibration.a8(exposures) == pytest.approx(example["a8"], abs=0.001), example["source"]


def test_independent_cases() -> None:
    for case in _json("hav_cases.json"):
        day = vibration.assess([(tool["magnitude"], tool["minutes"]) for tool in case["tools"]])
        assert day.a8 == pytest.approx(case["a8"], abs=0.001), case["case"]
        assert day.points == pytest.approx(case["total_points"], rel=1e-12)
        assert day.partial_a8 == pytest.approx(case["partial_a8"], abs=0.001)
        assert day.partial_points == pytest.approx(case["partial_points"], rel=1e-12)
        assert day.at_or_above_action == case["at_or_above_action_2_5"]
        assert day.above_limit == case["above_limit_5"]
        assert day.hours_to_action[0] == pytest.approx(case["hours_to_eav_first_tool"], rel=1e-9)
        assert day.hours_to_limit[0] == pytest.approx(case["hours_to_elv_first_tool"], rel=1e-9)


def test_ready_reckoner() -> None:
    with outside_data("exposure", "hav_ready_reckoner.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 180
    for row in rows:
        day = vibration.assess([(float(row["magnitude_m_s2"]), 60 * float(row["hours"]))])
        assert day.points == pytest.approx(float(row["points_exact"]), abs=1e-6)
        assert day.a8 == pytest.approx(float(row["a8"]), abs=0.001)
        band = (
            "above ELV" if day.above_limit else "at or above EAV" if day.at_or_above_action else "below EAV"
        )
        assert band == row["band"], row


def test_exact_values_count_as_the_law_says() -> None:
    assert vibration.assess([(2.5, 480)]).at_or_above_action
    assert not vibration.assess([(2.5, 479)]).at_or_above_action
    assert not vibration.assess([(5.0, 480)]).above_limit
    assert vibration.assess([(5.0, 481)]).above_limit


exposures = st.lists(st.tuples(st.floats(0, 50), st.floats(0, 140)), max_size=10)


@given(exposures)
def test_points_and_a8_say_the_same(day: list[tuple[float, float]]) -> None:
    assert vibration.points(day) == pytest.approx(100 * (vibration.a8(day) / 2.5) ** 2, abs=1e-9)


@given(exposures, st.randoms())
def test_order_does_not_matter(day: list[tuple[float, float]], random: Any) -> None:
    shuffled = day[:]
    random.shuffle(shuffled)
    assert vibration.a8(shuffled) == pytest.approx(vibration.a8(day), rel=1e-12)


@given(st.floats(0, 50), st.floats(0, 1440), st.floats(0, 1))
def test_splitting_a_task_changes_nothing(magnitude: float, minutes: float, share: float) -> None:
    parts = [(magnitude, minutes * share), (magnitude, minutes * (1 - share))]
    assert vibration.points(parts) == pytest.approx(vibration.points([(magnitude, minutes)]), abs=1e-9)


def test_a_day_without_vibration_is_zero() -> None:
    day = vibration.assess([(0, 60)])
    assert (day.a8, day.points, day.hours_to_action) == (0, 0, (math.inf,))
    assert vibration.a8([]) == 0


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ([(-1, 60)], "A magnitude is -1 m/s2; allowed: 0 or more"),
        ([(float("nan"), 60)], "magnitude is nan"),
        ([(2.5, -1)], "A time is -1 minutes"),
        ([(2.5, float("inf"))], "A time is inf"),
        ([(2.5, 1000), (2.5, 441)], "add up to 1441 minutes; a day has 1440"),
    ],
)
def test_impossible_days_are_refused(day: list[tuple[float, float]], message: str) -> None:
    for function in (vibration.a8, vibration.points, vibration.assess):
        with pytest.raises(ValueError, match=message):
            function(day)


WHOLE = ("distal", "middle", "proximal")
THREE_WHOLE = {"index": WHOLE, "middle": WHOLE, "ring": WHOLE}
TIPS = {"index": ["distal"], "ring": ["distal"]}
BEYOND = {"index": ["distal", "middle"], "ring": ["distal", "middle"]}

# (findings, vascular stage, half of stage 2, fits the scale, why)
VASCULAR: list[tuple[dict[str, Any], int, str | None, bool, str]] = [
    ({"attacks": "none", "blanching": {}}, 0, None, True, "no attacks"),
    ({"attacks": "none", "blanching": {"index": []}}, 0, None, True, "a finger that does not blanch"),
    ({"attacks": "occasional", "blanching": TIPS}, 1, None, True, "tips only"),
    ({"attacks": "occasional", "blanching": BEYOND}, 2, "early", True, "score 6, occasional"),
    ({"attacks": "frequent", "blanching": BEYOND}, 2, "late", True, "frequent makes it late"),
    (
        {"attacks": "occasional", "blanching": BEYOND | {"little": ["distal", "proximal"]}},
        2,
        "late",
        True,
        "score 10",
    ),
    ({"attacks": "occasional", "blanching": {"thumb": ["distal", "proximal"]}}, 2, "early", True, "score 9"),
    ({"attacks": "frequent", "blanching": THREE_WHOLE}, 3, None, True, "all phalanges of most fingers"),
    (
        {"attacks": "frequent", "blanching": THREE_WHOLE, "trophic_changes": True},
        4,
        None,
        True,
        "with skin changes",
    ),
    (
        {"attacks": "frequent", "blanching": {"index": WHOLE, "ring": WHOLE}},
        2,
        "late",
        True,
        "two are not most",
    ),
    (
        {"attacks": "occasional", "blanching": THREE_WHOLE},
        2,
        "late",
        False,
        "extent of 3 without its frequency",
    ),
    ({"attacks": "frequent", "blanching": TIPS}, 1, None, False, "frequency of 3 with the extent of 1"),
    (
        {"attacks": "occasional", "blanching": TIPS, "trophic_changes": True},
        1,
        None,
        False,
        "skin changes at 1",
    ),
]


@pytest.mark.parametrize(("findings", "expected", "split", "fits", "why"), VASCULAR)
def test_vascular_stage(
    findings: dict[str, Any], expected: int, split: str | None, fits: bool, why: str
) -> None:
    hand = vibration.stage(**findings)
    assert (hand.vascular, hand.split, hand.fits) == (expected, split, fits), why
    assert hand.sensorineural == 0
    assert bool(hand.reasons) != fits


# (numbness, reduced perception, reduced dexterity, stage, fits, why)
SENSORINEURAL = [
    ("none", False, False, 0, True, "exposed, no symptoms"),
    ("intermittent", False, False, 1, True, "intermittent numbness"),
    ("intermittent", True, False, 2, True, "with reduced perception"),
    ("persistent", True, False, 2, True, "persistent with reduced perception"),
    ("persistent", True, True, 3, True, "with reduced dexterity"),
    ("persistent", False, False, 1, False, "persistent without reduced perception"),
    ("intermittent", False, True, 1, False, "dexterity without perception"),
    ("none", True, False, 0, False, "reduced perception without numbness"),
    ("none", False, True, 0, False, "reduced dexterity without numbness"),
]


@pytest.mark.parametrize(("numbness", "perception", "dexterity", "expected", "fits", "why"), SENSORINEURAL)
def test_sensorineural_stage(
    numbness: str, perception: bool, dexterity: bool, expected: int, fits: bool, why: str
) -> None:
    hand = vibration.stage(
        attacks="none",
        blanching={},
        numbness=numbness,
        reduced_perception=perception,
        reduced_dexterity=dexterity,
    )
    assert (hand.sensorineural, hand.fits) == (expected, fits), why


def test_griffin_score_of_a_whole_hand_is_33() -> None:
    fingers = dict.fromkeys(("index", "middle", "ring", "little"), WHOLE)
    assert vibration.griffin_score({**fingers, "thumb": ("distal", "proximal")}) == 33
    assert vibration.griffin_score({"index": ["distal", "distal"]}) == 1
    assert vibration.griffin_score({}) == 0


def test_notation_counts_fingers() -> None:
    left = vibration.stage(attacks="frequent", blanching=THREE_WHOLE | {"little": []})
    right = vibration.stage(
        attacks="occasional", blanching=TIPS, numbness="intermittent", reduced_perception=True
    )
    assert vibration.notation(left, right) == "3L(3)/1R(2) V, 0SN L/2SN R"


fingers = st.dictionaries(
    st.sampled_from(["index", "middle", "ring", "little"]), st.sets(st.sampled_from(WHOLE), min_size=1)
)


@given(fingers, st.sampled_from(["index", "middle", "ring", "little"]), st.sampled_from(WHOLE))
def test_more_blanching_never_stages_lower(hand: dict[str, set[str]], finger: str, phalanx: str) -> None:
    assume(hand)
    worse = hand | {finger: hand.get(finger, set()) | {phalanx}}
    for attacks in ("occasional", "frequent"):
        before = vibration.stage(attacks=attacks, blanching=hand)
        after = vibration.stage(attacks=attacks, blanching=worse)
        assert after.vascular >= before.vascular
        assert after.griffin >= before.griffin


@pytest.mark.parametrize(
    ("findings", "message"),
    [
        ({"attacks": "rare", "blanching": {}}, "attacks is 'rare'; it must be none, occasional, frequent"),
        ({"attacks": "none", "blanching": {}, "numbness": "yes"}, "numbness is 'yes'"),
        ({"attacks": "none", "blanching": TIPS}, "attacks is 'none' with a blanching score of 2"),
        ({"attacks": "frequent", "blanching": {}}, "blanching score of 0; the two must agree"),
        ({"attacks": "occasional", "blanching": {"toe": ["distal"]}}, "no finger 'toe'; choose from thumb"),
        ({"attacks": "occasional", "blanching": {"thumb": ["middle"]}}, "The thumb has no phalanx 'middle'"),
    ],
)
def test_impossible_findings_are_refused(findings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        vibration.stage(**findings)
