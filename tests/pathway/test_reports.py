"""A report from draft to the named manager, as stories and as attacks."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from openoh.foundation.access.actions import declare_relation, delegate
from openoh.foundation.audit.models import Reading
from openoh.foundation.consent.models import Decision
from openoh.foundation.core import clock, facts
from openoh.foundation.core.errors import Conflict, Invalid, NotAllowed
from openoh.foundation.core.models import Fact
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.models import Message
from openoh.foundation.people.models import Engagement
from openoh.pathway.cases.actions import plan_next_step
from openoh.pathway.cases.models import Case
from openoh.pathway.clinics.models import Clinician
from openoh.pathway.referrals.models import Referral
from openoh.pathway.referrals.rules import NO_ADVICE
from openoh.pathway.reports import actions, consumers, queries
from openoh.pathway.reports.models import ReleasedReport, Report
from openoh.pathway.reports.rules import Recommendation
from tests.outside_data import CHECKOUT
from tests.stories import advice, copies, leave, name_recipient, open_case, opened, released, signed, state_of

pytestmark = pytest.mark.django_db


def after_window():
    return clock.held_at(clock.now() + timedelta(days=10))


def consume() -> None:
    facts.consume()


def referral_state(world) -> str:
    with within(world.as_worker.scope):
        return Referral.objects.get().state


# Writing and signing


def test_the_manager_gets_exactly_the_copy_that_the_person_saw(world):
    report = signed(world, open_case(world), words="Half days at first.")
    actions.comment(by=world.as_amara, report=report.id, words="I would like mornings.")
    amara = world.as_amara
    with within(amara.scope):
        _, shown = queries.open_report(amara, report.id)
    actions.agree(by=world.as_amara, report=report.id)
    consume()
    (copy,) = copies(world.as_ben)
    got = opened(world.as_ben, copy).copy
    assert (got.words, got.comment) == ("Half days at first.", "I would like mornings.")
    assert got.recommendations == shown.recommendations
    assert [each["words"] for each in got.recommendations] == ["No night shifts", "Extra or longer breaks"]
    assert got.answers == [
        {"code": "return-date", "question": "When are they likely to be back, and what should I expect?",
         "answer": "In two weeks, in steps."}
    ]  # fmt: skip
    assert "codes/fitness/1" in got.content_versions
    assert got.author == "Nia Bevan, Registered, NMC 003nia"
    assert referral_state(world) == "advised"


def test_words_are_sealed_in_the_draft(world):
    report = signed(world, open_case(world), words="A secret diagnosis.")
    for sealed in (report.words_sealed, report.answers_sealed):
        assert b"secret" not in bytes(sealed)
        assert b"two weeks" not in bytes(sealed)


def test_the_person_does_not_see_a_draft(world):
    draft = actions.begin(by=world.as_nurse, case=open_case(world).id)
    with within(world.as_amara.scope):
        assert not Report.objects.exists()
    with pytest.raises(Report.DoesNotExist):
        actions.mark_seen(by=world.as_amara, report=draft.id)


def test_an_incomplete_report_is_not_signed(world):
    draft = actions.begin(by=world.as_nurse, case=open_case(world).id)
    with pytest.raises(Invalid, match="Choose what you advise"):
        actions.sign(by=world.as_nurse, report=draft.id, revision=0)
    draft = actions.save(by=world.as_nurse, report=draft.id, revision=0, advice=advice(recommendations=[]))
    with pytest.raises(Invalid, match="at least one adjustment"):
        actions.sign(by=world.as_nurse, report=draft.id, revision=1)


@pytest.mark.parametrize(
    "change",
    [{"outcome": "FINE"}, {"recommendations": [Recommendation("a-pony")]}, {"answers": {"diagnosis": "flu"}},
     {"equality_opinion": "perhaps"}],
)  # fmt: skip
def test_an_unknown_code_is_answered(world, change):
    draft = actions.begin(by=world.as_nurse, case=open_case(world).id)
    with pytest.raises(Invalid):
        actions.save(by=world.as_nurse, report=draft.id, revision=0, advice=advice(**change))


def test_who_saves_second_is_told(world):
    draft = actions.begin(by=world.as_nurse, case=open_case(world).id)
    actions.save(by=world.as_nurse, report=draft.id, revision=0, advice=advice())
    with pytest.raises(Conflict, match="changed this report"):
        actions.save(by=world.as_physician, report=draft.id, revision=0, advice=advice())


def test_a_permanent_outcome_needs_a_physician(world):
    case = open_case(world)
    permanent = {"outcome": "UNFIT_P_ROLE", "recommendations": [], "words": "The role asks for lifting."}
    with pytest.raises(NotAllowed, match="Only a physician"):
        signed(world, case, **permanent)
    assert signed(world, case, by=world.as_physician, **permanent).state == "with-person"


@pytest.mark.parametrize("until", [None, -1])
def test_without_a_registration_in_date_nothing_is_signed(world, until):
    case = open_case(world)
    draft = actions.begin(by=world.as_nurse, case=case.id)
    actions.save(by=world.as_nurse, report=draft.id, revision=0, advice=advice())
    day = None if until is None else clock.today() + timedelta(days=until)
    with within(world.as_worker.scope):
        Clinician.objects.filter(pk=world.clinicians["nia"].pk).update(registered_until=day)
    with pytest.raises(NotAllowed, match="registration is not in date"):
        actions.sign(by=world.as_nurse, report=draft.id, revision=1)


def test_the_window_is_counted_in_working_days(world):
    case = open_case(world)
    with clock.held_at(
        datetime(2026, 4, 2, 10, tzinfo=UTC)
    ):  # Maundy Thursday; Friday and Monday are holidays
        report = signed(world, case)
        assert report.decide_by == datetime(2026, 4, 8, 16, tzinfo=UTC)  # Wednesday 17:00 in summer time
    draft = actions.begin(by=world.as_nurse, case=case.id)
    actions.save(by=world.as_nurse, report=draft.id, revision=0, advice=advice())
    for days in (1, 6):
        with pytest.raises(Invalid, match="2 to 5 working days"):
            actions.sign(by=world.as_nurse, report=draft.id, revision=1, window_days=days)


# Deciding


def test_nothing_goes_before_the_person_agreed(world):
    report = signed(world, open_case(world))
    consume()
    assert copies(world.as_ben) == []
    assert state_of(world, report) == "with-person"


def test_refused_means_nothing_goes_and_the_manager_reads_the_neutral_sentence(world):
    report = signed(world, open_case(world))
    actions.refuse(by=world.as_amara, report=report.id)
    consume()
    assert copies(world.as_ben) == []
    assert referral_state(world) == "no-advice"


def test_a_refusal_can_be_thought_over(world):
    report = signed(world, open_case(world))
    actions.refuse(by=world.as_amara, report=report.id)
    actions.agree(by=world.as_amara, report=report.id)
    consume()
    assert len(copies(world.as_ben)) == 1
    assert referral_state(world) == "advised"


@pytest.mark.parametrize(
    ("consent", "seen", "treating", "goes"),
    [
        ("given", True, False, True), ("given", False, False, False), ("given", True, True, False),
        ("given-see-first", True, False, True), ("given-see-first", False, False, False),
        ("declined", True, False, False), ("", True, False, False),
    ],
)  # fmt: skip
def test_what_silence_releases(world, consent, seen, treating, goes):
    case = open_case(world, treating_relationship=treating)
    report = signed(world, case, consent_at_consultation=consent)
    if seen:
        actions.mark_seen(by=world.as_amara, report=report.id)
    actions.release_after_silence(by=world.as_worker)
    assert state_of(world, report) == "with-person"  # the window is still open
    with after_window():
        actions.release_after_silence(by=world.as_worker)
        consume()
        assert len(copies(world.as_ben)) == int(goes)


def test_an_unopened_report_is_never_released_by_silence(world):
    """However long it takes, and once only: the person is reminded in neutral words, the clinician gets a task."""
    report = signed(world, open_case(world), consent_at_consultation="given")
    with after_window():
        for _ in range(2):
            consumers.end_windows()
            consume()
        assert state_of(world, report) == "with-person"
        with within(world.as_worker.scope):
            reminders = Message.objects.filter(template="document-waits")
            assert [(each.person_id, each.values["link"]) for each in reminders] == [
                (world.amara.pk, f"/me/reports/{report.id}")
            ]
            case = Case.objects.get(pk=report.case_id)
        assert (case.next_step, case.next_step_on) == ("report-unopened", clock.today())


def test_a_step_that_is_due_already_is_not_overwritten(world):
    case = open_case(world)
    signed(world, case, consent_at_consultation="given")
    plan_next_step(by=world.as_nurse, case_id=case.pk, step="review", on=clock.today())
    with after_window():
        consumers.end_windows()
        consume()
        with within(world.as_worker.scope):
            assert Case.objects.get(pk=case.pk).next_step == "review"


def test_who_opens_late_has_time_to_read(world):
    """Opened after the window: silence counts from the opening, so the next tick releases nothing."""
    report = signed(world, open_case(world), consent_at_consultation="given")
    with after_window():
        opened_late = actions.mark_seen(by=world.as_amara, report=report.id)
        assert opened_late.decide_by >= clock.now() + timedelta(days=1)
        actions.release_after_silence(by=world.as_worker)
        assert state_of(world, report) == "with-person"
    with clock.held_at(opened_late.decide_by + timedelta(minutes=1)):
        actions.release_after_silence(by=world.as_worker)
        consume()
        assert len(copies(world.as_ben)) == 1


def test_silence_releases_nothing_while_a_correction_is_asked_for(world):
    report = signed(world, open_case(world), consent_at_consultation="given")
    actions.ask_correction(by=world.as_amara, report=report.id, words="I work on ward A1, not B2.")
    with after_window():
        actions.release_after_silence(by=world.as_worker)
        consume()
        assert copies(world.as_ben) == []


def test_a_correction_replaces_the_report_that_was_wrong(world):
    case = open_case(world)
    wrong = signed(world, case, words="She works on B2.")
    actions.ask_correction(by=world.as_amara, report=wrong.id, words="I work on ward A1.")
    right = signed(world, case, replaces=wrong.id, words="She works on A1.")
    assert state_of(world, wrong) == "replaced"
    with pytest.raises(Conflict):
        actions.agree(by=world.as_amara, report=wrong.id)
    actions.agree(by=world.as_amara, report=right.id)
    consume()
    assert [copy.words for copy in copies(world.as_ben)] == ["She works on A1."]


def test_a_correction_of_a_released_report_leads_the_manager_to_the_new_one(world):
    case = open_case(world)
    old = released(world, case)
    new = signed(world, case, replaces=old.id, words="Newer.")
    assert state_of(world, old) == "released"
    actions.agree(by=world.as_amara, report=new.id)
    consume()
    first, second = copies(world.as_ben)
    assert state_of(world, old) == "replaced"
    assert opened(world.as_ben, first).newer == second.id
    assert opened(world.as_ben, second).copy.words == "Newer."


def test_a_correction_is_written_by_one_at_a_time(world):
    old = released(world)
    actions.begin(by=world.as_nurse, case=old.case_id, replaces=old.id)
    with pytest.raises(Conflict, match="already writing"):
        actions.begin(by=world.as_physician, case=old.case_id, replaces=old.id)


def test_kept_as_written_with_the_persons_words_beside_it(world):
    report = signed(world, open_case(world))
    actions.ask_correction(by=world.as_amara, report=report.id, words="I never said so.")
    actions.keep_as_written(by=world.as_nurse, report=report.id)
    actions.agree(by=world.as_amara, report=report.id)
    consume()
    assert [copy.comment for copy in copies(world.as_ben)] == ["I never said so."]


def test_every_decision_is_kept_with_its_ground(world):
    report = signed(world, open_case(world), consent_at_consultation="given-see-first")
    actions.agree(by=world.as_amara, report=report.id)
    consume()
    actions.withdraw_consent(by=world.as_amara, report=report.id)
    with within(world.as_amara.scope):
        kept = list(Decision.objects.order_by("at", "id").values_list("state", "ground", "recorded_by"))
    assert kept == [
        ("given-see-first", "consent", "Nia Bevan"), ("given", "consent", "Amara Okafor"),
        ("withdrawn", "consent", "Amara Okafor"),
    ]  # fmt: skip
    with pytest.raises(ProgrammingError, match="permission denied"), within(world.as_amara.scope):
        Decision.objects.update(state="given")


# Consent taken back


def test_consent_taken_back_closes_the_copy_at_once(world):
    report = released(world)
    (copy,) = copies(world.as_ben)
    actions.withdraw_consent(by=world.as_amara, report=report.id)
    read = opened(world.as_ben, copy)  # before any worker has done anything
    assert (read.words, read.copy) == (NO_ADVICE, None)
    consume()
    assert referral_state(world) == "no-advice"


def test_consent_taken_back_before_the_worker_came_sends_nothing(world):
    report = signed(world, open_case(world))
    actions.agree(by=world.as_amara, report=report.id)
    actions.withdraw_consent(by=world.as_amara, report=report.id)
    consume()
    assert copies(world.as_ben) == []


def test_the_manager_reads_the_same_whatever_the_cause(world):
    case = open_case(world)
    refused = signed(world, case)
    actions.refuse(by=world.as_amara, report=refused.id)
    consume()
    after_refusal = referral_state(world)
    unable = signed(
        world, case, outcome="UNABLE", unable_reason="no-consent", recommendations=[],
        words="She did not agree to the examination.", answers={"return-date": "I may not say."},
    )  # fmt: skip
    actions.agree(by=world.as_amara, report=unable.id)
    consume()
    (copy,) = copies(world.as_ben)
    assert after_refusal == referral_state(world) == "no-advice"
    assert (copy.words, copy.answers, copy.comment) == ("", [], "")


# Who gets it


def test_after_the_persons_own_request_no_manager_gets_a_report(world):
    report = signed(world, open_case(world, referred=False), consent_at_consultation="given")
    with pytest.raises(Conflict, match="nothing to agree to"):
        actions.agree(by=world.as_amara, report=report.id)
    with after_window():
        actions.release_after_silence(by=world.as_worker)
        consume()
    with within(world.as_worker.scope):
        assert not ReleasedReport.objects.exists()


def test_only_the_named_get_it_and_an_excluded_manager_never(world):
    case = open_case(world)
    name_recipient(world, case, "gita")
    name_recipient(world, case, "ben", excluded=True)
    released(world, case)
    assert copies(world.as_ben) == []
    assert len(copies(world.actor("gita", "manager"))) == 1


def test_a_departed_manager_gets_nothing_and_the_clinician_is_asked_to_name_somebody(world):
    case = open_case(world)
    report = signed(world, case)
    leave(world, "ben")
    actions.agree(by=world.as_amara, report=report.id)
    consume()
    nurse = world.as_nurse
    with within(nurse.scope):
        assert not ReleasedReport.objects.exists()
        assert Case.objects.get().next_step == "name-recipient"
        assert list(queries.without_recipient(nurse)) == [report]
    name_recipient(world, case, "gita")
    actions.retry_release(by=world.as_nurse, report=report.id)
    consume()
    assert len(copies(world.actor("gita", "manager"))) == 1


def test_a_manager_who_no_longer_leads_the_person_gets_nothing(world):
    report = signed(world, open_case(world))
    with within(world.as_worker.scope):
        Engagement.objects.filter(pk=world.engagements["amara"].pk).update(manager=world.engagements["dev"])
    actions.agree(by=world.as_amara, report=report.id)
    consume()
    assert copies(world.as_ben) == copies(world.as_dev) == []
    assert state_of(world, report) == "to-release"


def test_a_manager_who_has_left_opens_nothing_any_more(world):
    released(world)
    (copy,) = copies(world.as_ben)
    leave(world, "ben")
    assert copies(world.as_ben) == []
    with pytest.raises(ReleasedReport.DoesNotExist):
        opened(world.as_ben, copy)


def test_a_person_who_moves_employer_takes_no_report_along(world):
    case = open_case(world)
    report = signed(world, case)
    with within(world.as_worker.scope):
        Engagement.objects.filter(person=world.amara).update(ends_on=clock.today() - timedelta(days=1))
        moved = Engagement.objects.create(
            employer=world.practice, number="GML-amara", person=world.amara, provider=world.provider,
            given_name="Amara", family_name="Okafor", starts_on=clock.today(), manager=world.engagements["ella"],
        )  # fmt: skip
    name_recipient(world, case, "ella")  # even when somebody names the new manager by mistake
    actions.agree(by=world.as_amara, report=report.id)
    consume()
    with within(world.as_worker.scope):
        assert not ReleasedReport.objects.exists()
        assert Report.objects.get().employer_id == world.trust.id != moved.employer_id


def test_a_deputy_reads_no_report_that_was_released_before(world):
    released(world)
    delegate(
        by=world.as_ben, deputy=world.engagements["dev"].id, people=[world.engagements["amara"].id],
        starts_on=clock.today(), ends_on=clock.today(),
    )  # fmt: skip
    assert copies(world.as_dev) == []


# Attacks


def test_another_manager_who_guesses_the_address_finds_nothing(world):
    released(world)
    (copy,) = copies(world.as_ben)
    for name in ("dev", "gita"):
        with pytest.raises(ReleasedReport.DoesNotExist):
            opened(world.actor(name, "manager"), copy)
        with within(world.actor(name, "manager").scope):
            assert not ReleasedReport.objects.exists()
    with pytest.raises(NotAllowed):
        opened(world.as_hr, copy)


def test_an_employers_role_is_denied_the_drafts_and_the_decisions(world):
    report = released(world)
    for model in (Report, Decision, Case):
        with pytest.raises(ProgrammingError, match="permission denied"), within(world.as_ben.scope):
            list(model.objects.all())
    with pytest.raises(ProgrammingError, match="permission denied"), within(world.as_ben.scope):
        ReleasedReport.objects.filter(report_id=report.id).update(withdrawn_at=None)


def test_the_person_can_withdraw_a_copy_but_neither_alter_nor_make_one(world):
    report = released(world)
    amara, copies_of_it = world.as_amara, ReleasedReport.objects.filter(report_id=report.id)
    with pytest.raises(ProgrammingError, match="row-level security"), within(amara.scope):
        copies_of_it.update(words="Fit for everything.")


def test_no_copy_exists_without_a_decision(world):
    report = released(world)
    with within(world.as_worker.scope), pytest.raises(IntegrityError), transaction.atomic():
        ReleasedReport.objects.filter(report_id=report.id).update(decision=None)


def test_another_provider_and_a_declared_friend_find_no_report(world):
    report = signed(world, open_case(world))
    with within(world.as_other_nurse.scope):
        assert not Report.objects.exists()
    declare_relation(by=world.as_physician, person=world.amara.id)
    with pytest.raises(Case.DoesNotExist):
        actions.begin(by=world.as_physician, case=report.case_id)


def test_a_manager_and_another_person_decide_nothing(world):
    report = signed(world, open_case(world))
    with pytest.raises(NotAllowed):
        actions.agree(by=world.as_ben, report=report.id)
    with pytest.raises(Report.DoesNotExist):
        actions.agree(by=world.as_femi, report=report.id)


def test_opening_is_recorded_for_the_person_to_see_and_noted_once(world):
    released(world)
    (copy,) = copies(world.as_ben)
    opened(world.as_ben, copy)
    opened(world.as_ben, copy)
    consume()
    with within(world.as_amara.scope):
        assert (
            list(Reading.objects.values_list("actor", "page"))
            == [("Ben Carter", "manager: released report")] * 2
        )
    assert copies(world.as_ben)[0].opened_at is not None


# Without consent, on another ground


def test_an_override_needs_a_ground_and_for_public_interest_somebody_else(world):
    report = signed(world, open_case(world))
    actions.refuse(by=world.as_amara, report=report.id)
    nia, omar = world.users["nia"].id, world.users["omar"].id
    with pytest.raises(Invalid, match="legal ground"):
        actions.override(by=world.as_nurse, report=report.id, ground="consent", authorised_by=omar)
    with pytest.raises(Invalid, match="authorised"):
        actions.override(
            by=world.as_nurse, report=report.id, ground="legal-duty", authorised_by=world.users["ben"].id
        )
    with pytest.raises(NotAllowed, match="Somebody else"):
        actions.override(by=world.as_nurse, report=report.id, ground="public-interest", authorised_by=nia)
    actions.override(by=world.as_nurse, report=report.id, ground="public-interest", authorised_by=omar)
    consume()
    assert len(copies(world.as_ben)) == 1
    with within(world.as_amara.scope):
        newest = Decision.objects.order_by("-at", "-id")[0]
        assert (newest.ground, newest.authorised_by) == ("public-interest", "Omar Haddad")
    with pytest.raises(Conflict, match="another legal ground"):
        actions.withdraw_consent(by=world.as_amara, report=report.id)


# Seams


def test_each_release_tells_later_floors_once(world):
    released(world)
    consume()
    with within(world.as_worker.scope):
        assert Fact.objects.filter(kind="report.waiting-for-person").count() == 1
        (fact,) = Fact.objects.filter(kind="report.released")
        assert fact.data["recipient"] == str(world.engagements["ben"].id)


def test_what_managers_import_never_imports_a_draft():
    program = (
        "import django, sys; django.setup = lambda *a, **k: None\n"
        "import ast, pathlib\n"
        "seen, todo = set(), ['openoh.pathway.reports.released', 'openoh.pathway.reports.opening', "
        "'openoh.pathway.reports.holding']\n"
        "while todo:\n"
        "    name = todo.pop()\n"
        "    if name in seen or not name.startswith('openoh'): continue\n"
        "    path = pathlib.Path(name.replace('.', '/'))\n"
        "    file = path.with_suffix('.py') if path.with_suffix('.py').exists() else path / '__init__.py'\n"
        "    if not file.exists(): continue\n"
        "    seen.add(name)\n"
        "    for node in ast.walk(ast.parse(file.read_text())):\n"
        "        if isinstance(node, ast.Import): todo += [a.name for a in node.names]\n"
        "        if isinstance(node, ast.ImportFrom):\n"
        "            todo += [node.module] + [f'{node.module}.{a.name}' for a in node.names]\n"
        "print('\\n'.join(sorted(seen)))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    modules = set(found.stdout.split())
    assert "openoh.pathway.reports.released" in modules
    forbidden = ("openoh.pathway.reports.models", "openoh.pathway.reports.record", "openoh.pathway.cases",
                 "openoh.pathway.consultations", "openoh.pathway.requests")  # fmt: skip
    assert {module for module in modules if module.startswith(forbidden)} == set()
