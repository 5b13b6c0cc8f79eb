"""The same person in two employers' records, and twice in one."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, NamedTuple

from openoh.methods._checks import number
from openoh.methods.linkage.comparing import compare, require_splink
from openoh.methods.linkage.levels import MISSING, Model, agreement
from openoh.methods.linkage.records import Records, field_kinds, read_records
from openoh.methods.linkage.rules import LinkageRules, linkage_rules

Record = Mapping[str, Any]
Certain = dict[tuple[int, int], str]
"""Pairs linked by a deterministic rule, as rows, and the rule."""

PROBABILISTIC = "probabilistic"
ALL_AGREE = "all fields agree"


class Pair(NamedTuple):
    """Two records that may be one person, and the probability that they are."""

    left_id: Hashable
    right_id: Hashable
    probability: float


@dataclass(frozen=True)
class FieldEvidence:
    """What one field says: `weight` above 0 speaks for one person, below 0 against, in powers of two."""

    field: str
    left: str | None
    right: str | None
    level: str
    weight: float


@dataclass(frozen=True)
class Evidence:
    """Why a pair is linked, to be reviewed, or neither. `decision` is ``"link"``, ``"review"`` or
    ``"non-link"``; `rule` is the deterministic rule, or ``"probabilistic"``."""

    left_id: Hashable
    right_id: Hashable
    decision: str
    rule: str
    probability: float
    fields: tuple[FieldEvidence, ...]
    rule_version: str


@dataclass(frozen=True, eq=False)
class Links:
    """The pairs linked, best first, and the pairs that a person should look at.

    `review` holds pairs between the two thresholds, and pairs above the upper one whose record on either side
    has a better partner already.
    """

    pairs: tuple[Pair, ...]
    review: tuple[Pair, ...]
    threshold: float
    review_threshold: float
    rule_version: str
    _sides: tuple[Records, Records] = field(repr=False)
    _model: Model = field(repr=False)
    _certain: Mapping[tuple[Hashable, Hashable], str] = field(repr=False)

    def evidence(self, left_id: Hashable, right_id: Hashable) -> Evidence:
        """Why a pair is what it is, field by field; any pair may be asked for, compared or not.

        ``ValueError`` when either isn't an identifier of its side.
        """
        rows = []
        for side, identifier, name in zip(self._sides, (left_id, right_id), ("left", "right"), strict=True):
            if identifier not in side.ids:
                raise ValueError(f"{name}: there is no record {identifier!r}.")
            rows.append(side.rows[side.ids.index(identifier)])
        levels = agreement(self._model, rows[0], rows[1])
        fields = tuple(
            FieldEvidence(
                part.field,
                left,
                right,
                MISSING if level is None else level.name,
                0.0 if level is None else level.weight,
            )
            for part, left, right, level in zip(self._model.fields, *rows, levels, strict=True)
        )
        wanted = (left_id, right_id)
        rule = self._certain.get(wanted) or self._certain.get(wanted[::-1]) or PROBABILISTIC
        probability = (
            self._model.probability([part.weight for part in fields]) if rule == PROBABILISTIC else 1.0
        )
        return Evidence(
            left_id, right_id, self._decision(wanted), rule, probability, fields, self.rule_version
        )

    def _decision(self, wanted: tuple[Hashable, Hashable]) -> str:
        for pairs, decision in ((self.pairs, "link"), (self.review, "review")):
            if any((pair.left_id, pair.right_id) in (wanted, wanted[::-1]) for pair in pairs):
                return decision
        return "non-link"


def link(
    left: Iterable[Record],
    right: Iterable[Record],
    *,
    key: str = "id",
    on: Sequence[str],
    threshold: float = 0.9,
    keys: Sequence[str] = (),
) -> Links:
    """The persons who stand in both sets of records; each record is linked at most once.

    Records are mappings; `key` names the field that identifies a record (never used for matching), `on` the
    fields to compare: names, dates (``date``, ISO or ``YYYYMMDD``), parts of addresses, numbers. Missing
    values say nothing for or against. `keys` are those fields in `on` that identify a person alone, such as
    an NHS number: one that is unique on both sides, with one other field that agrees, links outright. So do
    records that agree in every field. The rest is compared by probability (Fellegi and Sunter 1969, by
    splink). Pairs from `threshold` (0 to 1) on are linked, best first, those from 0.5 on are left for
    review.

    ``ValueError`` for an identifier that is missing or stands twice on one side, fields without values, and a
    threshold outside 0 to 1. ``ImportError`` with the remedy where splink or DuckDB is missing.

    Source: Fellegi and Sunter 1969, J Am Stat Assoc 64:1183-1210; Winkler 1990 (string comparator).

    >>> trust = [{"id": "T1", "name": "Ann Lee", "born": "1971-06-24", "post": "LS1 4AB"}]
    >>> force = [{"id": "P7", "name": "ann lee", "born": "19710624", "post": "ls1 4ab"}]
    >>> links = link(trust, force, on=("name", "born", "post"))
    >>> links.pairs
    (Pair(left_id='T1', right_id='P7', probability=1.0),)
    >>> links.evidence("T1", "P7").rule
    'all fields agree'
    """
    fields, rules = _checked(on, keys, threshold)
    sides = (read_records(left, key, fields, "left"), read_records(right, key, fields, "right"))
    # The order of the sides must not matter, down to the sample that the model learns from.
    swapped = _order(sides[0]) > _order(sides[1])
    model, certain, scored = _score(sides[::-1] if swapped else sides, fields, keys, threshold, rules)
    if swapped:
        certain = {(second, first): rule for (first, second), rule in certain.items()}
        scored = [(second, first, probability) for first, second, probability in scored]
    return _decide(sides, model, certain, scored, threshold, rules, one_to_one=True)


def deduplicate(
    records: Iterable[Record],
    *,
    key: str = "id",
    on: Sequence[str],
    threshold: float = 0.9,
    keys: Sequence[str] = (),
) -> Links:
    """The pairs of records in one set that are the same person; a record may be in several pairs.

    Arguments, rules and errors as in :func:`link`; in each pair the earlier record comes first.

    Source: Fellegi and Sunter 1969, J Am Stat Assoc 64:1183-1210; Winkler 1990 (string comparator).

    >>> staff = [
    ...     {"id": 1, "name": "Ann Lee", "born": "1971-06-24", "post": "LS1 4AB"},
    ...     {"id": 2, "name": "Bo Hill", "born": "1985-01-30", "post": "YO1 7HH"},
    ...     {"id": 3, "name": "Ann Lee", "born": "1971-06-24", "post": "LS1 4AB"},
    ... ]
    >>> deduplicate(staff, on=("name", "born", "post")).pairs
    (Pair(left_id=1, right_id=3, probability=1.0),)
    """
    fields, rules = _checked(on, keys, threshold)
    side = read_records(records, key, fields, "records")
    model, certain, scored = _score((side,), fields, keys, threshold, rules)
    return _decide((side, side), model, certain, scored, threshold, rules, one_to_one=False)


def _checked(
    on: Sequence[str], keys: Sequence[str], threshold: float
) -> tuple[tuple[str, ...], LinkageRules]:
    if isinstance(on, str) or not on or len(set(on)) != len(on):
        raise ValueError(f"on is {on!r}; the names of the fields to compare are needed, each once.")
    if not set(keys) <= set(on):
        raise ValueError(f"keys are {tuple(keys)!r}; each must be one of on, {tuple(on)!r}.")
    number("threshold", threshold, minimum=0, maximum=1, above=True)
    require_splink()
    return tuple(on), linkage_rules()


def _score(
    sides: tuple[Records, ...],
    fields: tuple[str, ...],
    keys: Sequence[str],
    threshold: float,
    rules: LinkageRules,
) -> tuple[Model, Certain, list[tuple[int, int, float]]]:
    """The model, the pairs that are certain, and all pairs that may matter, certain ones with probability
    1."""
    kinds = field_kinds(fields, sides)
    model, candidates = compare(sides, fields, kinds, min(rules.review, threshold), rules)
    certain = _certain(sides, [fields.index(name) for name in keys], rules)
    rest = [(first, second, p) for first, second, p in candidates if (first, second) not in certain]
    return model, certain, [(first, second, 1.0) for first, second in certain] + rest


def _certain(sides: tuple[Records, ...], keys: list[int], rules: LinkageRules) -> Certain:
    """Pairs linked without weighing: they agree in every field, or in a key and in something else."""
    found: Certain = {}
    width = len(sides[0].rows[0]) if sides[0].rows else 0
    for places, rule in [*(((place,), "key") for place in keys), (tuple(range(width)), ALL_AGREE)]:
        groups = [_groups(side, places) for side in sides]
        for values in groups[0]:
            filled = sum(value is not None for value in values)
            if filled == 0 or (rule == ALL_AGREE and filled < rules.deterministic_fields):
                continue
            for first, second in _pairs_of_group([group.get(values, []) for group in groups], rules):
                rows = sides[0].rows[first], sides[-1].rows[second]
                beside = sum(one is not None and one == other for one, other in zip(*rows, strict=True)) - 1
                if rule == ALL_AGREE or beside >= rules.beside_key:
                    found[first, second] = rule
    return found


def _groups(side: Records, places: tuple[int, ...]) -> dict[tuple[str | None, ...], list[int]]:
    groups: dict[tuple[str | None, ...], list[int]] = defaultdict(list)
    for position, row in enumerate(side.rows):
        groups[tuple(row[place] for place in places)].append(position)
    return groups


def _pairs_of_group(members: list[list[int]], rules: LinkageRules) -> Iterable[tuple[int, int]]:
    """Across two sides only where each has one such record; within one side while there are few."""
    if len(members) == 2:
        alone = len(members[0]) == len(members[1]) == 1
        return [(members[0][0], members[1][0])] if alone else []
    return combinations(members[0], 2) if len(members[0]) <= rules.largest_group else []


def _order(side: Records) -> tuple[int, list[list[str]]]:
    return len(side), [[value or "" for value in row] for row in side.rows]


def _decide(
    sides: tuple[Records, Records],
    model: Model,
    certain: Certain,
    scored: list[tuple[int, int, float]],
    threshold: float,
    rules: LinkageRules,
    *,
    one_to_one: bool,
) -> Links:
    pairs: list[Pair] = []
    review: list[Pair] = []
    taken: tuple[set[int], set[int]] = (set(), set())
    for first, second, probability in sorted(scored, key=lambda pair: (-pair[2], pair[0], pair[1])):
        pair = Pair(sides[0].ids[first], sides[1].ids[second], probability)
        free = not one_to_one or (first not in taken[0] and second not in taken[1])
        if probability >= threshold and free:
            pairs.append(pair)
            taken[0].add(first)
            taken[1].add(second)
        else:
            review.append(pair)
    return Links(
        pairs=tuple(pairs),
        review=tuple(review),
        threshold=threshold,
        review_threshold=rules.review,
        rule_version=rules.version,
        _sides=sides,
        _model=model,
        _certain={(sides[0].ids[a], sides[1].ids[b]): rule for (a, b), rule in certain.items()},
    )
