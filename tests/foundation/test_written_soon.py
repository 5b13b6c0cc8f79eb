"""Rows that wait for the next statement: together, in the same transaction, as the same role, or not at all."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from openoh.foundation.audit.actions import action, record
from openoh.foundation.audit.models import Event, Reading
from openoh.foundation.core import facts
from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.identifiers import new_id
from openoh.foundation.core.models import Delivery, Fact
from openoh.foundation.core.postgresql.base import here, write_soon
from openoh.foundation.core.scope import undone_on_error, within

WORKER = Scope(Audience.WORKER)


def test_identifiers_made_one_after_another_sort_in_that_order():
    made = [new_id() for _ in range(2_000)]
    assert made == sorted(made)
    assert {identifier.version for identifier in made} == {7}
    assert len(set(made)) == len(made)


def verbs() -> list[str]:
    with within(WORKER):
        return list(Event.objects.order_by("id").values_list("verb", flat=True))


@pytest.mark.django_db
def test_what_waits_goes_in_one_statement(world):
    nurse = world.as_nurse
    with within(nurse.scope):
        with CaptureQueriesContext(connection) as captured:
            facts.append("offer.decided", uuid4(), provider=nurse.provider, person=world.amara.id)
            record(by=nurse, verb="first.done")
            record(by=nurse, verb="second.done")
        assert captured.captured_queries == []
        with CaptureQueriesContext(connection) as captured:
            here().write_what_waits()
        assert len(captured.captured_queries) == 1
    with within(WORKER):
        fact = Fact.objects.get(kind="offer.decided")
        told = set(Delivery.objects.filter(fact=fact).values_list("consumer", flat=True))
    assert told == set(facts.consumers_of("offer.decided"))
    assert verbs()[-2:] == ["first.done", "second.done"]


@pytest.mark.django_db
def test_whoever_looks_next_sees_what_waited(world):
    with within(WORKER):
        before = Event.objects.count()
        record(by=world.as_worker, verb="thing.done")
        assert Event.objects.count() == before + 1


@pytest.mark.django_db
def test_a_savepoint_takes_along_what_came_after_it_and_nothing_else(world):
    with within(WORKER):
        record(by=world.as_worker, verb="kept.done")
        with pytest.raises(RuntimeError), transaction.atomic():
            record(by=world.as_worker, verb="lost.done")
            raise RuntimeError
        record(by=world.as_worker, verb="after.done")
    assert verbs()[-2:] == ["kept.done", "after.done"]


@pytest.mark.django_db
def test_what_waits_is_written_in_the_role_that_it_was_made_in(world):
    """The worker may add any reading, an insight reader none: neither role lends the other its rights."""
    reading = Reading(actor="somebody", role="insight", page="p", person_ids=[world.amara.id])
    with pytest.raises(ProgrammingError, match="permission denied"), within(Scope(Audience.INSIGHT)):
        write_soon(reading)
        with within(WORKER):
            pass


@pytest.mark.django_db
def test_a_row_that_is_refused_takes_the_whole_scope_along(world):
    event = Event(actor="a", role="system", verb="thing.done", target="", target_id="")
    with pytest.raises(IntegrityError), within(WORKER):
        record(by=world.as_worker, verb="first.done")
        write_soon(event)
        here().write_what_waits()
        write_soon(event)
    assert "first.done" not in verbs()


@pytest.mark.django_db
def test_all_or_nothing_even_when_somebody_catches_the_error(world):
    nurse = world.as_nurse

    @action("half.done")
    def half(*, by):
        record(by=by, verb="inner.done")
        raise ValueError

    with pytest.raises(transaction.TransactionManagementError), within(nurse.scope, whole=True):
        record(by=nurse, verb="outer.done")
        with pytest.raises(ValueError):
            half(by=nurse)
        record(by=nurse, verb="later.done")
        here().write_what_waits()
    assert not {"outer.done", "inner.done", "later.done"} & set(verbs())


@pytest.mark.django_db
def test_an_error_that_is_caught_inside_undoes_the_block_alone(world):
    with within(WORKER):
        with pytest.raises(ValueError), undone_on_error():
            record(by=world.as_worker, verb="inner.done")
            raise ValueError
        record(by=world.as_worker, verb="outer.done")
    assert verbs()[-1] == "outer.done"
    assert "inner.done" not in verbs()


def test_a_commit_has_what_waited(committed_world):
    nurse = committed_world.as_nurse
    with within(nurse.scope):
        record(by=nurse, verb="thing.done")
    connection.close()
    assert verbs()[-1] == "thing.done"


def test_outside_a_transaction_nothing_waits(committed_world):
    with pytest.raises(ProgrammingError, match="permission denied"):
        record(by=committed_world.as_nurse, verb="thing.done")
    assert not here().soon
