"""The invented people whom the demonstration follows: named, always in the same place, absent as the story needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

TEAM_LEADER, FIRST, SECOND, THIRD = 14, 17, 18, 19


@dataclass(frozen=True)
class Member:
    """One of the cast: `place` in the employer's staff, and the absence they are in, if any."""

    employer: str
    place: int
    given: str
    family: str
    title: str
    about: str
    role: str = "employee"
    reason: str = ""
    days_ago: int = 0

    @property
    def number(self) -> str:
        return f"{self.employer}{self.place:06d}"


CAST = (
    Member("RVA", TEAM_LEADER, "Ben", "Carter", "Ward manager", "Leads a ward of fourteen.", "manager"),
    Member(
        "RVA",
        FIRST,
        "Amara",
        "Okafor",
        "Staff nurse",
        "Off since three days with a bad back.",
        reason="S11",
        days_ago=3,
    ),
    Member(
        "RVA",
        SECOND,
        "Joe",
        "Lindqvist",
        "Healthcare assistant",
        "Off for a week, not sleeping.",
        reason="S10",
        days_ago=7,
    ),
    Member("RVA", THIRD, "Mei", "Chen", "Staff nurse", "Off for five weeks.", reason="S28", days_ago=35),
    Member("PVL", TEAM_LEADER, "Dale", "Price", "Sergeant", "Leads a response team.", "manager"),
    Member("PVL", FIRST, "Femi", "Adeyemi", "Constable", "Hurt a knee on duty.", reason="S12", days_ago=2),
)


def play(
    code: str, people: list[dict[str, Any]], spells: list[dict[str, Any]], until: date
) -> list[dict[str, Any]]:
    """Put the cast of one employer into its extract; returns its spells, with the cast's own in place of chance's."""
    members = {member.number: member for member in CAST if member.employer == code}
    for cells in people:
        if member := members.get(cells["number"]):
            cells |= {
                "given_name": member.given, "family_name": member.family, "title": member.title, "kind": cells["kind"],
                "fte": "1.00", "weekly_hours": "37.50", "suspended": "N", "ends_on": "",
                "starts_on": f"{until - timedelta(days=2_000):%d/%m/%Y}", "birth_date": "17/05/1985",
            }  # fmt: skip
    kept = [spell for spell in spells if spell["number"] not in members]
    return kept + [_absence(member, until) for member in members.values() if member.reason]


def _absence(member: Member, until: date) -> dict[str, Any]:
    return {
        "reference": f"{member.number}-STORY", "number": member.number,
        "started_on": f"{until - timedelta(days=member.days_ago):%d/%m/%Y}", "ended_on": "", "reason": member.reason,
        "hours": "", "work_related": "N", "disability_related": "N", "pregnancy_related": "N", "retracted": "N",
    }  # fmt: skip
