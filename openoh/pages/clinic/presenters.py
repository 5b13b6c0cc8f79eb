"""Words for what clinicians see: services, needs, scores, states, the diary and the risks above it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from openoh.foundation.codes import catalogue
from openoh.foundation.core import clock
from openoh.foundation.core.lifecycle import State
from openoh.pages.jinja import day
from openoh.pathway.clinics.models import Appointment, Clinician
from openoh.pathway.clinics.rules import choices as booking_choices
from openoh.pathway.clinics.states import APPOINTMENT
from openoh.pathway.consultations.models import Consultation
from openoh.pathway.consultations.rules import choices as findings_choices
from openoh.pathway.consultations.rules import is_remote
from openoh.pathway.questionnaires.definitions import Item, definition
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.questionnaires.queries import answers_of
from openoh.pathway.questionnaires.rules import Answer
from openoh.pathway.risk.models import RiskFlag
from openoh.pathway.risk.states import FLAG
from openoh.pathway.services.queries import catalogue as services
from openoh.pathway.triage.rules import routes

SEVERITIES = {1: "Any thought of self-harm", 2: "Not safe, or a plan"}
URGENCY_TAGS = {
    "urgent": State("Urgent", "red"),
    "soon": State("Soon", "orange"),
    "routine": State("Routine", "grey"),
}
NEXT_STEPS = {
    "first-contact": "First contact",
    "appointment": "Appointment",
    "no-time-chosen": "Speak with them: they have not chosen a time",
    "review": "Review",
    "write-report": "Write the report",
    "await-information": "Wait for information",
    "name-recipient": "Name who receives the report",
    "tell-practice": "Tell the practice what the person decided about the report",
    "report-unopened": "Speak with them about the report that they have not opened",
    "outcome": "Ask how it went",
    "adjustment-declined": "The manager cannot do what was advised: is there another way?",
    "more-help": "Speak with them: they want more help",
    "close": "Close the case",
}
CLOSING = {
    "advice-given": "Advice given, nothing more to do",
    "better": "Better, back at work",
    "referred-on": "Another service looks after them",
    "person-ended": "The person does not want more",
    "left": "The person has left",
}


def service_words(code: str) -> str:
    """What a service or a route is called."""
    return services()[code].title if code in services() else routes().get(code, code)


def need_words(codes: Iterable[str]) -> str:
    """What somebody asked for, or a manager's reasons: “My back, Stress”."""
    return ", ".join(_need(code) for code in codes)


def _need(code: str) -> str:
    of = "need" if code in catalogue.codes("need") else "referral-reason"
    return catalogue.words(of, code) if code in catalogue.codes(of) else code


def next_step_words(code: str) -> str:
    """What happens next with a case; empty when nothing is planned."""
    return NEXT_STEPS.get(code, code)


@dataclass(frozen=True)
class RiskLine:
    """A risk that waits: for whom, what, by when, who has it, and who answers meanwhile."""

    flag: RiskFlag
    state: State
    what: str
    owner: str
    cover: str
    due_at: datetime
    late: bool


def risk_line(flag: RiskFlag) -> RiskLine:
    """One flag. Until somebody has it, it is due when it must be acknowledged; then, when the person is contacted."""
    due = flag.acknowledge_by if flag.state == "raised" else flag.due_at
    return RiskLine(
        flag=flag, state=FLAG.states[flag.state], what=SEVERITIES[flag.severity], owner=flag.owner_name,
        cover=flag.cover, due_at=due, late=flag.state != "contacted" and due < clock.now(),
    )  # fmt: skip


@dataclass(frozen=True)
class DiaryLine:
    """One appointment of the day. `where`, `who_is_there` and `call_back` are asked when it is remote."""

    appointment: Appointment
    state: State
    service: str
    mode: str
    needs: str
    at_risk: bool
    remote: bool
    where: str
    who_is_there: str
    call_back: str
    missing: Sequence[str]
    consultation: Consultation | None
    begun: bool

    @property
    def waits(self) -> bool:
        """Whether the person is still to come."""
        return self.appointment.state in ("booked", "arrived")


