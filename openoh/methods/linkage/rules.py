"""The versioned default rules of linkage, read from the content folder."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


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

    >>> linkage_rules().review
    0.5
    """
    folder = resources.files("openoh.methods").joinpath("content", "linkage")
    known = sorted(item.name for item in folder.iterdir() if item.name.endswith(".toml"))
    if f"default-{version}.toml" not in known:
        raise ValueError(f"No linkage rules of version {version!r}; there are {', '.join(known)}.")
    content: dict[str, Any] = tomllib.loads(folder.joinpath(f"default-{version}.toml").read_text("utf-8"))
    return LinkageRules(
        version=f"{content['name']} {content['version']}",
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
