"""Every hazard has live controls: each names a test, a constraint or a function that is really there."""

from __future__ import annotations

import pytest

from tools.hazards import exists, hazards

HAZARDS = hazards()


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.code)
def test_every_control_of_a_hazard_is_in_the_code(hazard):
    missing = [reference for _, by in hazard.controls for reference in by if not exists(reference)]
    assert hazard.controls
    assert missing == []


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.code)
def test_controls_lower_the_risk_to_what_can_be_accepted(hazard):
    assert hazard.after < hazard.before
    assert hazard.after <= 3


def test_a_control_that_does_not_exist_is_noticed():
    assert not exists("tests/pathway/test_risk.py::test_nothing_of_the_kind")
    assert not exists("constraint:no_such_constraint")
    assert not exists("openoh.pathway.risk.rules:no_such_function")


def test_the_codes_of_hazards_are_unique():
    assert len({hazard.code for hazard in HAZARDS}) == len(HAZARDS)
