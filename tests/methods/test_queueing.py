"""Erlang's formulas and waiting lists against the outside numbers, properties and bad input."""

import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openoh.methods import queueing
from tests.methods.tables import document, grouped, rows

FOLDER = "waiting-list"
PUBLISHED = document(FOLDER, "published_vectors.json")
ERLANG = document(FOLDER, "erlang_c_published_vectors.json")
FUNCTIONS = {"erlang_c_wait_probability": queueing.erlang_c, "erlang_b": queueing.erlang_b}
LISTS = grouped(rows(FOLDER, "waiting_lists.csv"), "list_id")


def day(text):
    return datetime.date.fromisoformat(text) if text else None


@pytest.mark.parametrize("case", PUBLISHED["cases"], ids=lambda case: case["fn"])
def test_published_formulas(case):
    result = getattr(queueing, case["fn"])(**case["args"])
    assert result == pytest.approx(case["expected"], abs=1e-6)


@pytest.mark.parametrize("case", PUBLISHED["queue_size"], ids=["short", "long"])
def test_published_queue_sizes(case):
    result = queueing.waiting_list(
        [day(text) for text in case["referrals"]],
        [day(text) for text in case["removals"]],
        start=day(case["start"]),
        end=day(case["end"]),
        target_wait=4,
    )
    if "expected" in case:
        assert list(result.queue_by_day) == case["expected"]
    else:
        assert result.queue_by_day[6] == case["expected_day7"]
        assert result.queue_by_day[14] == case["expected_day15"]


@pytest.mark.parametrize("case", [case for case in ERLANG if case["fn"] in FUNCTIONS], ids=str)
def test_published_erlang_probabilities(case):
    result = FUNCTIONS[case["fn"]](case["traffic_erlangs"], case["agents"])
    assert round(result, case["dp"]) == case["expected"]


def test_published_numbers_of_servers():
    by_function = {case["fn"]: case for case in ERLANG}
    case = by_function["required_positions"]
    traffic = case["transactions"] * case["aht_min"] / case["interval_min"]
    times = {"handling_time": case["aht_min"], "target_wait": case["target_wait_min"]}
    servers = queueing.servers_for(traffic, **times, level=case["service_level"])
    assert servers == case["expected"]["raw_positions"]
    level = queueing.service_level(traffic, servers, **times)
    assert level == pytest.approx(case["expected"]["service_level"], abs=5e-4)
    assert traffic / servers == pytest.approx(case["expected"]["occupancy"], abs=5e-4)
    assert queueing.rostered_for(servers, shrinkage=case["shrinkage"]) == case["expected"]["positions"]
    case = by_function["required_servers"]
    traffic = case["rate_per_interval"] * case["aht_s"] / case["interval_s"]
    times = {"handling_time": case["aht_s"], "target_wait": case["wait_s"]}
    assert queueing.servers_for(traffic, **times, level=case["target"]) == case["expected"]
    case = by_function["service_level"]
    traffic = case["rate_per_interval"] * case["aht_s"] / case["interval_s"]
    level = queueing.service_level(
        traffic, case["servers"], handling_time=case["aht_s"], target_wait=case["wait_s"]
    )
    assert case["expected_between"][0] <= level <= case["expected_between"][1]


@pytest.mark.parametrize("case", document(FOLDER, "expected_wl_stats.json"), ids=lambda case: case["list_id"])
def test_statistics_of_lists(case):
    people = LISTS[str(case["list_id"]),]
    result = queueing.waiting_list(
        [day(row["referral"]) for row in people],
        [day(row["removal"]) for row in people],
        start=day(case["start"]),
        end=day(case["end"]),
        target_wait=case["target_wait"],
    )
    independent, (stats,) = case["checked_independently"], case["wl_stats"]
    assert list(result.queue_by_day) == case["queue_size_by_day"]
    assert result.queue_size == independent["queue_size"]
    assert result.mean_wait_weeks == pytest.approx(independent["mean_wait_weeks"], abs=1e-8)
    assert result.pressure == pytest.approx(independent["pressure_same_units"], abs=1e-8)
    # The reference mixes days and weeks in its pressure.
    assert result.pressure * 7 == pytest.approx(stats["pressure"], abs=1e-8)
    ours = {
        "mean_demand": result.demand,
        "mean_capacity": result.capacity,
        "load": result.load,
        "target_queue_size": result.target_queue_size,
        "relief_capacity": result.relief_capacity,
        "cv_arrival": result.cv_demand,
        "cv_removal": result.cv_capacity,
    }
    for name, value in ours.items():
        assert value == pytest.approx(stats[name], rel=1e-9), name
    assert result.target_capacity is stats["target_capacity"] is None
    assert result.queue_too_big == stats["queue_too_big"]


def test_a_small_queue_has_a_target_capacity_and_needs_no_relief():
    start = datetime.date(2024, 1, 1)
    referrals = [start + datetime.timedelta(days) for days in range(0, 100, 2)]
    removals = [referral + datetime.timedelta(7) for referral in referrals]
    result = queueing.waiting_list(
        referrals, removals, start=start, end=start + datetime.timedelta(99), target_wait=6
    )
    assert (result.queue_too_big, result.relief_capacity) == (False, None)
    assert result.target_capacity == pytest.approx(
        queueing.target_capacity(result.demand, 6, 4, result.cv_demand, result.cv_capacity)
    )


