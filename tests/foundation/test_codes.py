"""Catalogues of codes, against the published list of absence reasons and against the tables of the advice."""

from __future__ import annotations

import csv

import pytest

from openoh.foundation.codes import catalogue
from openoh.foundation.core.errors import Invalid
from tests.outside_data import outside_data

EVERY_CATALOGUE = [
    "absence-reason", "absence-group", "staff-group", "staff-broad-group", "referral-reason", "role-demand",
    "referral-question", "formal-stage", "already-tried", "return-reason", "fitness-outcome", "unable-reason",
    "restriction", "adjustment", "adjustment-group", "answer-reason", "end-reason", "work-relatedness",
    "prognosis",
    "equality-opinion", "release-consent", "need", "effect", "wish", "outcome-work", "outcome-health",
    "outcome-useful",
]  # fmt: skip


def published_reasons() -> dict[str, str]:
    with outside_data("reference", "esr_sickness_reasons.csv").open(encoding="utf-8-sig") as file:
        return {row["code"]: row["description"] for row in csv.DictReader(file)}


def test_absence_reasons_are_the_published_ones_letter_for_letter():
    ours = {code.code: code.label for code in catalogue.codes("absence-reason").values()}
    assert ours == published_reasons()
    assert len(ours) == 25


@pytest.mark.parametrize("name", EVERY_CATALOGUE)
def test_every_catalogue_has_plain_words_that_differ(name):
    words = [words for _, words in catalogue.choices(name)]
    assert len(words) == len(set(words)) > 1


@pytest.mark.parametrize(
    ("name", "groups"),
    [("absence-reason", "absence-group"), ("adjustment", "adjustment-group"),
     ("staff-group", "staff-broad-group")],
)  # fmt: skip
def test_every_group_is_a_code_of_its_own(name, groups):
    used = {code.group for code in catalogue.codes(name).values()}
    assert used <= set(catalogue.codes(groups))


def test_the_law_is_said_for_every_group_of_adjustments():
    for group in catalogue.codes("adjustment-group").values():
        assert str(group.extra["law"]).endswith(".")


def test_referral_questions_are_numbered_one_to_ten():
    numbers = [code.extra["number"] for code in catalogue.codes("referral-question").values()]
    assert numbers == list(range(1, 11))


def test_an_unknown_code_crashes_with_its_name_and_its_catalogue():
    with pytest.raises(catalogue.UnknownCode, match=r"'S11x' is not a code of 'absence-reason'.*S11"):
        catalogue.words("absence-reason", "S11x")


def test_an_unknown_catalogue_crashes_with_its_name():
    with pytest.raises(catalogue.UnknownCatalogue, match="reasons-of-absence"):
        catalogue.codes("reasons-of-absence")


def test_what_somebody_chose_is_put_in_order_and_a_stranger_is_answered():
    assert catalogue.checked("wish", ["advice", "talk", "advice"], field="wishes") == ["talk", "advice"]
    with pytest.raises(Invalid) as refusal:
        catalogue.checked("wish", ["talk", "a pony"], field="wishes")
    assert refusal.value.field == "wishes"


def test_a_code_names_the_version_that_it_was_read_from():
    assert catalogue.version("fitness-outcome") == "codes/fitness/1"
