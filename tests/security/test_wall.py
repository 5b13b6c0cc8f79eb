"""The wall in the database: every table, as every role, inside and outside its scope."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from openoh.foundation.core.actors import Audience, Scope
from openoh.foundation.core.scope import within
from openoh.foundation.core.wall import classification_of, classified_models

pytestmark = pytest.mark.django_db


def every_model_and_audience():
    for model in classified_models():
        for audience in Audience:
            yield model, audience


def readable(table: str) -> bool:
    """Whether the current role may select from the table at all."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')
    except ProgrammingError as error:
        assert "permission denied" in str(error)
        return False
    return True


def test_each_audience_reads_exactly_the_tables_that_the_classification_grants(world):
    wrong = []
    for model, audience in every_model_and_audience():
        granted = audience in classification_of(model).readers()
        with within(Scope(audience)):
            if readable(model._meta.db_table) is not granted:
                wrong.append((model._meta.db_table, audience.value, "granted" if granted else "not granted"))
    assert wrong == []


def test_without_a_scope_the_login_role_reads_sign_in_tables_only(world):
    open_tables = {m._meta.db_table for m in classified_models() if readable(m._meta.db_table)}
    assert open_tables == {m._meta.db_table for m in classified_models() if classification_of(m).door}
