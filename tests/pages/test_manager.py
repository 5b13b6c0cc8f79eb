"""The manager's pages in detail, and what somebody tries who must not see them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from openoh.foundation.access.actions import delegate
from openoh.foundation.access.managing import nearest_to, people_of
from openoh.foundation.access.models import Delegation
from openoh.foundation.audit.models import Reading
from openoh.foundation.core import clock, facts
from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.outcomes.actions import ask_and_chase
from openoh.pathway.outcomes.asked_manager import ManagerOutcome
from openoh.pathway.referrals import actions as referrals
from openoh.pathway.referrals.models import Referral
from openoh.pathway.referrals.rules import NO_ADVICE
from openoh.pathway.reports import actions as reports
from openoh.pathway.reports.models import Report
from openoh.pathway.reports.rules import Restriction, Step
from openoh.population.absence.actions import record_spell
from openoh.population.absence.queries import spells
from tests.pages.browsing import MOST_QUERIES, day_fields, queries_of, signed_in, words
from tests.stories import copies, leave, open_case, refer, released, signed
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben(world: World) -> Client:
    return signed_in(world, "ben")


@pytest.fixture
def dev(world: World) -> Client:
    return signed_in(world, "dev")


def absent(world: World, key: str = "amara", days: int = 12, **more):
    return record_spell(
        by=world.as_hr, engagement=world.engagements[key], started_on=clock.today() - timedelta(days=days), **more
    )


def the_referral(world: World) -> Referral:
    with within(world.as_worker.scope):
        return Referral.objects.get()


def the_adjustments(world: World) -> list[Adjustment]:
    with within(world.as_worker.scope):
        return list(Adjustment.objects.order_by("code"))


def a_draft(world: World) -> str:
    made = referrals.draft(by=world.as_ben, engagement=world.engagements["amara"].id)
    return f"/manager/referrals/{made.id}"


# My people


def test_everybody_is_listed_with_since_when_and_never_why(world, ben):
    absent(world, reason="S10", work_related=True)
    page = ben.get("/manager")
    since = clock.today() - timedelta(days=12)
    assert f"Absent since {since:%A} {since.day} {since:%B}" in words(page)
    assert "Amara Okafor" in words(page)
    assert "Joe Lindqvist" not in words(page)
    for secret in ("S10", "anxiety", "stress", "related to work", "bradford", "trigger"):
        assert secret not in words(page).lower()


def test_an_absence_that_is_over_is_not_shown(world, ben):
    absent(world, ended_on=clock.today() - timedelta(days=1))
    assert "Not recorded as absent" in words(ben.get("/manager"))


def test_what_waits_comes_first_and_leads_to_the_thing(world, ben):
    released(world)
    page = ben.get("/manager")
    assert words(page).index("Waiting for you") < words(page).index("Everybody")
    assert "Answer: Extra or longer breaks" in words(page)
    assert "Read the advice" in words(page)
    (first, *_) = the_adjustments(world)
    assert f"/manager/adjustments/{first.id}" in page.content.decode()


def test_the_list_goes_on_where_it_stopped(world, ben):
    with within(world.as_worker.scope):
        Engagement.objects.bulk_create(
            Engagement(employer=world.trust, number=f"X{number}", given_name="Ann", family_name="Zed",
                       manager=world.engagements["ben"], starts_on=clock.today()) for number in range(60)
        )  # fmt: skip
    first = ben.get("/manager")
    assert first.content.decode().count("Ann Zed</strong>") == 49
    more = first.content.decode().split('href="/manager?after=')[1].split('"')[0]
    assert ben.get(f"/manager?after={more}").content.decode().count("Ann Zed</strong>") == 11


def test_who_looked_is_written_down(world, ben):
    ben.get("/manager")
    with within(world.as_amara.scope):
        assert Reading.objects.get().page == "manager:people"


def test_a_departed_manager_sees_nobody_and_nothing(world, ben):
    report = released(world)
    (copy,) = copies(world.as_ben)
    (adjustment, *_) = the_adjustments(world)
    leave(world, "ben")
    assert "Amara" not in words(ben.get("/manager"))
    referral = the_referral(world)
    for path in (f"/manager/advice/{copy.id}", f"/manager/adjustments/{adjustment.id}",
                 f"/manager/referrals/{referral.id}", f"/manager/refer/{world.engagements['amara'].id}"):  # fmt: skip
        assert ben.get(path).status_code == 404, path
    assert report.state


def test_nearest_people_are_those_that_the_tree_says(world):
    """The one query of the list agrees with the rule that decides who may be referred, for lent people too."""
    delegate(
        by=world.actor("gita", "manager"), deputy=world.engagements["dev"].id, people=[world.engagements["amara"].id],
        starts_on=clock.today(), ends_on=clock.today() + timedelta(days=3),
    )  # fmt: skip
    for actor in (world.as_ben, world.as_dev, world.actor("gita", "manager")):
        with within(actor.scope):
            near = {key: managed for key, managed in people_of(actor).items() if managed.how != "tree"}
            assert nearest_to(actor) == near
    with within(world.as_dev.scope):
        assert nearest_to(world.as_dev)[world.engagements["amara"].id].until == clock.today() + timedelta(days=3)
    leave(world, "gita")
    with within(world.as_dev.scope):
        assert set(nearest_to(world.as_dev)) == {world.engagements["joe"].id}


# Refer


def test_a_referral_begins_filled_in(world, ben):
    absent(world, days=40, ended_on=clock.today() - timedelta(days=30))
    absent(world, days=12)
    path = f"/manager/refer/{world.engagements['amara'].id}"
    page = words(ben.get(path))
    assert "Staff nurse" in page
    assert "37.5" in page
    assert "We cannot tell you" in page
    response = ben.post(path)
    made = the_referral(world)
    assert response.headers["Location"] == f"/manager/referrals/{made.id}/why"
    assert len(made.absences) == 2
    assert made.absent_since == clock.today() - timedelta(days=12)
    ben.post(path)  # pressed twice: still one draft
    assert the_referral(world) == made


def test_only_the_line_manager_may_refer(world, ben, dev):
    path = f"/manager/refer/{world.engagements['amara'].id}"
    for client in (dev, signed_in(world, "gita")):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
    assert ben.get(f"/manager/refer/{world.engagements['femi'].id}").status_code == 404
    assert ben.get(f"/manager/refer/{uuid4()}").status_code == 404


def test_each_part_is_kept_and_the_check_page_says_what_is_missing(world, ben):
    path = a_draft(world)
    page = words(ben.get(f"{path}/check"))
    assert "Choose at least one reason." in page
    assert "Ask at least one question." in page
    ben.post(f"{path}/why", {"reasons": ["fitness-for-role"], "urgency": "soon", "urgency_reason": ""})
    ben.post(f"{path}/job", {"demands": ["nights"], "tried": ["talked"], "background": "Tired at the end of a shift."})
    ben.post(f"{path}/questions", {"questions": ["adjustments"], "own_questions-2": "May she swap nights?"})
    page = words(ben.get(f"{path}/check"))
    assert "Say why it cannot wait." in page
    assert "Night shifts" in page
    assert "May she swap nights?" in page
    made = the_referral(world)
    assert (made.reasons, made.demands) == (["fitness-for-role"], ["nights"])
    assert made.own_questions == ["May she swap nights?"]


def test_a_date_that_is_none_is_told_and_everything_stays_typed(world, ben):
    path = a_draft(world)
    parts = {"absent_since-day": "31", "absent_since-month": "2", "absent_since-year": "2026"}
    response = ben.post(f"{path}/why", parts)
    assert response.status_code == 422
    assert "This is not a date." in words(response)
    assert 'value="31"' in response.content.decode()
    assert "<title>Error: " in response.content.decode()


def test_a_code_from_outside_the_list_is_refused(world, ben):
    response = ben.post(f"{a_draft(world)}/why", {"reasons": ["<script>"], "urgency": "routine"})
    assert response.status_code == 422
    assert "<script>" not in response.content.decode().split("<main")[1]


def sendable(world: World, ben: Client) -> str:
    path = a_draft(world)
    ben.post(f"{path}/why", {"reasons": ["fitness-for-role"], "urgency": "routine"})
    ben.post(f"{path}/questions", {"questions": ["fit-for-role"]})
    return path


def test_it_is_sent_only_when_the_person_saw_it(world, ben):
    path = sendable(world, ben)
    response = ben.post(f"{path}/check", {"person_agrees": "yes"})
    assert response.status_code == 422
    assert "Show this referral to the person" in words(response)
    tomorrow = clock.today() + timedelta(days=1)
    response = ben.post(f"{path}/check", {"person_agrees": "yes", **day_fields("shown_on", tomorrow)})
    assert "cannot be in the future" in words(response)
    assert the_referral(world).state == "draft"
    response = ben.post(f"{path}/check", {"person_agrees": "no", **day_fields("shown_on", clock.today())})
    assert response.headers["Location"] == path
    assert (the_referral(world).state, the_referral(world).person_agrees) == ("sent", False)


def test_pressing_send_twice_sends_once_and_says_so(world, ben):
    path = sendable(world, ben)
    fields = {"person_agrees": "yes", **day_fields("shown_on", clock.today())}
    ben.post(f"{path}/check", fields)
    again = ben.post(f"{path}/check", fields)
    assert again.status_code == 409
    assert "was sent already" in words(again)
    with within(world.as_worker.scope):
        assert list(Referral.objects.get().steps.order_by("at").values_list("state", flat=True)) == ["draft", "sent"]


def test_progress_never_says_who_holds_it_back(world, ben):
    referral = refer(world)
    page = words(ben.get(f"/manager/referrals/{referral.id}"))
    assert "With occupational health" in page
    assert "Nia" not in page
    assert "accepted" not in page.lower()


def test_a_returned_referral_is_answered_and_sent_again(world, ben):
    path = sendable(world, ben)
    fields = {"person_agrees": "yes", **day_fields("shown_on", clock.today())}
    ben.post(f"{path}/check", fields)
    referral = the_referral(world)
    referrals.return_for_information(
        by=world.as_nurse, referral=referral.id, reasons=["duties-missing"], words="Which shifts?"
    )
    assert "Answer what occupational health asks" in words(ben.get("/manager"))
    page = words(ben.get(path))
    assert "Please describe what the job asks for" in page
    assert "Which shifts?" in page
    ben.post(f"{path}/job", {"demands": ["nights"]})
    ben.post(f"{path}/check", fields)
    assert the_referral(world).state == "sent"
    assert the_referral(world).demands == ["nights"]


def test_it_is_taken_back_until_it_was_accepted(world, ben):
    path = sendable(world, ben)
    assert ben.get(f"{path}/withdraw").status_code == 200
    assert ben.post(f"{path}/withdraw").headers["Location"] == "/manager/referrals"
    assert the_referral(world).state == "withdrawn"
    again = ben.post(f"{path}/withdraw")
    assert again.status_code == 409
    assert "already" in words(again)


@pytest.mark.parametrize("part", ["", "/why", "/job", "/questions", "/check", "/withdraw"])
def test_nobody_elses_referral_exists(world, ben, dev, part):
    path = a_draft(world)
    assert ben.get(path + part).status_code == 200
    for client in (dev, signed_in(world, "gita"), signed_in(world, "cara")):
        assert client.get(path + part).status_code == 404
        assert client.post(path + part, {"reasons": ["disability"]}).status_code in (404, 405)
    assert the_referral(world).reasons == []


# Advice


@pytest.fixture
def copy(world: World):
    back = clock.today() + timedelta(days=7)
    report = signed(
        world, open_case(world), return_expected_on=back,
        phased_return=[Step(1, 40), Step(2, 70), Step(3, 100)],
        restrictions=[Restriction("no-lifting", starts_on=clock.today(), ends_on=back, details="Over 5 kg")],
    )  # fmt: skip
    reports.agree(by=world.as_amara, report=report.id)
    facts.consume()
    return copies(world.as_ben)[0]


def test_advice_says_whether_they_can_work_with_what_and_until_when(world, ben, copy):
    page = words(ben.get(f"/manager/advice/{copy.id}"))
    assert "They can work, with adjustments for a time." in page
    assert "No lifting or moving of people Over 5 kg" in page
    assert "40 %" in page
    assert "about 15 of 37.5 hours" in page
    assert "What the law expects" in page
    assert "Answer : No night shifts" in page or "Answer: No night shifts" in page.replace(" :", ":")


def test_opening_advice_is_recorded_once_with_its_reader(world, ben, copy):
    ben.get(f"/manager/advice/{copy.id}")
    with within(world.as_amara.scope):
        assert Reading.objects.filter(page="manager: released report").count() == 1


def test_nobody_else_can_open_it(world, dev, copy):
    (adjustment, *_) = the_adjustments(world)
    for client in (dev, signed_in(world, "gita"), signed_in(world, "cara"), signed_in(world, "hal")):
        assert client.get(f"/manager/advice/{copy.id}").status_code == 404
        assert client.get(f"/manager/adjustments/{adjustment.id}").status_code == 404
        sent = client.post(f"/manager/adjustments/{adjustment.id}", {"state": "declined", "declined_reason": "cost"})
        assert sent.status_code == 404
    assert {each.state for each in the_adjustments(world)} == {"recommended"}


def test_when_consent_is_taken_back_the_manager_reads_one_sentence(world, ben, copy):
    (adjustment, *_) = the_adjustments(world)
    reports.withdraw_consent(by=world.as_amara, report=copy.report_id)
    page = ben.get(f"/manager/advice/{copy.id}")
    assert NO_ADVICE in words(page)
    for secret in ("consent", "withdrew", "withdrawn", "lifting", "nights", "Amara"):
        assert secret.lower() not in words(page).lower()
    assert ben.get(f"/manager/adjustments/{adjustment.id}").status_code == 404
    assert NO_ADVICE in words(ben.get("/manager/advice"))


def test_each_answer_is_kept_with_its_reason(world, ben, copy):
    breaks, nights = the_adjustments(world)
    path = f"/manager/adjustments/{breaks.id}"
    page = ben.post(path, {"state": "declined"})
    assert page.status_code == 422
    assert 'href="#declined_reason"' in page.content.decode()
    page = ben.post(path, {"state": "done", **day_fields("done_on", clock.today() + timedelta(days=2))})
    assert 'href="#done_on"' in page.content.decode()
    sent = ben.post(path, {"state": "declined", "declined_reason": "service-need", "declined_words": "Two on nights."})
    assert sent.headers["Location"] == f"/manager/advice/{copy.id}"
    ben.post(f"/manager/adjustments/{nights.id}", {"state": "planned", **day_fields("planned_on", clock.today())})
    breaks, nights = the_adjustments(world)
    assert (breaks.state, breaks.answer_reason, breaks.answer_words) == ("declined", "service-need", "Two on nights.")
    assert (nights.state, nights.due_on) == ("planned", clock.today())
    page = words(ben.get(f"/manager/advice/{copy.id}"))
    assert "The service could not run. Two on nights." in page


def test_what_is_in_force_is_looked_at_again(world, ben, copy):
    breaks, _ = the_adjustments(world)
    path = f"/manager/adjustments/{breaks.id}"
    ben.post(path, {"state": "done", **day_fields("done_on", clock.today())})
    assert "Is it still needed?" in words(ben.get(path))
    assert ben.post(path, {}).status_code == 422
    later = clock.today() + timedelta(days=30)
    ben.post(path, {"again": "keep", **day_fields("next_review_on", later)})
    assert the_adjustments(world)[0].review_on == later
    ben.post(path, {"again": "end", "end_reason": "no-longer-needed"})
    assert the_adjustments(world)[0].state == "ended"


def test_replaced_advice_leads_to_the_newer(world, ben, copy):
    with within(world.as_worker.scope):
        case = Report.objects.select_related("case").get(pk=copy.report_id).case
    newer = signed(world, case, replaces=copy.report_id, words="Newer.")
    reports.agree(by=world.as_amara, report=newer.id)
    facts.consume()
    page = words(ben.get(f"/manager/advice/{copy.id}"))
    assert "Read the newer version" in page
    assert words(ben.get("/manager/advice")).count("Amara Okafor") == 1


# How did it go


def test_the_manager_is_asked_once_and_answers(world, ben, copy, dev):
    with clock.held_at(clock.now() + timedelta(days=29)):
        ask_and_chase(by=world.as_worker)
        with within(world.as_worker.scope):
            asked = ManagerOutcome.objects.get()
        path = f"/manager/how-it-went/{asked.id}"
        ben, dev = signed_in(world, "ben"), signed_in(world, "dev")
        assert "Say how it went" in words(ben.get("/manager"))
        assert dev.get(path).status_code == 404
        assert ben.post(path, {"work": "adjusted"}).status_code == 422
        assert ben.post(path, {"work": "adjusted", "useful": "very"}).headers["Location"] == "/manager"
        assert ben.get(path).status_code == 404
        with within(world.as_worker.scope):
            assert ManagerOutcome.objects.get().work == "adjusted"


# Cover


def cover_form(world: World, **changes) -> dict[str, object]:
    today = clock.today()
    return {
        "deputy": str(world.engagements["dev"].id), "people": [str(world.engagements["amara"].id)],
        **day_fields("starts_on", today), **day_fields("ends_on", today + timedelta(days=13)), **changes,
    }  # fmt: skip


def test_a_deputy_sees_the_people_named_from_now_until_the_last_day(world, ben, dev, copy):
    absent(world)
    assert "Amara" not in words(dev.get("/manager"))
    assert ben.post("/manager/cover", cover_form(world)).status_code == 302
    page = words(dev.get("/manager"))
    assert "Amara Okafor" in page
    assert "You are covering until" in page
    assert "Absent since" in page
    assert dev.get(f"/manager/refer/{world.engagements['amara'].id}").status_code == 200
    assert dev.get(f"/manager/advice/{copy.id}").status_code == 404  # nothing that came before
    with within(world.as_dev.scope):
        assert spells(world.as_dev).count() == 1
    with within(world.as_worker.scope):
        made = Delegation.objects.get()
    assert dev.post(f"/manager/cover/{made.id}/end").status_code == 404
    assert ben.post(f"/manager/cover/{made.id}/end").status_code == 302
    assert ben.post(f"/manager/cover/{made.id}/end").status_code == 302
    assert "Amara" not in words(dev.get("/manager"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"deputy": ""}, "Choose who covers for you."), ({"people": []}, "Choose at least one of your people."),
     ({"ends_on-year": "2999"}, "Choose at most 28 days"), ({"starts_on-day": ""}, "This is not a date.")],
)  # fmt: skip
def test_a_cover_that_cannot_be_is_told(world, ben, changes, sentence):
    response = ben.post("/manager/cover", cover_form(world, **changes))
    assert response.status_code == 422
    assert sentence in words(response)


def test_only_own_people_and_colleagues_can_be_chosen(world, ben):
    for changes in ({"people": [str(world.engagements["joe"].id)]}, {"deputy": str(world.engagements["femi"].id)},
                    {"people": [str(uuid4())]}, {"deputy": "x"}):  # fmt: skip
        assert ben.post("/manager/cover", cover_form(world, **changes)).status_code == 422
    with within(world.as_worker.scope):
        assert not Delegation.objects.exists()
    assert "Hal" not in words(ben.get("/manager/cover?find=a"))


# Every page


def test_pages_ask_the_database_at_most_twelve_times(world, ben, copy):
    absent(world)
    referral = the_referral(world)
    (adjustment, *_) = the_adjustments(world)
    draft = a_draft(world)
    ben.get(f"/manager/advice/{copy.id}")
    facts.consume()  # the first opening is told to the worker, which notes it
    for path in ("/manager", "/manager/referrals", f"/manager/referrals/{referral.id}", "/manager/advice",
                 "/manager/cover", f"{draft}/why", f"{draft}/check", f"/manager/refer/{world.engagements['amara'].id}",
                 f"/manager/adjustments/{adjustment.id}", f"/manager/advice/{copy.id}"):  # fmt: skip
        asked = queries_of(ben, path)
        assert len(asked) <= MOST_QUERIES, f"{path}: {len(asked)}\n" + "\n".join(sql[:150] for sql in asked)


def test_somebody_without_the_role_finds_no_page(world):
    for who in ("amara", "nia", "sam"):
        assert signed_in(world, who).get("/manager").status_code == 404
    assert Client(HTTP_HOST="localhost").get("/manager").headers["Location"].startswith("/sign-in")
