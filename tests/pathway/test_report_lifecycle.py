"""Whatever anybody does in whatever order: nothing reaches a manager without a decision that allows it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from openoh.foundation.consent.models import Decision
from openoh.foundation.core import clock, facts
from openoh.foundation.core.errors import OpenOHError
from openoh.foundation.core.scope import within
from openoh.pathway.adjustments.models import Adjustment
from openoh.pathway.reports import actions
from openoh.pathway.reports.models import ReleasedReport, Report
from tests.stories import copies, open_case, opened, signed

pytestmark = pytest.mark.django_db


class Lifecycle(RuleBasedStateMachine):
    """Amara, Ben and Nia act on one report and its corrections at any time; time passes; the worker works.

    The model beside it is one word for each report: does her consent stand now?
    """

    world = None

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.start = clock.now()
        self.days = 0
        self.case = open_case(self.world)
        self.reports: list[Report] = []
        self.consented: dict = {}

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    def at(self):
        return clock.held_at(self.start + timedelta(days=self.days))

    def newest(self) -> Report:
        return self.reports[-1]

    def attempt(self, act, consent: bool | None = None) -> bool:
        """Try; when the service allows it, note what it does to her consent."""
        report = self.newest()
        with self.at(), suppress(OpenOHError):
            act(by=self.world.as_amara, report=report.id)
            if consent is not None:
                self.consented[report.id] = consent
            return True
        return False

    @precondition(lambda self: len(self.reports) < 4)
    @rule(consent=st.sampled_from(["", "given", "given-see-first", "declined"]))
    def write_and_sign(self, consent) -> None:
        old = self.reports[-1].id if self.reports else None
        with self.at(), suppress(OpenOHError):
            made = signed(self.world, self.case, replaces=old, consent_at_consultation=consent)
            self.reports.append(made)
            self.consented[made.id] = False

    @precondition(lambda self: self.reports)
    @rule()
    def see(self) -> None:
        self.attempt(actions.mark_seen)

    @precondition(lambda self: self.reports)
    @rule()
    def ask_for_correction(self) -> None:
        self.attempt(lambda **who: actions.ask_correction(**who, words="Not so."))

    @precondition(lambda self: self.reports)
    @rule()
    def agree(self) -> None:
        self.attempt(actions.agree, True)

    @precondition(lambda self: self.reports)
    @rule()
    def refuse(self) -> None:
        self.attempt(actions.refuse, False)

    @precondition(lambda self: self.reports)
    @rule(which=st.integers(0, 3))
    def take_back(self, which) -> None:
        report = self.reports[which % len(self.reports)]
        with self.at(), suppress(OpenOHError):
            actions.withdraw_consent(by=self.world.as_amara, report=report.id)
            self.consented[report.id] = False

    @rule(days=st.integers(1, 10))
    def time_passes(self, days) -> None:
        self.days += days

    @rule()
    def worker_works(self) -> None:
        with self.at():
            due = actions.release_after_silence(by=self.world.as_worker)
            for report in due:
                assert report.consent_at_consultation in ("given", "given-see-first")
                assert report.decide_by <= clock.now()
                assert report.seen_at
                self.consented[report.id] = True
            facts.consume()

    @invariant()
    def what_a_manager_can_read_was_agreed_and_stands(self) -> None:
        with self.at():
            for copy in copies(self.world.as_ben):
                readable = opened(self.world.as_ben, copy).copy is not None
                assert not readable or self.consented[copy.report_id]
            assert copies(self.world.as_dev) == []

    @invariant()
    def every_live_copy_names_a_decision_that_allows_it(self) -> None:
        with within(self.world.as_worker.scope):
            for copy in ReleasedReport.objects.filter(withdrawn_at=None).select_related("decision"):
                assert copy.decision.about_id == copy.report_id
                assert copy.decision.state in ("given", "given-see-first")
                newest = Decision.objects.filter(about_id=copy.report_id).order_by("-at", "-id")[0]
                assert newest.state not in ("declined", "withdrawn")

    @invariant()
    def a_manager_is_never_left_with_recommendations_of_advice_taken_back(self) -> None:
        with within(self.world.as_ben.scope):
            live = set(ReleasedReport.objects.filter(withdrawn_at=None).values_list("id", flat=True))
            assert set(Adjustment.objects.values_list("released_report_id", flat=True)) <= live


def test_nothing_reaches_a_manager_without_a_decision_that_allows_it(world):
    Lifecycle.world = world
    run_state_machine_as_test(
        Lifecycle,
        settings=settings(
            max_examples=25, stateful_step_count=15, deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )  # fmt: skip
