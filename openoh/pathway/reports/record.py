"""Between a report's row and the advice in it: codes plain, words sealed with the person's key."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from openoh.foundation.core import keys
from openoh.pathway.reports.models import Report
from openoh.pathway.reports.rules import Advice, Recommendation, Restriction, Step

PLAIN = (
    "outcome", "return_expected_on", "review_on", "equality_opinion", "work_related", "prognosis",
    "unable_reason", "consent_at_consultation",
)  # fmt: skip


def write(report: Report, advice: Advice) -> None:
    """Put the advice on the row, without saving it."""
    for name in PLAIN:
        setattr(report, name, getattr(advice, name))
    report.restrictions = [_plain(each) for each in advice.restrictions]
    report.adjustments = [_plain(each) for each in advice.recommendations]
    report.phased_return = [_plain(each) for each in advice.phased_return]
    report.words_sealed = seal(report, "words", advice.words.strip())
    answers = {question: text.strip() for question, text in advice.answers.items() if text.strip()}
    report.answers_sealed = seal(report, "answers", json.dumps(answers, sort_keys=True)) if answers else None


def read(report: Report) -> Advice:
    """The advice on the row, words in the clear."""
    return Advice(
        restrictions=[Restriction(**_dated(each)) for each in report.restrictions],
        recommendations=[Recommendation(**_dated(each)) for each in report.adjustments],
        phased_return=[Step(**each) for each in report.phased_return],
        answers=json.loads(unseal(report, "answers") or "{}"),
        words=unseal(report, "words"),
        **{name: getattr(report, name) for name in PLAIN},
    )


def seal(report: Report, name: str, text: str) -> bytes | None:
    """The ciphertext for the report's `<name>_sealed`; None for nothing."""
    if not text:
        return None
    return keys.seal(text, owner=report.person_id, provider=report.provider_id, field=f"reports.{name}")


def unseal(report: Report, name: str) -> str:
    """The words in the report's `<name>_sealed`; empty when there are none."""
    return keys.unseal(
        getattr(report, f"{name}_sealed"),
        owner=report.person_id, provider=report.provider_id, field=f"reports.{name}",
    )  # fmt: skip


def _plain(each: Restriction | Recommendation | Step) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(each).items()
    }


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value) if name.endswith("_on") and value else value
        for name, value in row.items()
    }
