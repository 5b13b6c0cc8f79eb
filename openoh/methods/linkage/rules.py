"""The versioned default rules of linkage, read from the content folder."""

from dataclasses import dataclass
from functools import cache

from openoh.methods._content import load


@dataclass(frozen=True)
class LinkageRules:
    """One version of the rules; the content file says what each number means."""

    version: str
    review: float
    deterministic_fields: int
    beside_key: int
    largest_group: int
    text_close: float
    text_similar: float
    training_records: int
    training_pairs: int
    pairs_per_record: int
    blocking_rules: int
    prior_share: float
    match: tuple[float, ...]
    non_match: tuple[float, ...]


@cache
def linkage_rules(version: str = "1") -> LinkageRules:
    """The rules of one version. ``ValueError`` when there is no such version.

    Source: choices of this program, as the content says, with the literature of `link`.

    >>> linkage_rules().review
    0.5
    """
    rules = load("linkage", "default", version)
    content = rules.values
    return LinkageRules(
        version=f"{content['name']} {rules.version}",
        review=content["decision"]["review"],
        deterministic_fields=content["deterministic"]["fields"],
        beside_key=content["deterministic"]["beside_key"],
        largest_group=content["deterministic"]["largest_group"],
        text_close=content["text"]["close"],
        text_similar=content["text"]["similar"],
        training_records=content["training"]["records"],
        training_pairs=content["training"]["pairs"],
        pairs_per_record=content["blocking"]["pairs_per_record"],
        blocking_rules=content["blocking"]["rules"],
        prior_share=content["probability"]["prior_share"],
        match=tuple(content["probability"]["match"]),
        non_match=tuple(content["probability"]["non_match"]),
    )
