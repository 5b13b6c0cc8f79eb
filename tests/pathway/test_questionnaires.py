"""Questionnaires: definitions, saving step by step, scores of published instruments, endings, branching."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from openoh.foundation.core import clock
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.scope import within
from openoh.pathway.questionnaires import actions
from openoh.pathway.questionnaires.access import visible_to
from openoh.pathway.questionnaires.definitions import definition, follow_up
from openoh.pathway.questionnaires.models import AnswerSet
from openoh.pathway.questionnaires.queries import (
    answers_of,
    next_item,
    next_questionnaire,
    scores_of,
    unfinished,
)
from openoh.pathway.questionnaires.rules import checked, result
from tests.pathway.diary import WEDNESDAY, read

HEALTHY_BACK = dict.fromkeys(
    ["bladder-bowel", "saddle-numbness", "leg-weakness", "chest-pain", "major-injury", "fever",
     "cancer-weight-loss", "constant-night-pain"], "no",
) | {"where": ["back"], "duration": "under-2-weeks", "course": "better", "work": "all"}  # fmt: skip


@pytest.fixture(autouse=True)
def wednesday():
    with clock.held_at(WEDNESDAY):
        yield


def filled(by, code, answers, **more):
    answer_set = actions.begin(by=by, instrument=code, **more)
    actions.save_answers(by=by, answer_set_id=answer_set.id, answers=answers)
    return actions.complete(by=by, answer_set_id=answer_set.id)


def numbered(*values):
    return {str(number): value for number, value in enumerate(values, start=1)}


# Definitions


def test_published_instruments_carry_their_own_words():
    phq9 = definition("PHQ-9")
    assert (
        phq9.item("9").text == "Thoughts that you would be better off dead or of hurting yourself in some way"
    )
    assert [option.words for option in phq9.item("1").options] == [
        "Not at all", "Several days", "More than half the days", "Nearly every day",
    ]  # fmt: skip
    assert phq9.intro.startswith("Over the last 2 weeks")


def test_an_instrument_whose_licence_forbids_its_text_is_not_asked():
    with pytest.raises(Invalid, match="MSK-HQ"):
        definition("MSK-HQ")


@pytest.mark.parametrize("code", ["needs-assessment", "msk-self-triage"])
def test_our_own_questionnaires_have_unique_questions_and_answers(code):
    asked = definition(code)
    assert len({item.id for item in asked.items}) == len(asked.items)
    for item in asked.items:
        codes = [option.code for option in item.options]
        assert len(set(codes)) == len(codes)
        assert bool(codes) is (item.kind != "text")


def test_safety_is_the_first_question_of_all():
    assert definition("needs-assessment").items[0].id == "safe-now"


def test_every_ending_looks_at_questions_and_answers_that_exist():
    asked = definition("msk-self-triage")
    for ending in asked.endings:
        for condition in ending.any_of:
            codes = {option.code for option in asked.item(condition.item).options}
            assert set(condition.answers) <= codes
    assert asked.endings[-1].any_of == ()


# Rules


@pytest.mark.parametrize(
    ("changed", "band", "flags"),
    [
        ({}, "self-help", ()),
        ({"work": "some"}, "physiotherapy", ()),
        ({"duration": "over-6-weeks"}, "physiotherapy", ()),
        ({"course": "worse"}, "physiotherapy", ()),
        ({"fever": "yes"}, "clinician", ("possible-infection",)),
        ({"cancer-weight-loss": "yes", "work": "off-work"}, "clinician", ("possible-cancer",)),
        ({"major-injury": "yes"}, "clinician", ("possible-fracture",)),
        ({"leg-weakness": "yes"}, "clinician", ("progressive-weakness",)),
        ({"constant-night-pain": "yes"}, "clinician", ("constant-night-pain",)),
        ({"bladder-bowel": "yes"}, "emergency", ("cauda-equina",)),
        ({"bladder-bowel": "yes", "saddle-numbness": "yes"}, "emergency", ("cauda-equina",)),
        ({"chest-pain": "yes", "fever": "yes"}, "emergency", ("chest-pain", "possible-infection")),
    ],
)  # fmt: skip
def test_self_triage_of_muscles_and_joints(changed, band, flags):
    outcome = result(definition("msk-self-triage"), HEALTHY_BACK | changed)
    assert (outcome.band, outcome.flags) == (band, flags)
    assert outcome.rule_version == "questionnaires/msk-self-triage/1"


@pytest.mark.parametrize("item", sorted(HEALTHY_BACK))
def test_self_triage_does_not_end_before_every_question_is_answered(item):
    with pytest.raises(Invalid) as refused:
        result(definition("msk-self-triage"), HEALTHY_BACK | {item: None})
    assert refused.value.field == item


@given(st.dictionaries(st.sampled_from(list(HEALTHY_BACK)), st.sampled_from(["yes", "no"])))
def test_a_red_flag_never_ends_in_self_help_or_a_direct_booking(changed):
    red = {item.id for item in definition("msk-self-triage").items if item.flag}
    answers = HEALTHY_BACK | {item: answer for item, answer in changed.items() if item in red}
    outcome = result(definition("msk-self-triage"), answers)
    assert bool(outcome.flags) is (outcome.band in ("emergency", "clinician"))


@pytest.mark.parametrize("value", [4, -1, "2", 1.5, True, [1]])
def test_an_answer_that_is_not_on_the_page_is_refused(value):
    with pytest.raises(Invalid) as refused:
        checked(definition("PHQ-9"), {"3": value})
    assert refused.value.field == "3"


def test_choices_keep_the_order_of_the_page_and_repeat_nothing():
    assert checked(definition("needs-assessment"), {"needs": ["sleep", "back", "sleep"]}) == {
        "needs": ["back", "sleep"]
    }


def test_an_unknown_question_is_refused():
    with pytest.raises(Invalid, match="no question"):
        checked(definition("PHQ-9"), {"17": 1})


def test_what_follows_is_content():
    assert follow_up("PHQ-2", "positive").then == "PHQ-9"
    assert follow_up("GAD-2", "positive").then == "GAD-7"
    assert follow_up("PHQ-2", "") is None
    assert follow_up("PHQ-9", "severe") is None


# Filling in


def test_scores_are_those_of_the_published_instrument(world):
    done = filled(world.as_amara, "PHQ-9", numbered(2, 2, 1, 1, 0, 1, 1, 0, 0))
    assert (done.total, done.band, done.flags, done.missing) == (8, "mild", [], 0)
    assert done.rule_version == "PHQ-9/1"
    assert read(world.as_amara, done).total == 8


def test_a_missing_answer_counts_as_the_mean_and_three_are_too_many(world):
    one = filled(world.as_amara, "PHQ-9", numbered(1, 1, 1, 1, 1, 1, 1, None, 1))
    assert (one.total, one.missing) == (9, 1)
    three = filled(world.as_amara, "PHQ-9", numbered(1, 1, 1, 1, 1, None, None, None, 0), stage="end")
    assert (three.total, three.band, three.missing) == (None, "", 3)


@pytest.mark.parametrize(("answers", "then"), [((1, 1), None), ((1, 2), "PHQ-9"), ((3, 3), "PHQ-9")])
def test_a_positive_screen_leads_on(world, answers, then):
    done = filled(world.as_amara, "PHQ-2", numbered(*answers))
    follow = next_questionnaire(done)
    assert (follow.then if follow else None) == then


def test_nothing_is_asked_twice(world):
    amara = world.as_amara
    screen = filled(amara, "PHQ-2", numbered(2, 3))
    longer = actions.begin(by=amara, instrument="PHQ-9", after=screen.id)
    with within(amara.scope):
        assert answers_of(longer) == {"1": 2, "2": 3}
        assert next_item(longer).id == "3"


def test_a_questionnaire_that_does_not_follow_is_refused(world):
    screen = filled(world.as_amara, "PHQ-2", numbered(0, 0))
    with pytest.raises(Invalid, match="does not follow"):
        actions.begin(by=world.as_amara, instrument="PHQ-9", after=screen.id)


def test_somebody_who_comes_back_resumes_where_they_stopped(world):
    amara = world.as_amara
    begun = actions.begin(by=amara, instrument="GAD-7")
    actions.save_answers(by=amara, answer_set_id=begun.id, answers={"1": 1})
    actions.save_answers(by=amara, answer_set_id=begun.id, answers={"2": 3})
    assert actions.begin(by=amara, instrument="GAD-7").id == begun.id
    kept = read(amara, begun)
    with within(amara.scope):
        assert answers_of(kept) == {"1": 1, "2": 3}
        assert next_item(kept).id == "3"
        assert [row.id for row in unfinished(amara)] == [begun.id]


def test_an_answer_can_be_taken_back(world):
    amara = world.as_amara
    begun = actions.begin(by=amara, instrument="GAD-2")
    actions.save_answers(by=amara, answer_set_id=begun.id, answers={"1": 1, "2": 2})
    saved = actions.save_answers(by=amara, answer_set_id=begun.id, answers={"2": None})
    with within(amara.scope):
        assert answers_of(saved) == {"1": 1}


def test_a_finished_questionnaire_never_changes(world):
    done = filled(world.as_amara, "GAD-2", numbered(0, 1))
    with pytest.raises(Conflict, match="finished"):
        actions.save_answers(by=world.as_amara, answer_set_id=done.id, answers={"1": 3})
    with pytest.raises(Conflict):
        actions.complete(by=world.as_amara, answer_set_id=done.id)


def test_answers_are_not_readable_in_the_database(world):
    begun = actions.begin(by=world.as_amara, instrument="msk-self-triage")
    actions.save_answers(by=world.as_amara, answer_set_id=begun.id, answers={"work": "off-work"})
    with within(world.as_worker.scope), connection.cursor() as cursor:
        cursor.execute("SELECT answers_sealed FROM questionnaires_answerset WHERE id = %s", [begun.id])
        kept = bytes(cursor.fetchone()[0])
    assert b"off-work" not in kept
    assert b"work" not in kept


# Who


def test_a_clinician_writes_down_what_somebody_says_on_the_telephone(world):
    done = filled(
        world.as_nurse, "GAD-7", numbered(1, 1, 1, 1, 1, 1, 1), person_id=world.amara.id, mode="telephone"
    )
    assert (done.total, done.mode, done.employer_id) == (7, "telephone", world.trust.id)
    nurse = world.as_nurse
    with within(nurse.scope):
        assert [row.id for row in scores_of(nurse, world.amara.id)] == [done.id]


def test_answers_are_seen_by_the_person_and_clinicians_of_their_provider(world):
    done = filled(world.as_amara, "GAD-2", numbered(0, 1))
    for actor, sees in (
        (world.as_amara, True),
        (world.actor("joe", "employee"), False),
        (world.as_physician, True),
        (world.as_other_nurse, False),
    ):
        with within(actor.scope):
            assert visible_to(actor).filter(pk=done.pk).exists() is sees, actor.name


def test_the_service_desk_sees_no_answers(world):
    filled(world.as_amara, "GAD-2", numbered(0, 1))
    manager = world.as_service_manager
    with within(manager.scope):
        from django.db import ProgrammingError, transaction

        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            AnswerSet.objects.exists()


def test_nobody_answers_for_somebody_else(world):
    with pytest.raises(world.joe.DoesNotExist):
        actions.begin(by=world.as_amara, instrument="PHQ-9", person_id=world.joe.id)
    begun = actions.begin(by=world.as_amara, instrument="PHQ-9")
    with pytest.raises(AnswerSet.DoesNotExist):
        actions.save_answers(by=world.actor("joe", "employee"), answer_set_id=begun.id, answers={"1": 1})
    with pytest.raises(world.femi.DoesNotExist):
        actions.begin(by=world.as_nurse, instrument="PHQ-9", person_id=world.femi.id)


def test_a_manager_has_no_questionnaires(world):
    with pytest.raises((world.amara.DoesNotExist, NotAllowed)):
        actions.begin(by=world.as_ben, instrument="PHQ-9", person_id=world.amara.id)
