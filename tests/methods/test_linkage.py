"""Linkage against records with known truth, stated rules and bad input."""

import csv
import math
import sys
from collections import defaultdict
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openoh.methods.linkage import Links, deduplicate, link, linkage_rules
from openoh.methods.linkage.records import spelling
from tests.outside_data import outside_data

NAMES_AND_PLACES = ("given_name", "surname", "date_of_birth", "postcode", "suburb")
ALL_FIELDS = (*NAMES_AND_PLACES, "street_number", "address_1", "address_2", "state", "soc_sec_id")


def rows(name: str) -> list[dict[str, str]]:
    with outside_data("record-linkage", name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def recall_and_precision(links: Links, truth: set[frozenset[str]]) -> tuple[float, float]:
    found = {frozenset((pair.left_id, pair.right_id)) for pair in links.pairs}
    return len(found & truth) / len(truth), len(found & truth) / len(found)


@pytest.fixture(scope="module")
def employers() -> Links:
    return link(
        rows("febrl4_employer_a.csv"), rows("febrl4_employer_b.csv"), key="rec_id", on=NAMES_AND_PLACES
    )


def true_links(name: str) -> set[frozenset[str]]:
    return {frozenset((row["rec_a"], row["rec_b"])) for row in rows(name)}


@pytest.mark.parametrize(("fields", "floor"), [(ALL_FIELDS, 0.99), (NAMES_AND_PLACES, 0.97)])
def test_the_same_people_in_two_employers(fields: tuple[str, ...], floor: float) -> None:
    links = link(rows("febrl4_employer_a.csv"), rows("febrl4_employer_b.csv"), key="rec_id", on=fields)
    recall, precision = recall_and_precision(links, true_links("febrl4_true_links.csv"))
    assert recall >= floor
    assert precision >= 0.995


@pytest.mark.parametrize(("fields", "floor"), [(ALL_FIELDS, 0.99), (NAMES_AND_PLACES, 0.97)])
def test_duplicates_in_one_employer(fields: tuple[str, ...], floor: float) -> None:
    links = deduplicate(rows("febrl1_records.csv"), key="rec_id", on=fields)
    recall, precision = recall_and_precision(links, true_links("febrl1_true_links.csv"))
    assert recall >= floor
    assert precision >= 0.99


def test_people_with_many_gaps_and_errors() -> None:
    """The synthetic people of the Ministry of Justice: a third of the true pairs share hardly a filled-in
    field."""
    people = rows("splink_fake_1000.csv")
    groups = defaultdict(list)
    for person in people:
        groups[person["cluster"]].append(person["unique_id"])
    truth = {frozenset(pair) for group in groups.values() for pair in combinations(group, 2)}
    links = deduplicate(people, key="unique_id", on=("first_name", "surname", "dob", "city", "email"))
    recall, precision = recall_and_precision(links, truth)
    assert recall >= 0.65
    assert precision >= 0.99
    assert all(0.5 <= pair.probability < 0.9 for pair in links.review)
    assert links.review


def test_each_record_is_linked_at_most_once(employers: Links) -> None:
    assert len({pair.left_id for pair in employers.pairs}) == len(employers.pairs)
    assert len({pair.right_id for pair in employers.pairs}) == len(employers.pairs)
    probabilities = [pair.probability for pair in employers.pairs]
    assert probabilities == sorted(probabilities, reverse=True)
    assert min(probabilities) >= employers.threshold == 0.9
    assert employers.rule_version == "linkage-default 1"


def test_evidence_adds_up_to_the_probability(employers: Links) -> None:
    """The weights shown are those that splink used: prior odds times two to the sum of weights."""
    explained = 0
    for pair in (*employers.pairs[-15:], *employers.review):
        evidence = employers.evidence(pair.left_id, pair.right_id)
        if evidence.rule == "probabilistic":
            assert evidence.probability == pytest.approx(pair.probability, abs=1e-6)
            assert [part.field for part in evidence.fields] == list(NAMES_AND_PLACES)
            explained += 1
    assert explained >= 10


def test_evidence_for_a_pair_of_two_persons(employers: Links) -> None:
    one, other = employers.pairs[0], employers.pairs[1]
    evidence = employers.evidence(one.left_id, other.right_id)
    assert evidence.decision == "non-link"
    assert evidence.probability < 0.5
    assert any(part.weight < 0 for part in evidence.fields)
    assert all(math.isfinite(part.weight) for part in evidence.fields)


TRUST = [
    {"id": "T1", "name": "Ann Lee", "born": "1971-06-24", "post": "LS1 4AB", "nhs": "943 476 5919"},
    {"id": "T2", "name": "Bo Hill", "born": "1985-01-30", "post": "YO1 7HH", "nhs": "943 476 5870"},
]


def variant(identifier: str, source: int = 0, **changes: str | None) -> dict[str, str | None]:
    return {**TRUST[source], "id": identifier, **changes}


@pytest.mark.parametrize(
    ("right", "on", "keys", "linked", "rule", "why"),
    [
        (variant("P1"), ("name", "born", "post"), (), True, "all fields agree", "the same in every field"),
        (
            variant("P1", name="ANN  LEE", born="19710624"),
            ("name", "born", "post"),
            (),
            True,
            "all fields agree",
            "spelling and the form of dates don't count",
        ),
        (
            variant("P1", name="Ann Brown", post="HU1 1AA"),
            ("name", "born", "post", "nhs"),
            ("nhs",),
            True,
            "key",
            "a new name and address, but the NHS number and the date of birth",
        ),
        (
            variant("P1", name="Cy Brown", post="HU1 1AA", born="1999-12-01"),
            ("name", "born", "post", "nhs"),
            ("nhs",),
            False,
            "probabilistic",
            "a number alone, everything else different: mistyped",
        ),
        (
            variant("P1", name="Cy Brown", post="HU1 1AA", born="1999-12-01"),
            ("name", "born", "post"),
            (),
            False,
            "probabilistic",
            "nothing agrees",
        ),
        (
            variant("P1", name="Ann Leee", born="1971-24-06"),
            ("name", "born", "post"),
            (),
            True,
            "probabilistic",
            "a slip in the name, day and month swapped, the same post code",
        ),
    ],
)
def test_rules_one_by_one(right: dict, on: tuple, keys: tuple, linked: bool, rule: str, why: str) -> None:
    links = link(TRUST, [right], on=on, keys=keys)
    assert [(pair.left_id, pair.right_id) for pair in links.pairs] == ([("T1", "P1")] if linked else []), why
    evidence = links.evidence("T1", "P1")
    assert (evidence.rule, evidence.decision == "link") == (rule, linked), why


def test_levels_are_named_in_the_evidence() -> None:
    links = link(
        TRUST, [variant("P1", name="Ann Leee", born="1971-24-06", post="")], on=("name", "born", "post")
    )
    levels = {part.field: part.level for part in links.evidence("T1", "P1").fields}
    assert levels == {
        "name": "nearly the same",
        "born": "one slip, or day and month swapped",
        "post": "missing",
    }


def test_a_person_who_would_be_linked_to_two_goes_to_one_and_to_review() -> None:
    right = [variant("P1"), variant("P2", name="Ann Le")]
    links = link(TRUST, right, on=("name", "born", "post", "nhs"))
    assert [(pair.left_id, pair.right_id) for pair in links.pairs] == [("T1", "P1")]
    assert [(pair.left_id, pair.right_id) for pair in links.review] == [("T1", "P2")]
    assert links.evidence("T1", "P2").decision == "review"


def test_two_equal_candidates_are_never_linked_by_a_deterministic_rule() -> None:
    links = link(TRUST, [variant("P1"), variant("P2")], on=("name", "born", "post"))
    assert links.evidence("T1", "P1").rule == "probabilistic"
    assert {pair.right_id for pair in (*links.pairs, *links.review)} == {"P1", "P2"}


def test_a_placeholder_shared_by_many_is_no_key() -> None:
    staff = [
        {"id": number, "name": name, "born": f"19{60 + number}-01-0{number + 1}", "nhs": "0000000000"}
        for number, name in enumerate(["Ann Lee", "Bo Hill", "Cy Fox", "Di Roe", "Ed Orr", "Flo May"])
    ]
    assert deduplicate(staff, on=("name", "born", "nhs"), keys=("nhs",)).pairs == ()


def test_nobody_on_one_side() -> None:
    links = link(TRUST, [], on=("name", "born"))
    assert (links.pairs, links.review) == ((), ())
    assert deduplicate(TRUST[:1], on=("name",)).pairs == ()


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_a_link_is_symmetric(data: st.DataObject) -> None:
    name = st.sampled_from(["ann lee", "an lee", "ann leigh", "bo hill", "bo hall", None])
    born = st.sampled_from(["1971-06-24", "1971-06-25", "1985-01-30", None])
    post = st.sampled_from(["ls1 4ab", "ls1 4ac", "yo1 7hh"])
    person = st.fixed_dictionaries({"name": name, "born": born, "post": post})
    people = [
        {"id": number, **one}
        for number, one in enumerate(data.draw(st.lists(person, min_size=2, max_size=8)))
    ]
    half = len(people) // 2
    left = [{"id": -1, "name": "x y", "born": "1950-01-01", "post": "a1 1aa"}, *people[:half]]
    right = [{"id": -2, "name": "v w", "born": "1951-01-01", "post": "b1 1bb"}, *people[half:]]
    there = link(left, right, on=("name", "born", "post"))
    back = link(right, left, on=("name", "born", "post"))
    probabilities = [round(pair.probability, 9) for pair in there.pairs]
    assert probabilities == [round(pair.probability, 9) for pair in back.pairs]
    everyone = {(pair.left_id, pair.right_id) for pair in (*there.pairs, *there.review)}
    assert everyone == {(pair.right_id, pair.left_id) for pair in (*back.pairs, *back.review)}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  Ann   LEE ", "ann lee"), ("1971-06-24", "19710624"), ("19710624", "19710624"), ("", None),
        (None, None), (float("nan"), None), (7.0, "7"), (12, "12"),
    ],
)  # fmt: skip
def test_spelling(value: object, expected: str | None) -> None:
    assert spelling(value) == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: link(TRUST, [TRUST[0], TRUST[0]], on=("name",)), "right: id 'T1' stands for two records"),
        (lambda: link([{"name": "x"}], TRUST, on=("name",)), "left: record 0 has no 'id'"),
        (lambda: link(TRUST, TRUST, on=("shoe",)), "no record has a value for 'shoe'"),
        (lambda: link(TRUST, TRUST, on=()), r"on is \(\)"),
        (lambda: link(TRUST, TRUST, on="name"), "on is 'name'"),
        (lambda: link(TRUST, TRUST, on=("name", "name")), "each once"),
        (lambda: link(TRUST, TRUST, on=("name",), keys=("nhs",)), "keys are"),
        (lambda: link(TRUST, TRUST, on=("name",), threshold=0), "threshold is 0"),
        (lambda: deduplicate(TRUST, on=("name",), threshold=1.2), "threshold is 1.2"),
        (lambda: link(TRUST, TRUST, on=("name",)).evidence("T9", "T1"), "left: there is no record 'T9'"),
        (lambda: linkage_rules("0"), "version of 'default' is '0'; allowed: 1"),
    ],
)
def test_faulty_arguments_are_refused(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]  # a lambda


def test_without_the_extra_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(ImportError, match=r"pip install 'openoh\[methods\]'"):
        link(TRUST, TRUST, on=("name",))
