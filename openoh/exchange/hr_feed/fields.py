"""Our fields of an extract: what each must look like, in words that tell the sender what to correct.

A converter turns a cell into PostgreSQL's COPY text and remembers cells that it has seen, so that a million rows
cost a dictionary look-up for each date and code. It raises `Bad` with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from openoh.exchange.hr_feed.limits import day_limit, whole
from openoh.foundation.core.staging import NULL
from openoh.foundation.people.models import Engagement

Converter = Callable[[str], str]
REMEMBERED = 50_000
YES = {"yes", "y", "true", "t", "1", "x", "ja"}
NO = {"no", "n", "false", "f", "0", ""}
DATE_SHAPE = re.compile(r"^\d{1,4}[-/. ](\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{1,4}([ T]00:00(:00(\.0+)?)?)?$")


class Bad(ValueError):
    """A cell cannot be taken; the message says why and what to write instead."""


class Remembering(dict[str, str]):
    """A converter that computes each different cell once; bounded, so that memory stays flat."""

    def __init__(self, convert: Converter) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, cell: str) -> str:
        value = self._convert(cell)
        if len(self) < REMEMBERED:
            self[cell] = value
        return value


@dataclass(frozen=True)
class Field:
    """One of our fields. `required` must be mapped; `filled` must not be empty in any row."""

    name: str
    words: str
    make: Callable[[Rules], Converter]
    required: bool = False
    filled: bool = False


@dataclass(frozen=True)
class Rules:
    """What a mapping says about reading cells, and the day of the import."""

    today: date
    date_formats: tuple[str, ...]
    codes: Mapping[str, Mapping[str, str]]
    decimal_comma: bool = False
    zero_hours: str = "refuse"


def text(limit: int, *, filled: bool = False) -> Callable[[Rules], Converter]:
    def convert(cell: str) -> str:
        value = cell.strip()
        if not value.isprintable():
            value = " ".join(value.split())
            if not value.isprintable():
                raise Bad(
                    "There are signs in it that cannot be read. Was the file saved in another encoding?"
                )
        if len(value) > limit:
            raise Bad(f"It is longer than {limit} characters. Shorten it.")
        if filled and not value:
            raise Bad("It is empty. Fill it in.")
        return value.replace("\\", "\\\\") if "\\" in value else value

    return lambda rules: convert


def email(rules: Rules) -> Converter:
    def convert(cell: str) -> str:
        value = cell.strip().lower()
        if not value:
            return ""
        if len(value) > 254 or not re.fullmatch(r"[^@\s\\]+@[^@\s\\]+\.[^@\s\\.]+", value):
            raise Bad("This is not an e-mail address. Correct it, or leave it empty.")
        return value

    return convert


def read_date(cell: str, formats: Iterable[str]) -> date | None:
    """The date in a cell, None for an empty one. Raises Bad for what is not a date."""
    value = cell.strip()
    if not value:
        return None
    for form in (*formats, "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
        try:
            return datetime.strptime(value, form).date()  # noqa: DTZ007  # a day, not an instant
        except ValueError:
            continue
    if DATE_SHAPE.match(value):
        raise Bad("There is no such date in the calendar, or its day and month are in another order.")
    raise Bad("This is not a date. Write it like 2025-01-31.")


Limit = Callable[[date], date]


def _day(earliest: Limit, latest: Limit, *, filled: bool) -> Callable[[Rules], Converter]:
    def make(rules: Rules) -> Converter:
        first, last = earliest(rules.today), latest(rules.today)

        def convert(cell: str) -> str:
            day = read_date(cell, rules.date_formats)
            if day is None:
                if filled:
                    raise Bad("The date is empty. Fill it in.")
                return NULL
            if not first <= day <= last:
                raise Bad(
                    f"The date cannot be right: it must lie between {first:%d/%m/%Y} and {last:%d/%m/%Y}."
                )
            return day.isoformat()

        return Remembering(convert).__getitem__

    return make


def _ahead(today: date) -> date:
    return today + timedelta(days=whole("days_ahead"))


def _far_ahead(today: date) -> date:
    return date(today.year + whole("oldest_age"), 12, 31)


def birth(rules: Rules) -> Converter:
    return _day(
        lambda today: date(today.year - whole("oldest_age"), 1, 1),
        lambda today: date(today.year - whole("youngest_age"), 12, 31),
        filled=False,
    )(rules)


employed = _day(lambda today: day_limit("earliest_start"), _ahead, filled=True)
left = _day(lambda today: day_limit("earliest_start"), _far_ahead, filled=False)
effective = _day(lambda today: day_limit("earliest_start"), _ahead, filled=False)
absent_from = _day(lambda today: day_limit("earliest_absence"), _ahead, filled=True)
absent_to = _day(lambda today: day_limit("earliest_absence"), _ahead, filled=False)


def amount(
    least: str, most: str, *, empty: str = NULL, places: int = 2, zero: bool = True
) -> Callable[[Rules], Converter]:
    """A number from `least` to `most`; a comma may be the decimal sign when the mapping says so."""

    def make(rules: Rules) -> Converter:
        zero_allowed = zero or rules.zero_hours == "keep"

        def convert(cell: str) -> str:
            value = cell.strip().replace(",", "." if rules.decimal_comma else "")
            if not value:
                return empty
            try:
                number = Decimal(value)
            except InvalidOperation:
                raise Bad("This is not a number.") from None
            if not number.is_finite() or not Decimal(least) <= number <= Decimal(most):
                raise Bad(f"The number must lie between {least} and {most}.")
            if not number and not zero_allowed:
                raise Bad("With 0 hours nobody was absent. Give the hours, or leave the row out.")
            return str(round(number, places))

        return Remembering(convert).__getitem__

    return make


def flag(rules: Rules) -> Converter:
    def convert(cell: str) -> str:
        value = cell.strip().lower()
        if value in YES:
            return "t"
        if value in NO:
            return "f"
        raise Bad("This is neither yes nor no. Write “yes” or “no”.")

    return Remembering(convert).__getitem__


def code(field: str, ours: Iterable[str], *, empty: str | None) -> Callable[[Rules], Converter]:
    """One of our codes, given as such, by a name that the mapping lists, or as the first word of a longer text."""
    known = {value.lower(): value for value in ours}

    def make(rules: Rules) -> Converter:
        listed = {name.strip().lower(): value for name, value in rules.codes.get(field, {}).items()}

        def convert(cell: str) -> str:
            value = " ".join(cell.split()).lower()
            if not value and empty is not None and "" not in listed:
                return empty
            first_word = re.split(r"[\s:;,–-]", value, maxsplit=1)[0]
            for candidate in (value, first_word):
                if candidate in listed:
                    return listed[candidate]
                if candidate in known:
                    return known[candidate]
            raise Bad("This code is not known. Correct it, or add it to the codes of the mapping.")

        return Remembering(convert).__getitem__

    return make


PEOPLE = {
    field.name: field
    for field in (
        Field("number", "Number of the engagement", text(40, filled=True), True, True),
        Field("person_number", "Number of the person", text(40)),
        Field("given_name", "Given name", text(100, filled=True), True, True),
        Field("family_name", "Family name", text(100, filled=True), True, True),
        Field("birth_date", "Date of birth", birth),
        Field("email", "E-mail address", email),
        Field("mobile", "Mobile number", text(40)),
        Field("kind", "Kind of engagement", code("kind", Engagement.Kind.values, empty="employee")),
        Field("title", "Job title", text(200)),
        Field("staff_group", "Staff group", text(100)),
        Field("band", "Band or rank", text(20)),
        Field("fte", "Share of full time", amount("0", "1", empty="1", places=4)),
        Field("weekly_hours", "Hours a week", amount("0", "100")),
        Field("shifts", "Shift pattern", text(40)),
        Field("team_code", "Code of the team", text(40)),
        Field("team_name", "Name of the team", text(200)),
        Field("team_parent", "Code of the team above", text(40)),
        Field("site_code", "Code of the site", text(40)),
        Field("site_name", "Name of the site", text(200)),
        Field("site_postcode", "Postcode of the site", text(10)),
        Field("manager_number", "Number of the manager's engagement", text(40)),
        Field("host_code", "Code of the host organisation", text(20)),
        Field("suspended", "Suspended from duty", flag),
        Field("starts_on", "First day", employed, True, True),
        Field("ends_on", "Last day", left),
        Field("effective_on", "Valid from", effective),
    )
}


def absence_fields(groups: Iterable[str]) -> dict[str, Field]:
    """Our fields of an absence; `groups` are the reason groups."""
    return {
        field.name: field
        for field in (
            Field("number", "Number of the engagement", text(40, filled=True), True, True),
            Field("reference", "Reference of the absence", text(60)),
            Field("started_on", "First day absent", absent_from, True, True),
            Field("ended_on", "Last day absent", absent_to),
            Field("hours", "Hours absent", amount("0", "20000", zero=False)),
            Field("work_related", "Related to work", flag),
            Field("disability_related", "Related to a disability", flag),
            Field("pregnancy_related", "Related to pregnancy", flag),
            Field("retracted", "Reported by mistake", flag),
            Field("reason", "Reason", code("reason", groups, empty="")),
        )
    }