def test_an_emptied_list_waits_for_nothing_and_an_untouched_one_has_no_load():
    start = datetime.date(2024, 1, 1)
    end = start + datetime.timedelta(30)
    empty = queueing.waiting_list([start], [start], start=start, end=end, target_wait=6)
    assert (empty.queue_size, empty.mean_wait_weeks, empty.pressure) == (0, 0.0, 0.0)
    untouched = queueing.waiting_list([start], [None], start=start, end=end, target_wait=6)
    assert (untouched.queue_size, untouched.capacity, untouched.load) == (1, None, None)


@given(st.floats(0, 300), st.integers(1, 400))
def test_more_servers_lose_and_wait_less(traffic, servers):
    assert queueing.erlang_b(traffic, servers + 1) <= queueing.erlang_b(traffic, servers)
    assert queueing.erlang_b(traffic, servers) <= queueing.erlang_c(traffic, servers) + 1e-12
    assert 0 <= queueing.erlang_c(traffic, servers + 1) <= queueing.erlang_c(traffic, servers) <= 1


@given(st.floats(0, 200), st.floats(0.1, 0.99), st.floats(0, 10))
def test_the_number_of_servers_is_enough_and_not_one_too_many(traffic, level, wait):
    times = {"handling_time": 5.0, "target_wait": wait}
    servers = queueing.servers_for(traffic, **times, level=level)
    assert queueing.service_level(traffic, servers, **times) >= level
    assert servers == 1 or queueing.service_level(traffic, servers - 1, **times) < level


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.one_of(st.none(), st.integers(0, 100))), min_size=1, max_size=60
    ),
    st.integers(1, 10**4),
)
def test_a_list_is_the_same_in_any_order_and_on_any_date(people, shift):
    start = datetime.date(2024, 1, 1)

    def stats(table, origin):
        referrals = [origin + datetime.timedelta(joined) for joined, _ in table]
        removals = [
            None if waited is None else origin + datetime.timedelta(joined + waited)
            for joined, waited in table
        ]
        end = origin + datetime.timedelta(250)
        return queueing.waiting_list(referrals, removals, start=origin, end=end, target_wait=18)

    plain = stats(people, start)
    assert stats(list(reversed(people)), start) == plain
    assert stats(people, start + datetime.timedelta(shift)) == plain
    assert plain.queue_size == sum(waited is None or joined + waited > 250 for joined, waited in people)


def test_working_time_and_slots():
    assert queueing.clinical_hours(1) == pytest.approx(37.5 * (52 - 6.6 - 1.6 - 2) * 0.70)
    assert queueing.clinical_hours(2, hours_per_week=40, weeks_away=12, clinical_share=0.5) == 1600
    assert queueing.slots(1600, slot_minutes=60, did_not_attend=0.05) == pytest.approx(1520)


def test_too_much_traffic_waits_forever():
    assert queueing.erlang_c(5, 5) == 1.0
    assert queueing.average_wait(5, 5, handling_time=10) == math.inf
    assert queueing.service_level(5, 5, handling_time=10, target_wait=100) == 0.0


TODAY = datetime.date(2024, 1, 1)


def call_list(referrals, removals, end=datetime.date(2024, 2, 1)):
    return lambda: queueing.waiting_list(referrals, removals, start=TODAY, end=end, target_wait=18)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: queueing.erlang_b(-1, 2), "traffic is -1"),
        (lambda: queueing.erlang_b(1, 2.5), "servers is 2.5"),
        (lambda: queueing.erlang_c(1, -1), "servers is -1"),
        (lambda: queueing.service_level(1, 2, handling_time=0, target_wait=1), "handling_time is 0"),
        (lambda: queueing.servers_for(1, handling_time=1, target_wait=1, level=1), "level is 1"),
        (lambda: queueing.rostered_for(1, shrinkage=1), "shrinkage is 1"),
        (lambda: queueing.queue_load(1, 0), "capacity is 0"),
        (lambda: queueing.target_queue_size(1, 0), "target_wait is 0"),
        (lambda: queueing.relief_capacity(1, 1, 1, 0), "time_to_target is 0"),
        (lambda: queueing.clinical_hours(1, weeks_away=60), "weeks_away is 60"),
        (lambda: queueing.slots(1, slot_minutes=0), "slot_minutes is 0"),
        (call_list([], []), "nobody was referred"),
        (call_list([TODAY], [None], end=TODAY), "must be after start"),
        (call_list([TODAY], []), "1 referrals and 0 removals"),
        (call_list([TODAY], [TODAY - datetime.timedelta(1)]), "must not be before its referral"),
        (call_list([datetime.date(2025, 1, 1)], [None]), "nobody was referred"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_the_range(call, words):
    with pytest.raises(ValueError, match=words):
        call()
