"""A figure is a number wherever a number is wanted, and says by which rules it was worked out."""

import copy
import json
import math

import pytest

from openoh.methods import absence, noise, queueing, value, vibration
from openoh.methods._figure import Figure

# (figure, number, rules)
FIGURES = [
    (vibration.a8([(5, 120)]), 2.5, "vibration/regulations-2005@1"),
    (vibration.points([(5, 180)]), 150, "vibration/regulations-2005@1"),
    (noise.lep_d([(85, 480)]), 85, "noise/regulations-2005@1"),
    (noise.lep_w([85] * 5), 85, "noise/regulations-2005@1"),
    (noise.points([(85, 480)]), 100, "noise/regulations-2005@1"),
    (value.discount_factor(1), 1 / 1.035, "value/discount-rates@1"),
    (absence.contracted_hours(37.5), 37.5 * 52.179 / 12, "absence/nhs-scotland@1"),
    (queueing.clinical_hours(1, hours_per_week=10, weeks_away=2, clinical_share=0.5), 250, "queueing/working-time@1"),
]  # fmt: skip


@pytest.mark.parametrize(("figure", "number", "rules"), FIGURES)
def test_a_figure_is_its_number_and_names_its_rules(figure: Figure, number: float, rules: str) -> None:
    assert figure.rule_version == rules
    assert isinstance(figure, float)
    assert figure == pytest.approx(number, rel=1e-3)
    assert figure == float(figure) == json.loads(json.dumps(figure))
    assert hash(figure) == hash(float(figure))
    assert repr(figure) == repr(float(figure))


def test_arithmetic_gives_plain_numbers() -> None:
    figure = vibration.a8([(5, 120)])
    for result in (figure * 2, figure + figure, round(figure, 1), math.sqrt(figure), sum([figure])):
        assert type(result) is float


def test_a_figure_never_changes() -> None:
    with pytest.raises(AttributeError, match="rule_version cannot be set"):
        vibration.a8([(5, 120)]).rule_version = "other"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_keeps_the_rules(copied) -> None:
    again = copied(Figure(2.5, "vibration/regulations-2005@1"))
    assert (again, again.rule_version) == (2.5, "vibration/regulations-2005@1")
