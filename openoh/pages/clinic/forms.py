"""What clinicians type, read from the form. Raises Invalid with the field and what to write."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict

from openoh.foundation.codes import catalogue
from openoh.foundation.core.errors import Invalid
from openoh.pathway.reports.rules import Advice, Recommendation, Restriction, Step

REPORT_CHOICES = (
    "outcome", "equality_opinion", "work_related", "prognosis", "unable_reason", "consent_at_consultation",
)  # fmt: skip


def text(form: QueryDict, name: str) -> str:
    """What stands in a field, without the blanks around it."""
    return (form.get(name) or "").strip()


def whole(form: QueryDict, name: str) -> int:
    """A whole number that the page itself put there, such as a revision."""
    written = text(form, name)
    if not written.isdecimal():
        raise Invalid("Something is missing from this page. Open it again.", field=name)
    return int(written)


def reference(form: QueryDict, name: str, *, missing: str) -> UUID:
    """The thing that was chosen; `missing` is what to say when nothing was."""
    chosen = optional_reference(form, name)
    if chosen is None:
        raise Invalid(missing, field=name)
    return chosen


def optional_reference(form: QueryDict, name: str) -> UUID | None:
    """The thing that was chosen, or None."""
    written = text(form, name)
    try:
        return UUID(written) if written else None
    except ValueError:
        raise Invalid("Choose from the list.", field=name) from None


def day(form: QueryDict, name: str) -> date | None:
    """A day, as browsers send it (2026-03-03) or as people write it (3/3/2026); None for an empty field."""
    written = text(form, name)
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        pass
    parts = re.fullmatch(r"(\d{1,2})[/. ](\d{1,2})[/. ](\d{4})", written)
    try:
        if parts:
            return date(int(parts[3]), int(parts[2]), int(parts[1]))
    except ValueError:
        pass
    raise Invalid(f"“{written}” is not a day. Write it like 3/3/2026.", field=name)


def needed_day(form: QueryDict, name: str, *, missing: str) -> date:
    """A day that must be there."""
    found = day(form, name)
    if found is None:
        raise Invalid(missing, field=name)
    return found


def instant(written: str | None) -> datetime | None:
    """An instant from an address; None for anything else."""
    try:
        found = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    return found if found.tzinfo else None


def findings(form: QueryDict) -> dict[str, Any]:
    """The structured fields of a consultation; the note is read apart."""
    asked = {"yes": True, "no": False}
    return {
        "where_now": text(form, "where_now"),
        "who_is_there": text(form, "who_is_there"),
        "problems": form.getlist("problems"),
        "functions": form.getlist("functions"),
        "work_related": text(form, "work_related"),
        "prognosis": text(form, "prognosis"),
        "agreed_release": text(form, "agreed_release"),
        "risk_asked": asked.get(text(form, "risk_asked")),
    }


def advice(form: QueryDict, *, questions: Sequence[str]) -> Advice:
    """The report as it stands on the page. `questions` are the codes that the referral asked."""
    chosen = {name: text(form, name) for name in REPORT_CHOICES}
    return Advice(
        restrictions=[_restriction(form, code) for code in _chosen(form, "restriction", "restrictions")],
        recommendations=[
            _recommendation(form, code) for code in _chosen(form, "adjustment", "recommendations")
        ],
        phased_return=_steps(text(form, "phased_return")),
        answers={code: words for code in questions if (words := text(form, f"answer-{code}"))},
        words=text(form, "words"),
        return_expected_on=day(form, "return_expected_on"),
        review_on=day(form, "review_on"),
        **chosen,
    )


def _chosen(form: QueryDict, of: str, name: str) -> list[str]:
    return catalogue.checked(of, form.getlist(name), field=name)


def _restriction(form: QueryDict, code: str) -> Restriction:
    of = f"restriction-{code}"
    return Restriction(
        code=code, starts_on=day(form, f"{of}-starts"), ends_on=day(form, f"{of}-ends"),
        permanent=bool(form.get(f"{of}-permanent")), details=text(form, f"{of}-details"),
    )  # fmt: skip


def _recommendation(form: QueryDict, code: str) -> Recommendation:
    of = f"adjustment-{code}"
    return Recommendation(
        code=code, details=text(form, f"{of}-details"), permanent=bool(form.get(f"{of}-permanent")),
        starts_on=day(form, f"{of}-starts"), ends_on=day(form, f"{of}-ends"), review_on=day(form, f"{of}-review"),
    )  # fmt: skip


def _steps(written: str) -> list[Step]:
    """``50, 60, 80``: the share of full hours in each week, from the first."""
    shares = [share.strip(" %") for share in re.split(r"[,;\s]+", written) if share.strip(" %")]
    if any(not share.isdecimal() for share in shares):
        raise Invalid("Write one number for each week, like 50, 60, 80, 100.", field="phased_return")
    return [Step(week, int(share)) for week, share in enumerate(shares, start=1)]


def typed(form: QueryDict | None, kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """What to show in the fields: what was just typed, else what is kept."""
    if form is None:
        return kept
    lists = {name: form.getlist(name) for name, value in kept.items() if isinstance(value, list)}
    return {**kept, **{name: form.get(name, "") for name in form}, **lists}
