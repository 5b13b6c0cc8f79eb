"""How each sealed column is opened. A test keeps this complete: a new sealed column without an opener fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from openoh.foundation.core import keys
from openoh.foundation.documents.queries import CONTENT, NAME
from openoh.pathway.consultations import queries as consultations
from openoh.pathway.medical_reports.queries import PRACTITIONER, QUESTIONS
from openoh.pathway.outcomes import queries as outcomes
from openoh.pathway.quality import queries as quality
from openoh.pathway.questionnaires.queries import FIELD as ANSWERS
from openoh.pathway.requests import queries as requests
from openoh.pathway.risk import queries as risk
from openoh.pathway.triage.models import REASON

Opener = Callable[[Any], bytes]


def _field(column: str, bound_to: str) -> Opener:
    """Opens a column that is sealed for the row's person."""

    def opened(row: Any) -> bytes:
        sealed = getattr(row, column)
        if not sealed:
            return b""
        return keys.unseal_bytes(sealed, owner=row.person_id, provider=row.provider_id, field=bound_to)

    return opened


def _text(read: Callable[[Any], str]) -> Opener:
    return lambda row: read(row).encode()


# By "<app>.<Model>" and column.
OPENERS: Mapping[str, Mapping[str, Opener]] = {
    "consultations.Consultation": {"note_sealed": _text(consultations.note_of)},
    "consultations.Addendum": {"text_sealed": _text(consultations.text_of)},
    "documents.Document": {
        "name_sealed": _field("name_sealed", NAME),
        "content_sealed": _field("content_sealed", CONTENT),
    },
    "medical_reports.MedicalReport": {
        "practitioner_sealed": _field("practitioner_sealed", PRACTITIONER),
        "questions_sealed": _field("questions_sealed", QUESTIONS),
    },
    "outcomes.PersonOutcome": {"words_sealed": _text(outcomes.words_of)},
    "quality.Incident": {
        "what_sealed": _text(quality.what_of), "learning_sealed": _text(quality.learning_of),
    },
    "questionnaires.AnswerSet": {"answers_sealed": _field("answers_sealed", ANSWERS)},
    "reports.Report": {
        f"{name}_sealed": _field(f"{name}_sealed", f"reports.{name}")
        for name in ("answers", "words", "person_comment", "correction")
    },
    "requests.HelpRequest": {
        "words_sealed": _text(requests.words_of), "question_sealed": _text(requests.question_of),
    },
    "risk.RiskFlag": {"note_sealed": _text(risk.note_of), "plan_sealed": _text(risk.plan_of)},
    "triage.TriageDecision": {"reason_sealed": _field("reason_sealed", REASON)},
}  # fmt: skip
