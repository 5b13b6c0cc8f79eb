"""Throw generated requests at every operation: no 500, no undeclared answer, nothing of another tenant."""

from __future__ import annotations

import json
import warnings

import pytest
import schemathesis
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from openoh.exchange.api.operations import api
from tests.signing_in import client_of

pytestmark = pytest.mark.django_db

SCHEMA = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/"))
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
WHO = {"recordAbsence": "cara", "listImports": "cara", "ownPassport": "amara"}
OTHERS = ("Femi", "Adeyemi")


def name_of(operation) -> str:
    return operation.definition.raw["operationId"]


def send(client, case):
    path = case.formatted_path
    body = {} if isinstance(case.body, schemathesis.core.NotSet) else case.body
    query = dict((case.query or {}).items())
    return client.generic(
        case.method.upper(), path, json.dumps(body), content_type="application/json", query_params=query
    )


def fuzz(world, operation, examples: int) -> None:
    client = client_of(world, WHO.get(name_of(operation), "nia"))
    declared = {int(status) for status in operation.definition.raw["responses"]}

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def attack(data):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the generator's, about shapes it cannot make
            case = data.draw(operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE))
        with transaction.atomic():
            response = send(client, case)
            transaction.set_rollback(True)
        cache.clear()  # the limit on guesses is tested elsewhere
        assert response.status_code in declared, (
            case.formatted_path,
            response.status_code,
            response.content[:300],
        )
        assert not any(word in response.content.decode() for word in OTHERS)

    attack()


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_generated_requests_get_declared_answers(world, operation):
    fuzz(world, operation, 25)


@pytest.mark.long
@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_ten_thousand_generated_requests_get_declared_answers(world, operation):
    fuzz(world, operation, 10_000 // len(OPERATIONS) + 1)
