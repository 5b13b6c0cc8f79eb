"""Emerging needs and change points: planted rises are found, quiet data stay quiet, bad input is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from openoh.methods import signals


def quiet(seed, periods=18, groups=8, reasons=4, mean=1.5):
    return np.random.default_rng(30_000 + seed).poisson(mean, (periods, groups, reasons))


@pytest.mark.parametrize("mean", [0.4, 30.0], ids=["few events", "many events"])
def test_a_planted_rise_is_found_with_its_length(mean):
    counts = quiet(1, mean=mean)
    counts[-3:, 5, 2] += int(8 + 3 * mean)
    best = signals.emerging(counts, reasons=["stress", "back", "sleep", "grief"], permutations=199)[0]
    assert (best.where, best.reason, best.periods) == (5, "sleep", 3)
    assert best.p_value == 1 / 200
    assert best.total == counts[:, 5, 2].sum()
    assert best.expected == pytest.approx(best.total * 3 / 18)
    assert best.ratio == pytest.approx(best.observed / best.expected)


def test_a_rise_of_a_whole_department_is_found_at_the_department():
    counts = quiet(2, groups=12, reasons=1)[:, :, 0]
    counts[-2:, 4:8] += 3
    parent = {team: f"department {team // 4}" for team in range(12)}
    parent |= {f"department {i}": None for i in range(3)}
    best = signals.emerging(counts, parent=parent, permutations=199)[0]
    assert (best.where, best.reason, best.periods) == ("department 1", None, 2)
    assert signals.alarms([best]) == [best]


def test_a_rise_that_all_share_is_no_finding_against_everyone():
    counts = np.concatenate([quiet(3, mean=4.0), quiet(4, periods=2, mean=9.0)])
    assert signals.emerging(counts, permutations=199)[0].p_value == 1 / 200
    assert signals.emerging(counts, permutations=199, baseline="everyone")[0].p_value > 0.05


def test_more_people_explain_more_events():
    counts = quiet(4, reasons=1, mean=5.0)[:, :, 0]
    counts[-4:, 0] *= 3
    exposure = np.ones(counts.shape)
    exposure[-4:, 0] = 3
    assert signals.emerging(counts, permutations=199)[0].where == 0
    assert signals.emerging(counts, exposure, permutations=199)[0].p_value > 0.05


def quiet_need_alarms(seeds):
    return sum(
        bool(signals.alarms(signals.emerging(quiet(seed, 12, 5, 3), permutations=99, seed=seed)))
        for seed in range(seeds)
    )


def quiet_series_alarms(seeds):
    noise = (np.random.default_rng(40_000 + seed).normal(size=36) for seed in range(seeds))
    return sum(
        bool(signals.change_points(values, permutations=99, seed=seed)) for seed, values in enumerate(noise)
    )


@pytest.mark.parametrize("scan", [quiet_need_alarms, quiet_series_alarms])
def test_quiet_data_raise_no_more_alarms_than_stated(scan):
    # At the stated 5 %, more than this number of 100 has a chance of one in ten thousand.
    assert scan(100) <= binom.ppf(0.9999, 100, 0.05)


@pytest.mark.long
@pytest.mark.parametrize("scan", [quiet_need_alarms, quiet_series_alarms])
def test_quiet_data_raise_no_more_alarms_than_stated_in_a_thousand(scan):
    assert scan(1000) <= binom.ppf(0.9999, 1000, 0.05)


def test_drawing_events_and_drawing_counts_give_the_same_distribution():
    from openoh.methods.signals import _emerging

    counts = quiet(5, mean=2.0)
    null = _emerging._null(counts, np.ones(counts.shape[:2]), 4, "own")
    means = null.recent * null.totals
    for draw in (_emerging._drawn_events, _emerging._drawn_counts):
        drawn = draw(null, np.random.default_rng(1))
        average = np.mean([next(drawn) for _ in range(400)], axis=0)
        assert np.abs(average - means).max() < 6 * np.sqrt(means.max() / 400)
        assert average.sum() == pytest.approx(means.sum(), rel=0.01)


@given(st.integers(0, 10**6))
def test_the_order_of_groups_does_not_matter(seed):
    counts = quiet(seed, 8, 4, 2)
    plain = signals.emerging(counts, groups="ABCD", permutations=0)
    turned = signals.emerging(counts[:, ::-1], groups="DCBA", permutations=0)
    key = [(need.where, need.reason, need.periods, need.observed) for need in plain]
    assert sorted(key) == sorted((need.where, need.reason, need.periods, need.observed) for need in turned)


def test_two_changes_of_level_are_found():
    generator = np.random.default_rng(5)
    values = np.concatenate([generator.normal(mean, 1, 15) for mean in (0, 6, 2)])
    found = signals.change_points(values)
    assert [change.index for change in found] == [15, 30]
    assert found[0].after == found[1].before == pytest.approx(values[15:30].mean())
    assert all(change.p_value <= 0.05 for change in found)


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=40), st.integers(-9, 9), st.sampled_from([1, 3, -2])
)
def test_change_points_do_not_move_with_the_unit(values, shift, factor):
    plain = signals.change_points(values, permutations=39)
    moved = signals.change_points([shift + factor * value for value in values], permutations=39)
    assert [change.index for change in plain] == [change.index for change in moved]


@pytest.mark.parametrize("values", [[1.0], [1, 9], [1, 1, 9, 9, 9], [4.0] * 20])
def test_too_short_or_all_equal_has_no_change_point(values):
    assert signals.change_points(values) == []


def test_nothing_happened():
    assert signals.emerging(np.zeros((4, 2)), permutations=19) == []


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: signals.emerging([]), "has shape"),
        (lambda: signals.emerging([[1, 2]]), "there are 1 periods"),
        (lambda: signals.emerging([[1, -2], [1, 1]]), "holds -2"),
        (lambda: signals.emerging([[1, 0.5], [1, 1]]), "holds 0.5"),
        (lambda: signals.emerging([[1, np.nan], [1, 1]]), "holds nan"),
        (lambda: signals.emerging([[1], [2]], [[1], [0]]), "not above 0"),
        (lambda: signals.emerging([[1], [2]], [1, 2, 3]), "exposure has shape"),
        (lambda: signals.emerging([[1], [2]], window=2), "window is 2"),
        (lambda: signals.emerging([[1], [2]], baseline="past"), "allowed: own, everyone"),
        (lambda: signals.emerging([[1, 1], [2, 2]], groups=["A", "A"]), "groups has 1 different names"),
        (
            lambda: signals.emerging([[1], [2]], groups=["A"], parent={"B": None}),
            "no entry for the group 'A'",
        ),
        (lambda: signals.change_points([]), "values has 0 values"),
        (lambda: signals.change_points([1, None, 2]), r"values\[1\] is nan"),
        (lambda: signals.change_points([1, 2], level=0), "level is 0"),
        (lambda: signals.change_points([1, 2], permutations=0), "permutations is 0"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_the_range(call, words):
    with pytest.raises(ValueError, match=words):
        call()
