"""Who is told what on the way of a report, in words that name no health and no body."""

from __future__ import annotations

from datetime import timedelta

import pytest

from openoh.foundation.access.actions import delegate
from openoh.foundation.core import clock, facts
from openoh.foundation.core.scope import within
from openoh.foundation.notifications.models import Message
from openoh.pathway.outcomes.actions import ask_and_chase
from openoh.pathway.reports import actions as reports
from tests.stories import open_case, signed

pytestmark = pytest.mark.django_db


def told(world) -> list[tuple]:
    with within(world.as_worker.scope):
        rows = Message.objects.order_by("id").values_list("template", "person_id", "engagement_id")
        return [row for row in rows if row[0] in TEMPLATES]


TEMPLATES = ("document-to-check", "document-released", "how-it-went", "answer-needed", "stand-in-named")


def test_the_person_checks_the_manager_reads_and_both_are_asked_later(world):
    amara, ben = world.amara.id, world.engagements["ben"].id
    report = signed(world, open_case(world))
    facts.consume()
    reports.agree(by=world.as_amara, report=report.id)
    facts.consume()
    assert told(world) == [("document-to-check", amara, None), ("document-released", None, ben)]
    with clock.held_at(clock.now() + timedelta(days=28)):
        ask_and_chase(by=world.as_worker)
        facts.consume()
    assert set(told(world)[2:]) == {("how-it-went", amara, None), ("answer-needed", None, ben)}


def test_nothing_is_said_to_a_manager_whose_report_was_taken_back_first(world):
    report = signed(world, open_case(world))
    reports.agree(by=world.as_amara, report=report.id)
    reports.withdraw_consent(by=world.as_amara, report=report.id)
    facts.consume()
    assert [template for template, _, _ in told(world)] == []  # what was to be checked is past, too


def test_the_person_is_told_who_stands_in(world):
    delegate(
        by=world.as_ben, deputy=world.engagements["dev"].id, people=[world.engagements["amara"].id],
        starts_on=clock.today(), ends_on=clock.today(),
    )  # fmt: skip
    facts.consume()
    assert told(world) == [("stand-in-named", world.amara.id, None)]
