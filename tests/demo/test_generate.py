"""Invented extracts: the same bytes for the same numbers, published proportions, and dirt that is found."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from openoh.demo.dirt import ABSENCE, PEOPLE
from openoh.demo.generate import employers, generate
from openoh.exchange.hr_feed import actions
from tests.exchange.feed import quarantined
from tests.outside_data import outside_data

UNTIL = date(2026, 3, 31)
YEARS = 2
OPEN_ENDED = UNTIL  # a spell that has not ended is counted up to the last day of the extract


def made(folder: Path, **options):
    return list(generate(folder, **({"staff": 400, "years": YEARS, "seed": 7, "until": UNTIL} | options)))


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def day(text: str) -> date | None:
    return datetime.strptime(text, "%d/%m/%Y").date() if text else None


def test_the_same_numbers_give_the_same_bytes_and_another_seed_others(tmp_path):
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        made(tmp_path / name, seed=seed)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    one, three = bytes_of(tmp_path / "one"), bytes_of(tmp_path / "three")
    assert one.keys() == three.keys()
    assert all(one[name] != three[name] for name in one if name.endswith(("RVA.csv", "RVC.csv", "PVL.csv")))


@pytest.mark.parametrize("staff", [100, 3_000, 20_000])
def test_the_people_asked_for_are_shared_out_among_the_employers(staff):
    plans = employers(staff)
    kinds = Counter(plan.kind for plan in plans)
    assert kinds == {"trust": 1, "community": 1, "practice": 40, "police": 1}
    large = sum(plan.staff for plan in plans if plan.kind != "practice")
    assert abs(large - 0.95 * staff) <= 3


@pytest.mark.parametrize("options", [{"staff": 99}, {"years": 0}, {"years": 21}])
def test_numbers_that_cannot_be_are_refused(tmp_path, options):
    with pytest.raises(ValueError, match="must be"):
        made(tmp_path, **options)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Ten thousand people and their absence in two years."""
    folder = tmp_path_factory.mktemp("large")
    return made(folder, staff=10_000, seed=1)


def published_shares() -> dict[str, float]:
    """England, all staff groups, twelve months: per cent of days lost, by the reason's number."""
    lost: dict[str, float] = defaultdict(float)
    with outside_data("nhs-sickness-absence", "nhs_sickness_by_reason_2024-02_2025-02.csv").open() as file:
        for row in csv.DictReader(file):
            if row["DATE"] > "2024-02-29":
                lost[row["REASON"].split()[0]] += float(row["FTE_DAYS_LOST"])
    total = sum(lost.values())
    return {reason: 100 * days / total for reason, days in lost.items()}


def spells(extracts):
    for extract in extracts:
        for row in rows_of(extract.absence):
            if row["reference"].endswith("-STORY"):
                continue  # the cast is absent as its stories need
            first, last = day(row["started_on"]), day(row["ended_on"]) or OPEN_ENDED
            assert first is not None
            yield row, (min(last, UNTIL) - first).days + 1


def test_reasons_come_in_the_published_proportions_of_days_lost(large):
    """Within 2.5 percentage points each and 1 point on average: spells are few and long, so shares scatter."""
    days: Counter[str] = Counter()
    for row, length in spells(large):
        days[row["reason"]] += length
    total, published = days.total(), published_shares()
    differences = {reason: abs(100 * days[reason] / total - share) for reason, share in published.items()}
    assert max(differences.values()) < 2.5, differences
    assert sum(differences.values()) / len(differences) < 1
    assert set(days) <= set(published)


def test_the_rate_is_near_the_published_one(large):
    """England's twelve months: 5.15 % of days available; the invented rate lies within half a point of it."""
    lost = sum(length for _, length in spells(large))
    available, since = 0, UNTIL - timedelta(days=365 * YEARS)
    for extract in large:
        for row in rows_of(extract.people):
            first, last = day(row["starts_on"]), day(row["ends_on"]) or UNTIL
            if row["kind"] not in ("bank", "special") and first is not None:
                available += max(0, (min(last, UNTIL) - max(first, since)).days + 1)
    assert 100 * lost / available == pytest.approx(5.15, abs=0.5)


def test_nobody_is_absent_twice_at_once_or_outside_their_engagement(large):
    for extract in large:
        held = {row["number"]: row for row in rows_of(extract.people)}
        last_day: dict[str, date] = {}
        for row in rows_of(extract.absence):
            first, post = day(row["started_on"]), held[row["number"]]
            assert first is not None
            assert (day(post["starts_on"]) or first) <= first <= UNTIL
            assert first > last_day.get(row["number"], date.min), row
            last_day[row["number"]] = day(row["ended_on"]) or UNTIL


def taken(world, kind: str, path: Path) -> set[int]:
    """Import a file for the trust; the lines that were set aside."""
    by = world.as_worker
    with path.open("rb") as file:
        run = actions.receive(
            by=by, employer=world.trust, kind=kind, file=file, file_name=path.name, mapping=f"openoh-{kind}"
        )
    assert actions.run(by=by, run=run).state == "done"
    return {row.line for row in quarantined(by, run)}


def spoilt_lines(clean: Path, dirty: Path) -> set[int]:
    pairs = zip(rows_of(clean), rows_of(dirty), strict=True)
    return {line for line, (good, bad) in enumerate(pairs, start=2) if good != bad}


@pytest.mark.django_db
def test_dirt_is_set_aside_and_nothing_else(world, tmp_path):
    """The same extracts clean and spoilt: only spoilt rows differ, and no good row is stopped by a bad one."""
    clean, dirty = (
        next(
            extract
            for extract in made(tmp_path / name, staff=1_500, dirt=dirt)
            if extract.employer.code == "RVA"
        )
        for name, dirt in (("clean", False), ("dirty", True))
    )
    harmless = {
        line
        for line, row in enumerate(rows_of(dirty.people), start=2)
        if row["title"].startswith(
            "="
        )  # a formula is text here; it is made harmless where it could run, on export
    }
    people, absence = spoilt_lines(clean.people, dirty.people), spoilt_lines(clean.absence, dirty.absence)
    assert people
    assert absence
    assert taken(world, "people", dirty.people) == people - harmless
    assert taken(world, "people", clean.people) == set()
    assert taken(world, "absence", dirty.absence) == absence


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "way"),
    [("people", n) for n in range(len(PEOPLE))] + [("absence", n) for n in range(len(ABSENCE))],
)
def test_every_way_of_spoiling_is_found_at_its_line(world, tmp_path, kind, way):
    extract = next(extract for extract in made(tmp_path, staff=150) if extract.employer.code == "RVA")
    assert taken(world, "people", extract.people) == set()
    path = getattr(extract, kind)
    rows = rows_of(path)
    rows[5] = (PEOPLE if kind == "people" else ABSENCE)[way](rows[5])
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    formula = str(rows[5].get("title", "")).startswith("=")
    assert taken(world, kind, path) == (set() if formula else {7})
