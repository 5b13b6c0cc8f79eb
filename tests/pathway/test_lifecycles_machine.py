"""Any order of actions on one case, its appointment and its risk: only allowed moves happen, and none is lost.

Hypothesis acts at random; a model in a few lines says what must come of it.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from openoh.foundation.core import clock, facts
from openoh.foundation.core.actors import system_actor
from openoh.foundation.core.errors import OpenOHError
from openoh.foundation.core.scope import within
from openoh.pathway.cases import actions as cases
from openoh.pathway.cases.models import Case, CaseStep
from openoh.pathway.clinics import actions as clinics
from openoh.pathway.clinics.models import Appointment, AppointmentStep
from openoh.pathway.risk import actions as risk
from openoh.pathway.risk.models import RiskFlag, RiskStep
from tests.pathway.diary import WEDNESDAY, session

CLINICIANS = ("as_nurse", "as_physician")


def machine_of(world):
    """The machine for this world; each example rolls back what it did."""

    class Path(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.holding = clock.held_at(WEDNESDAY)
            self.holding.__enter__()
            self.rollback = transaction.atomic()
            self.rollback.__enter__()
            slots = session(world, clinician="nia", service="nurse", hours=3)
            self.slots = [slot.id for slot in slots]
            self.now = slots[-1].starts_at
            self.case = cases.open_case(
                by=world.as_nurse, person_id=world.amara.id, employer_id=world.trust.id, service="nurse",
                owner=world.users["nia"].id,
            )  # fmt: skip
            self.appointment = clinics.book(
                by=world.as_nurse, slot_id=self.slots[0], person_id=world.amara.id, case_id=self.case.id
            )
            self.flag = None
            self.states = {"case": "open", "appointment": "booked", "risk": None}
            self.owner = None
            self.reached = False

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.rollback.__exit__(None, None, None)
            self.holding.__exit__(None, None, None)

        def attempt(self, allowed, act):
            """Do it, and expect that it happens exactly when the model allows it."""
            try:
                with transaction.atomic():
                    act()
                happened = True
            except OpenOHError as told:
                assert str(told)
                happened = False
            assert happened is allowed
            return happened

        @rule(to=st.integers(1, 2))
        def move_appointment(self, to):
            with within(world.as_worker.scope):
                taken = Appointment.objects.exclude(state="cancelled").exclude(pk=self.appointment.pk)
                free = not taken.filter(slot=self.slots[to]).exists()
                same = Appointment.objects.get(pk=self.appointment.pk).slot_id == self.slots[to]
            if not same:
                self.attempt(
                    self.states["appointment"] == "booked" and free,
                    lambda: clinics.move(
                        by=world.as_amara, appointment_id=self.appointment.id, slot_id=self.slots[to]
                    ),
                )

        @rule(outcome=st.sampled_from(["arrived", "attended", "did-not-attend", "cancelled"]))
        def end_appointment(self, outcome):
            acts = {
                "arrived": clinics.mark_arrived, "attended": clinics.mark_attended,
                "did-not-attend": clinics.mark_did_not_attend, "cancelled": clinics.cancel,
            }  # fmt: skip
            before = {
                "arrived": ("booked",), "attended": ("booked", "arrived", "did-not-attend"),
                "did-not-attend": ("booked",), "cancelled": ("booked", "arrived"),
            }  # fmt: skip
            with clock.held_at(self.now + timedelta(minutes=5)):
                if self.attempt(
                    self.states["appointment"] in before[outcome],
                    lambda: acts[outcome](by=world.as_nurse, appointment_id=self.appointment.id),
                ):
                    self.states["appointment"] = outcome
                facts.consume()

        @rule()
        def raise_risk(self):
            if self.flag is None:
                self.flag = risk.raise_concern(
                    by=world.as_nurse, person_id=world.amara.id, employer_id=world.trust.id,
                    concern="any-thought", note="Heard it.",
                )  # fmt: skip
                self.states["risk"] = "raised"

        @rule(who=st.sampled_from(CLINICIANS), take_over=st.booleans())
        def acknowledge(self, who, take_over):
            if self.flag:
                mine = self.owner in (None, who)
                if self.attempt(
                    self.states["risk"] != "closed" and (mine or take_over),
                    lambda: risk.acknowledge(
                        by=getattr(world, who), flag_id=self.flag.id, take_over=take_over
                    ),
                ):
                    self.states["risk"], self.owner = "acknowledged", who

        @rule(who=st.sampled_from(CLINICIANS), reached=st.booleans())
        def contact(self, who, reached):
            allowed = self.states["risk"] in ("acknowledged", "contact-tried") or (
                self.states["risk"] == "contacted" and not reached
            )
            if self.flag and self.attempt(
                allowed,
                lambda: risk.record_contact(
                    by=getattr(world, who), flag_id=self.flag.id, reached=reached, note="Tried."
                ),
            ):
                self.states["risk"] = "contacted" if reached else "contact-tried"

        @rule(plan=st.sampled_from(["A plan.", "  "]))
        def close_risk(self, plan):
            if self.flag and self.attempt(
                self.states["risk"] == "contacted" and bool(plan.strip()),
                lambda: risk.close(by=world.as_nurse, flag_id=self.flag.id, plan=plan),
            ):
                self.states["risk"] = "closed"

        @rule(hours=st.integers(0, 72))
        def time_passes(self, hours):
            with clock.held_at(WEDNESDAY + timedelta(hours=hours)):
                risk.escalate_overdue(by=system_actor("watch"))

        @rule()
        def close_case(self):
            if self.attempt(
                self.states["case"] == "open" and self.states["risk"] in (None, "closed"),
                lambda: cases.close_case(by=world.as_nurse, case_id=self.case.id),
            ):
                self.states["case"] = "closed"

        @rule()
        def reopen_case(self):
            if self.attempt(
                self.states["case"] == "closed",
                lambda: cases.reopen(by=world.as_nurse, case_id=self.case.id),
            ):
                self.states["case"] = "open"

        @invariant()
        def what_is_kept_is_what_the_model_says(self):
            with within(world.as_worker.scope):
                kept = {
                    "case": Case.objects.get(pk=self.case.pk).state,
                    "appointment": Appointment.objects.get(pk=self.appointment.pk).state,
                    "risk": RiskFlag.objects.get(pk=self.flag.pk).state if self.flag else None,
                }
            assert kept == self.states

        @invariant()
        def the_newest_step_says_the_state(self):
            things = [(CaseStep, self.case), (AppointmentStep, self.appointment)]
            things += [(RiskStep, self.flag)] if self.flag else []
            with within(world.as_worker.scope):
                for step, thing in things:
                    newest = step.objects.filter(subject=thing.pk).order_by("id").last()
                    assert newest.state == type(thing).objects.get(pk=thing.pk).state

        @invariant()
        def a_closed_risk_had_a_contact_and_a_plan_and_an_open_one_is_never_forgotten(self):
            if self.flag:
                with within(world.as_worker.scope):
                    flag = RiskFlag.objects.get(pk=self.flag.pk)
                assert (flag.state == "closed") is (flag.closed_at is not None)
                assert flag.state != "closed" or (flag.contacted_at and flag.plan_sealed and flag.closed_by)
                assert flag.state == "raised" or flag.owner is not None

    return Path


def test_any_order_of_actions_keeps_the_lifecycles(world):
    run_state_machine_as_test(
        lambda: machine_of(world)(),
        settings=settings(
            max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