def diary_line(
    appointment: Appointment,
    *,
    at_risk: bool,
    consultation: Consultation | None,
    unfinished: Sequence[AnswerSet],
) -> DiaryLine:
    """One appointment, with what the clinician should know before it begins."""
    remote = is_remote(appointment.mode)
    call_back = appointment.call_back or appointment.person.mobile
    where = consultation.where_now if consultation else ""
    company = consultation.who_is_there if consultation else ""
    asked = {
        "No number to call back on": remote and not call_back,
        "Ask where they are now": remote and not where,
        "Ask who is in the room": remote and not company,
    }
    missing = [words for words, lacking in asked.items() if lacking]
    missing += [f"Not finished: {definition(each.instrument, each.version).title}" for each in unfinished]
    return DiaryLine(
        appointment=appointment, state=APPOINTMENT.states[appointment.state],
        service=service_words(appointment.service), mode=booking_choices("modes")[appointment.mode],
        needs=", ".join(booking_choices("needs")[need] for need in appointment.needs), at_risk=at_risk, remote=remote,
        where=where, who_is_there=company, call_back=call_back,
        missing=missing if appointment.state in ("booked", "arrived") else (), consultation=consultation,
        begun=appointment.starts_at <= clock.now(),
    )  # fmt: skip


@dataclass(frozen=True)
class ScoreLine:
    """One finished questionnaire: its score and band, and every answer in words."""

    title: str
    total: str
    band: str
    flags: str
    completed_at: datetime | None
    rule_version: str
    answers: Sequence[tuple[str, str]]


def score_line(answers: AnswerSet, *, with_answers: bool = False) -> ScoreLine:
    """One finished questionnaire; the answers are opened only where they are shown."""
    asked = definition(answers.instrument, answers.version)
    given = answers_of(answers) if with_answers else {}
    answered = [item for item in asked.items if given.get(item.id) is not None]
    return ScoreLine(
        title=asked.title, total="" if answers.total is None else f"{answers.total.normalize():f}",
        band=answers.band.replace("-", " "), flags=", ".join(flag.replace("-", " ") for flag in answers.flags),
        completed_at=answers.completed_at, rule_version=answers.rule_version,
        answers=[(item.text, answer_words(item, given[item.id])) for item in answered],
    )  # fmt: skip


def answer_words(item: Item, answer: Answer) -> str:
    """One answer as it stood on the page."""
    known = {option.code: option.words for option in item.options}
    if isinstance(answer, list):
        return ", ".join(known.get(code, code) for code in answer)
    return known.get(answer, str(answer)) if answer is not None else ""


def reach_words(reach: Mapping[str, Answer]) -> list[tuple[str, str]]:
    """How somebody may be reached, as question and answer."""
    asked = definition("needs-assessment")
    return [(asked.item(name).text, answer_words(asked.item(name), value)) for name, value in reach.items()]


def clinician_choices(clinicians: Iterable[Clinician], *, me: UUID | None) -> list[tuple[str, str]]:
    """Colleagues to choose from, oneself first."""
    found = sorted(clinicians, key=lambda each: (each.user_id != me, each.name))
    return [
        (str(each.user_id), f"{each.name}, {each.get_profession_display()}" + (" (me)" if each.user_id == me else ""))
        for each in found
    ]  # fmt: skip


def finding_words(codes: Iterable[str], field: str) -> str:
    """Coded findings of a consultation in words, e.g. “Back or neck, Sleep”."""
    known = findings_choices(field)
    return ", ".join(known.get(code, code) for code in codes)


def outcome_words(code: str) -> str:
    """What a report concludes, as the manager reads it; empty while nothing was chosen."""
    return catalogue.words("fitness-outcome", code) if code else ""


def said_day(written: str) -> str:
    """A day of a copy, kept as ISO text, as people say it: “Tuesday 3 March”."""
    return day(date.fromisoformat(written))


def source_words(source: str) -> str:
    """Why a risk was raised: the question that was answered, or that a clinician heard or saw it."""
    questionnaire, _, item = source.partition("/")
    if questionnaire == "clinician":
        return "A clinician heard or saw it"
    asked = definition(questionnaire)
    return f"{asked.title}: {asked.item(item).text}"
