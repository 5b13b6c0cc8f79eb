"""Make one system's extracts: people and absence of two trusts, forty practices and a police force.

Deterministic: the same staff, years, seed and last day give the same bytes. Files are what HR systems send: one
people file and one absence file per employer, in the columns of the mappings `openoh-people` and `openoh-absence`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from openoh.demo.cast import play
from openoh.demo.dirt import add_dirt
from openoh.demo.names import FAMILY, GIVEN
from openoh.foundation.core.content import load

PEOPLE_COLUMNS = (
    "number", "person_number", "given_name", "family_name", "birth_date", "email", "mobile",
    "kind", "title", "staff_group", "band", "fte", "weekly_hours", "shifts", "team_code", "team_name",
    "site_code", "site_name", "manager_number", "starts_on", "ends_on",
    "suspended",
)  # fmt: skip
ABSENCE_COLUMNS = (
    "reference", "number", "started_on", "ended_on", "reason", "hours", "work_related",
    "disability_related", "pregnancy_related", "retracted",
)  # fmt: skip
TEAM_SIZE = 14
FULL_TIME_HOURS = 37.5
PREGNANCY = "S30"
LEAVERS_A_YEAR = 0.10
SECOND_JOB_SHARE = 0.015
ROTATION_DAYS = 182


@dataclass(frozen=True)
class EmployerPlan:
    """One employer to invent."""

    code: str
    name: str
    kind: str
    provider: str
    domain: str
    staff: int
    benchmark: str = ""


@dataclass
class Row:
    """One engagement to write, with what the absence needs to know of it."""

    cells: dict[str, Any]
    starts: date
    ends: date | None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Extract:
    """Where the files of one employer are, and how many rows they have."""

    employer: EmployerPlan
    people: Path
    absence: Path
    people_rows: int
    absence_rows: int


def employers(staff: int) -> list[EmployerPlan]:
    """The system's employers, with `staff` people (100 or more) shared out among them."""
    if staff < 100:
        raise ValueError(f"staff must be 100 or more, not {staff}")
    content = load("openoh.demo", "organisations").data
    large: list[dict[str, Any]] = content["employers"]
    plans = [
        EmployerPlan(
            e["code"],
            e["name"],
            e["kind"],
            e["provider"],
            e["domain"],
            round(staff * e["share"]),
            e["benchmark"],
        )
        for e in large
    ]
    practices: dict[str, Any] = content["practices"]
    each = max(4, round(staff * practices["share"] / practices["count"]))
    for number, name in enumerate(practices["names"][: practices["count"]], start=1):
        # Some are tiny and some are larger, as they are.
        size = max(4, each + (number % 5 - 2) * each // 4)
        plans.append(
            EmployerPlan(f"G{number:03d}", f"{name} Practice", "practice", practices["provider"],
                         f"practice{number:02d}.example", size)
        )  # fmt: skip
    return plans


def generate(
    folder: Path, *, staff: int = 20_000, years: int = 3, seed: int = 1, until: date, dirt: bool = False
) -> Iterator[Extract]:
    """Write the extracts into `folder`, one employer at a time, so that the caller can show progress."""
    if not 1 <= years <= 20:
        raise ValueError(f"years must be 1 to 20, not {years}")
    folder.mkdir(parents=True, exist_ok=True)
    for position, plan in enumerate(employers(staff)):
        chance = np.random.default_rng([seed, position])
        rows = _people(plan, chance, years, until)
        spells = list(_spells(rows, plan, chance, years, until))
        people_path = folder / f"people-{plan.code}.csv"
        absence_path = folder / f"absence-{plan.code}.csv"
        people_cells = [row.cells for row in rows]
        spells = play(plan.code, people_cells, spells, until)
        if dirt:
            people_cells, spells = add_dirt(people_cells, spells, chance)
        _write(people_path, PEOPLE_COLUMNS, people_cells)
        _write(absence_path, ABSENCE_COLUMNS, spells)
        yield Extract(plan, people_path, absence_path, len(people_cells), len(spells))


def _people(plan: EmployerPlan, chance: np.random.Generator, years: int, until: date) -> list[Row]:
    content = load("openoh.demo", "organisations").data
    posts: list[Any] = content["posts"][plan.kind]
    departments: list[str] = content["departments"][plan.kind]
    sites: list[str] = content["sites"][plan.kind]
    weights = np.array([post[4] for post in posts], dtype=float)
    picks = chance.choice(len(posts), size=plan.staff, p=weights / weights.sum())
    rows: list[Row] = []
    for index in range(plan.staff):
        team = index // TEAM_SIZE
        leads = index % TEAM_SIZE == 0
        row = _person(plan, chance, index, posts[picks[index]], years, until)
        department = team % len(departments)
        row.cells |= {
            "team_code": f"T{team:04d}",
            "team_name": f"{departments[department]} {team // len(departments) + 1}",
            "site_code": f"S{team % len(sites):02d}",
            "site_name": sites[team % len(sites)],
            "manager_number": _manager(plan, index, team, leads),
        }
        if leads:
            row.cells |= {"title": "Team leader", "ends_on": "", "suspended": "N"}
            row.ends = None
        rows.append(row)
    rows += list(_second_jobs(plan, rows, chance))
    return rows


def _manager(plan: EmployerPlan, index: int, team: int, leads: bool) -> str:
    """Members answer to the first of their team; leaders to the first of the employer; the first to nobody."""
    if index == 0:
        return ""
    return _number(plan, 0) if leads else _number(plan, team * TEAM_SIZE)


def _number(plan: EmployerPlan, index: int) -> str:
    return f"{plan.code}{index:06d}"


def _person(
    plan: EmployerPlan, chance: np.random.Generator, index: int, post: list[Any], years: int, until: date
) -> Row:
    title, group, band, kind, _, shifts = post
    given = GIVEN[int(chance.integers(len(GIVEN)))]
    family = FAMILY[int(chance.integers(len(FAMILY)))]
    begins = until - timedelta(days=int(365 * years + chance.integers(30, 4_000)))
    if chance.random() < LEAVERS_A_YEAR * years:
        begins = until - timedelta(days=int(chance.integers(20, 365 * years)))  # joined within the period
    ends: date | None = None
    if kind == "trainee":
        begins = until - timedelta(days=int(chance.integers(1, ROTATION_DAYS)))
        ends = begins + timedelta(days=ROTATION_DAYS)
    elif chance.random() < LEAVERS_A_YEAR * years * 0.9:
        ends = min(until, begins + timedelta(days=int(chance.integers(60, 4_000))))
        ends = ends if ends < until else None
    full_time = kind in ("police-officer", "trainee") or chance.random() < 0.62
    fte = (
        0.0
        if kind in ("bank", "special")
        else 1.0
        if full_time
        else float(chance.choice([0.4, 0.5, 0.6, 0.8, 0.9]))
    )
    number = _number(plan, index)
    cells = {
        "number": number,
        "person_number": f"P{plan.code}{index:06d}",
        "given_name": given,
        "family_name": family,
        "birth_date": _day(until - timedelta(days=int(chance.integers(19 * 365, 66 * 365)))),
        "email": f"{number.lower()}@{plan.domain}",
        "mobile": f"07700 900{int(chance.integers(0, 1000)):03d}",
        "kind": kind,
        "title": title,
        "staff_group": group,
        "band": band,
        "fte": f"{fte:.2f}",
        "weekly_hours": f"{fte * FULL_TIME_HOURS:.2f}",
        "shifts": shifts,
        "starts_on": _day(begins),
        "ends_on": _day(ends),
        "suspended": "Y" if chance.random() < 0.002 else "N",
    }
    return Row(cells, begins, ends)


def _second_jobs(plan: EmployerPlan, rows: list[Row], chance: np.random.Generator) -> Iterator[Row]:
    """Some people also work bank shifts for the same employer: a second engagement of the same person."""
    if plan.kind == "practice":
        return
    chosen = chance.choice(len(rows), size=int(len(rows) * SECOND_JOB_SHARE), replace=False)
    for position in sorted(int(index) for index in chosen):
        first = rows[position]
        if first.ends is not None or first.cells["kind"] not in ("employee", "police-staff"):
            continue
        cells = first.cells | {
            "number": f"{first.cells['number']}-2",
            "kind": "bank",
            "fte": "0.00",
            "weekly_hours": "0.00",
            "shifts": "nights",
        }
        yield Row(cells, first.starts, None)


def _spells(
    rows: list[Row], plan: EmployerPlan, chance: np.random.Generator, years: int, until: date
) -> Iterator[dict[str, Any]]:
    """Spells with reasons so that days lost come out in the published proportions, at the published rate."""
    content = load("openoh.demo", "absence").data
    reasons: list[dict[str, Any]] = content["reasons"]
    lengths = np.array([reason["days"] for reason in reasons], dtype=float)
    by_spell = np.array([reason["share"] for reason in reasons], dtype=float) / lengths
    by_spell /= by_spell.sum()
    mean_days = float((by_spell * lengths).sum())
    swing = float(content["winter_swing"])
    # Thinning for the season takes its share away again.
    spells_a_day = float(content["rate"]) / 100 / mean_days * (1 + swing)
    window_start = until - timedelta(days=365 * years)
    reference = 0
    for row in rows:
        if row.cells["kind"] in ("bank", "special"):
            continue
        first, last = max(row.starts, window_start), min(row.ends or until, until)
        span = (last - first).days + 1
        if span <= 0:
            continue
        count = int(chance.poisson(spells_a_day * span))
        free_from = first
        for offset in sorted(int(o) for o in chance.integers(0, span, size=count)):
            starts = first + timedelta(days=offset)
            season = 1 + swing * np.cos(2 * np.pi * starts.timetuple().tm_yday / 365)
            if starts < free_from or chance.random() > season / (1 + swing):
                continue
            reason = reasons[int(chance.choice(len(reasons), p=by_spell))]
            days = max(1, round(float(chance.gamma(0.9, reason["days"] / 0.9))))
            ends = starts + timedelta(days=days - 1)
            free_from = ends + timedelta(days=2)
            reference += 1
            yield {
                "reference": f"{plan.code}-A{reference:07d}",
                "number": row.cells["number"],
                "started_on": _day(starts),
                "ended_on": _day(ends) if ends <= last and ends < until else "",
                "reason": reason["code"],
                "hours": "",
                "work_related": "Y" if chance.random() < 0.04 else "N",
                "disability_related": "Y" if chance.random() < 0.03 else "N",
                "pregnancy_related": "Y" if reason["code"] == PREGNANCY else "N",
                "retracted": "N",
            }


def _day(value: date | None) -> str:
    return f"{value:%d/%m/%Y}" if value else ""


def _write(path: Path, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
