"""What pages for people are told by the pathway: the next questionnaire, direct booking, who answers, who receives."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from openoh.foundation.codes.catalogue import codes
from openoh.foundation.core import clock
from openoh.foundation.core.content import load
from openoh.foundation.core.errors import NotAllowed
from openoh.foundation.core.scope import within
from openoh.foundation.people.actions import change_mobile
from openoh.foundation.people.models import Person
from openoh.methods import instruments
from openoh.pathway.clinics.queries import free_slot
from openoh.pathway.questionnaires.actions import begin, complete, save_answers
from openoh.pathway.questionnaires.definitions import definition
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.questionnaires.queries import meaning_of
from openoh.pathway.reports.actions import agree
from openoh.pathway.reports.receivers import receivers_in_words
from openoh.pathway.requests import queries
from openoh.pathway.requests.actions import send
from openoh.pathway.requests.rules import assessments
from openoh.pathway.risk.queries import who_answers
from openoh.pathway.services.queries import self_help
from openoh.population.offers.rules import rule_set
from tests.pathway.diary import WEDNESDAY, request_of, session
from tests.stories import copies, leave, name_recipient, open_case, signed

ASKED = ("msk-self-triage", "PHQ-2", "PHQ-9", "GAD-2", "GAD-7")


# Content


def test_needs_call_for_questionnaires_that_exist_once_and_in_order():
    assert assessments(["money"]) == ()
    assert assessments(["low-mood", "back", "stress"]) == ("msk-self-triage", "PHQ-2", "GAD-2")
    assert assessments(["low-mood", "back"], before_booking=True) == ("msk-self-triage",)
    for row in load("openoh.pathway.requests", "assessments")["ask"]:
        assert set(row["needs"]) <= set(codes("need"))
        assert all(definition(code) for code in row["questionnaires"])


def test_every_result_that_a_person_can_reach_has_its_words():
    for code in ASKED[1:]:
        bands = {
            "" if code.endswith("-2") else None,
            *(b.name for b in instruments.instrument(code).total.bands),
        }
        for band in bands - {None}:
            meaning = meaning_of(AnswerSet(instrument=code, version="1", band=band, total=1))
            assert meaning.words.startswith("You"), (code, band)
            assert "not a diagnosis" in meaning.not_meaning
    highest = {
        code: meaning_of(AnswerSet(instrument=code, version="1", total=1)).highest for code in ASKED[1:]
    }
    assert highest == {"PHQ-2": 6, "PHQ-9": 27, "GAD-2": 6, "GAD-7": 21}


def test_no_score_is_said_to_be_no_score():
    meaning = meaning_of(AnswerSet(instrument="PHQ-9", version="1", total=None))
    assert "there is no score" in meaning.words


def test_every_question_that_is_shown_has_its_text():
    for code in ASKED:
        assert all(item.text and not item.text.startswith("Question ") for item in definition(code).items)


def test_self_help_is_for_known_topics_and_needs():
    topics = {rule.topic for rule in rule_set().rules}
    assert {entry.code for entry in self_help(topic="musculoskeletal")} == {"keep-moving", "little-and-often"}
    assert {entry.code for entry in self_help(needs=["sleep"])} == {"sleep"}
    assert self_help() == ()
    for topic in topics:
        for entry in self_help(topic=topic, needs=codes("need")):
            assert set(entry.topics) <= topics
            assert set(entry.needs) <= set(codes("need"))
            assert all(address.startswith("https://") for _, address in entry.links)
        assert self_help(topic=topic), f"nothing to do at once about {topic}"


# Queries


@pytest.mark.django_db
class TestQueries:
    @pytest.fixture(autouse=True)
    def on_a_working_morning(self):
        with clock.held_at(WEDNESDAY):
            yield

    @pytest.fixture
    def amara(self, world):
        return world.as_amara

    def ask(self, query, actor, *arguments):
        """A query, inside the scope of who asks."""
        with within(actor.scope):
            return query(actor, *arguments)

    def finish(self, actor, wanted, request, **answers):
        begun = begin(by=actor, instrument=wanted.instrument, request_id=request.pk, after=wanted.after)
        save_answers(by=actor, answer_set_id=begun.pk, answers=answers)
        return complete(by=actor, answer_set_id=begun.pk)

    def test_a_positive_screen_calls_for_the_long_form_before_the_next_topic(self, amara):
        request = request_of(amara, needs=["low-mood"])
        asked = []
        while wanted := self.ask(queries.next_assessment, amara, request):
            asked.append(wanted.instrument)
            answers = {"1": 2, "2": 1} if wanted.after is None and wanted.instrument == "PHQ-2" else {}
            answers = answers or {item.id: 0 for item in definition(wanted.instrument).items}
            self.finish(amara, wanted, request, **answers)
        assert asked == ["PHQ-2", "PHQ-9", "GAD-2"]

    def test_a_service_is_booked_directly_once_what_must_be_asked_is_answered(self, amara):
        request = request_of(amara, needs=["back"])
        assert self.ask(queries.direct_service, amara, request) == ""
        well = {item.id: "no" for item in definition("msk-self-triage").items[:8]}
        well |= {"where": ["back"], "duration": "over-6-weeks", "course": "worse", "work": "some"}
        self.finish(amara, self.ask(queries.next_assessment, amara, request), request, **well)
        assert self.ask(queries.direct_service, amara, request) == "physiotherapy"

    def test_no_time_for_needs_that_triage_reads_first(self, amara):
        for needs, service in ((["money"], ""), (["stress"], "psychology")):
            assert self.ask(queries.direct_service, amara, request_of(amara, needs=needs)) == service

    @pytest.mark.parametrize(
        ("needs", "day"), [(["money"], date(2026, 1, 16)), (["needlestick"], date(2026, 1, 14))]
    )
    def test_by_when_a_request_is_read(self, amara, needs, day):
        request = send(by=amara, request_id=request_of(amara, needs=needs).pk)
        with within(amara.scope):
            assert queries.read_by(request) == day

    def test_who_answers_changes_with_the_hour(self, amara):
        assert self.ask(who_answers, amara).cover.name == "Duty nurse"
        with clock.held_at(datetime(2026, 1, 17, 3, tzinfo=UTC)):  # a Saturday night
            assert self.ask(who_answers, amara).cover.name == "Night crisis partner"

    def test_a_free_time_is_free_once(self, world, amara):
        (slot,) = session(world, clinician="quin", service="psychology", hours=1)
        assert self.ask(free_slot, amara, slot.pk).clinician.name == "Quin Abara"
        send(by=amara, request_id=request_of(amara, needs=["stress"]).pk, slot_id=slot.pk)
        with pytest.raises(type(slot).DoesNotExist):
            self.ask(free_slot, world.actor("joe", "employee"), slot.pk)

    def test_a_time_that_has_passed_is_not_free(self, world, amara):
        (slot,) = session(world, hours=1)
        with clock.held_at(slot.starts_at), pytest.raises(type(slot).DoesNotExist):
            self.ask(free_slot, amara, slot.pk)

    def test_the_person_is_told_the_very_names_that_will_receive(self, world, amara):
        case = open_case(world)
        report = signed(world, case)
        with within(amara.scope):
            assert receivers_in_words(report) == ["Ben Carter, Ward manager"]
        name_recipient(world, case, "dev")
        with within(amara.scope):
            assert receivers_in_words(report) == ["Dev Shah, Ward manager"]
        leave(world, "dev")
        with within(amara.scope):
            assert receivers_in_words(report) == []
        agree(by=amara, report=report.pk)
        assert copies(world.as_ben) == []

    def test_the_number_is_the_persons_own_to_change(self, world, amara):
        change_mobile(by=amara, mobile=" 07700  900982 ")
        with within(amara.scope):
            assert Person.objects.get().mobile == "07700 900982"
        with pytest.raises(NotAllowed):
            change_mobile(by=world.as_nurse, mobile="07700 900982")
