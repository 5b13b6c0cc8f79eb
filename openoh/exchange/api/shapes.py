"""What goes in and comes out of the operations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00]*$")
]
Text = Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\x00]*$")]
Search = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]
Code = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-zA-Z0-9-]*$")]


class Problem(Schema):
    """Why an operation was not carried out, in words."""

    detail: str


class PersonIn(Schema):
    given_name: Name
    family_name: Name
    known_as: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")] = ""
    birth_date: date | None = None


class PersonOut(Schema):
    id: UUID
    given_name: str
    family_name: str
    known_as: str
    birth_date: date | None


class SlotOut(Schema):
    id: UUID
    service: str
    mode: str
    place: str
    starts_at: datetime
    ends_at: datetime


class BookingIn(Schema):
    slot: UUID
    person: UUID
    needs: list[Code] = Field(default_factory=list, max_length=20)
    call_back: Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")] = ""


class AppointmentOut(Schema):
    id: UUID
    person_id: UUID
    service: str
    mode: str
    state: str
    starts_at: datetime
    ends_at: datetime


class DayOut(Schema):
    appointments: list[AppointmentOut]
    free: list[SlotOut]


class EncounterIn(Schema):
    note: Text
    problems: list[Code] = Field(default_factory=list, max_length=20)


class EncounterOut(Schema):
    id: UUID
    case_id: UUID
    revision: int


class AdjustmentOut(Schema):
    code: str
    words: str
    since: date
    ends_on: date | None
    permanent: bool


class RunOut(Schema):
    id: UUID
    kind: str
    file_name: str
    state: str
    rows_read: int
    rows_new: int
    rows_changed: int
    rows_quarantined: int
    started_at: datetime
    finished_at: datetime | None


class SpellIn(Schema):
    engagement: UUID
    started_on: date
    ended_on: date | None = None
    reason: Code | None = None


class SpellOut(Schema):
    id: int
    engagement_id: UUID
    started_on: date
    ended_on: date | None
