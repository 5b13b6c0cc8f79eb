"""Scores from answers. One engine works on a whole table of answer sets; one answer set is a table of one
row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openoh.methods import _checks
from openoh.methods.instruments._catalogue import instrument as find_instrument
from openoh.methods.instruments._model import Criterion, Flag, Instrument, Item, Scale

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

# A criterion can stay open while an answer that would decide it is missing.
NO, YES, OPEN = 0, 1, -1
_FINDING: dict[int, bool | None] = {NO: False, YES: True, OPEN: None}


@dataclass(frozen=True, slots=True)
class Score:
    """What one answer set amounts to.

    ``total`` and each of ``subscales`` is ``None`` where the instrument has none or too many answers are
    missing. ``raw`` is the plain sum of the points of the answers given, without imputation, factor or
    conversion. ``band`` and ``subscale_bands`` name the range; ``None`` where the instrument names none
    there. ``criteria`` holds each criterion's finding; ``None`` while a missing answer could still decide it.
    ``flags`` are codes that need a clinician, in the order of the content; they are raised even when too many
    answers are missing for a total. ``missing`` lists the numbers (from 1) of the scored items left out.
    """

    code: str
    total: float | None
    raw: float
    band: str | None
    subscales: Mapping[str, float | None]
    subscale_bands: Mapping[str, str | None]
    criteria: Mapping[str, bool | None]
    flags: tuple[str, ...]
    missing: tuple[int, ...]
    rule_version: str


@dataclass(frozen=True, slots=True, eq=False)
class ScoreTable:
    """The scores of ``n`` answer sets, column by column.

    ``total`` and ``subscales`` are float arrays of length ``n``. A place without a score holds ``nan``;
    ``scored`` (and ``subscale_scored``) say which places have one, so that nobody averages over a hole by
    mistake. ``band`` indexes ``band_names`` (whose first entry is ``None``). ``criteria`` holds 1, 0 or -1
    (undecided). ``flags`` maps each code to booleans; ``missing`` is an ``n`` by items array of booleans.
    ``row(i)`` gives a ``Score``.
    """

    code: str
    total: Floats
    raw: Floats
    band: NDArray[np.int8]
    band_names: tuple[str | None, ...]
    subscales: Mapping[str, Floats]
    subscale_bands: Mapping[str, NDArray[np.int8]]
    subscale_band_names: Mapping[str, tuple[str | None, ...]]
    criteria: Mapping[str, NDArray[np.int8]]
    flags: Mapping[str, Booleans]
    missing: Booleans
    rule_version: str

    def __len__(self) -> int:
        return len(self.raw)

    @property
    def scored(self) -> Booleans:
        """Which answer sets have a total."""
        return ~np.isnan(self.total)

    def subscale_scored(self, name: str) -> Booleans:
        """Which answer sets have a score on the subscale ``name``."""
        return ~np.isnan(self.subscales[name])

    def row(self, index: int) -> Score:
        """The score of one answer set."""
        return Score(
            code=self.code,
            total=_number_or_none(self.total[index]),
            raw=float(self.raw[index]),
            band=self.band_names[self.band[index]],
            subscales={name: _number_or_none(values[index]) for name, values in self.subscales.items()},
            subscale_bands={
                name: self.subscale_band_names[name][bands[index]]
                for name, bands in self.subscale_bands.items()
            },
            criteria={name: _FINDING[int(found[index])] for name, found in self.criteria.items()},
            flags=tuple(code for code, raised in self.flags.items() if raised[index]),
            missing=tuple(int(position) + 1 for position in np.flatnonzero(self.missing[index])),
            rule_version=self.rule_version,
        )


def score(code: str, answers: Sequence[float | None], *, version: str | None = None) -> Score:
    """The score of one answer set.

    ``answers`` are in item order, ``None`` where left out. Unscored questions that follow the scored ones
    (the difficulty question of PHQ-9, the activity question of MSK-HQ) may be handed in and are ignored. How
    many answers may be missing, and what then counts for them, is content of the instrument: PHQ-9 takes the
    mean of the answers given for up to two missing, GAD-7 for one (Kroenke, Spitzer 2002, Psychiatr Ann
    32:509-515); such a total may be fractional and its band is that of the last lower edge passed.

    Raises ``ValueError`` for an unknown instrument or version, for a wrong number of answers, and for an
    answer that the item does not take (``nan`` included; it names the item, the value and the allowed
    answers).

    Source: each instrument's own, in `Instrument.source`.

    >>> result = score("PHQ-9", [2, 2, 1, 1, 0, 1, 1, 0, 1])
    >>> result.total, result.band, result.flags, result.rule_version
    (9.0, 'mild', ('self-harm',), 'PHQ-9/1')
    >>> score("WHO-5", [3, 3, 2, 4, None]).total is None
    True
    """
    given = [np.nan if answer is None else answer for answer in answers]
    for position, answer in enumerate(answers):
        if answer is not None and answer != answer:
            raise ValueError(f"answer {position + 1} of {code} is nan; allowed: None where it is missing")
    return score_many(code, [given], version=version).row(0)


def score_many(code: str, answers: ArrayLike, *, version: str | None = None) -> ScoreTable:
    """The scores of many answer sets at once, equal to ``score`` row by row.

    ``answers`` is an ``n`` by items array in item order, ``nan`` (or ``None`` in an object array) where left
    out; whole-number arrays have nothing missing. A million PHQ-9 answer sets take well under a second.

    Raises ``ValueError`` as ``score`` does, and names the row.

    Source: as `score`.

    >>> table = score_many("GAD-7", [[1, 1, 1, 1, 1, 1, 1], [3, 3, 3, 3, 3, 3, 3]])
    >>> table.total.tolist(), [table.band_names[band] for band in table.band]
    ([7.0, 21.0], ['mild', 'severe'])
    """
    rules = find_instrument(code, version=version)
    points, missing = _points(rules, _as_table(rules, answers))
    total = np.full(points.shape[1], np.nan)
    if rules.total is not None:
        total = _scale_scores(rules.total, points, missing)
    subscales = {scale.name: _scale_scores(scale, points, missing) for scale in rules.subscales}
    criteria = {
        criterion.name: _findings(criterion, points, missing, total, subscales)
        for criterion in rules.criteria
    }
    band, band_names = _bands_of(rules, total, missing, criteria)
    flags: dict[str, Booleans] = {}
    for flag in rules.flags:
        flags |= _raised(flag, points, missing)
    return ScoreTable(
        code=code,
        total=total,
        raw=_add(points, list(range(len(points))), np.float64),
        band=band,
        band_names=band_names,
        subscales=subscales,
        subscale_bands={scale.name: _band_index(scale, subscales[scale.name]) for scale in rules.subscales},
        subscale_band_names={scale.name: _band_names(scale) for scale in rules.subscales},
        criteria=criteria,
        flags=flags,
        missing=missing.T,
        rule_version=rules.rule_version,
    )


def _as_table(rules: Instrument, answers: ArrayLike) -> Floats:
    table = _checks.floats("answers", answers)
    scored, everything = len(rules.scored_items), len(rules.items)
    if table.ndim != 2 or not scored <= table.shape[1] <= everything:
        given = table.shape[-1] if table.ndim else 0
        allowed = f"{scored}" if scored == everything else f"{scored} to {everything}"
        raise ValueError(f"{rules.code} was given {given} answers; allowed: {allowed} for each answer set")
    return table


def _points(rules: Instrument, table: Floats) -> tuple[Floats, Booleans]:
    """Points and missingness, one row an item, so that every step reads memory in order; missing counts 0."""
    width = len(rules.scored_items)
    answers = np.ascontiguousarray(table.T)
    missing = np.isnan(answers)
    for item in rules.items[: len(answers)]:
        row = item.number - 1
        answers[row] = _points_of_item(rules, item, answers[row], missing[row])
    return answers[:width], missing[:width]


def _points_of_item(rules: Instrument, item: Item, answers: Floats, missing: Booleans) -> Floats:
    lowest, highest = item.allowed[0], item.allowed[-1]
    given = np.where(missing, lowest, answers)
    lookup = np.full(highest - lowest + 1, np.nan)
    lookup[np.array(item.allowed) - lowest] = item.points
    if len(given) and (given.min() < lowest or given.max() > highest):
        _refuse(rules, item, answers, (given < lowest) | (given > highest))
    index = (given - lowest).astype(np.intp)
    points = lookup[index]
    wrong = (index != given - lowest) | np.isnan(points)
    if wrong.any():
        _refuse(rules, item, answers, wrong)
    points[missing] = 0.0
    return points


def _refuse(rules: Instrument, item: Item, answers: Floats, wrong: Booleans) -> NoReturn:
    row = int(np.flatnonzero(wrong)[0])
    where = f" in row {row}" if len(answers) > 1 else ""
    allowed = ", ".join(str(value) for value in item.allowed)
    raise ValueError(f"answer {item.number} of {rules.code}{where} is {answers[row]:g}; allowed: {allowed}")


def _scale_scores(scale: Scale, points: Floats, missing: Booleans) -> Floats:
    rows = [number - 1 for number in scale.items]
    left_out = _add(missing, rows, np.int8)
    scorable = left_out <= scale.missing_allowed
    for number in scale.required:
        scorable &= ~missing[number - 1]
    answered = np.where(scorable, len(rows) - left_out, 1)
    factor = scale.multiplier if scale.rule == "mean" else scale.multiplier * len(rows)
    # Multiplied before it is divided: a complete set then gives a whole sum exactly.
    scores = _add(points, rows, np.float64) * factor / answered
    scores[~scorable] = np.nan
    return _converted(scale, scores, scorable) if scale.conversion else scores


def _add(table: Floats | Booleans, rows: list[int], kind: type[np.float64] | type[np.int8]) -> NDArray[Any]:
    """The sum of some rows, added row by row: quicker than picking the rows out and summing the copy."""
    total = np.zeros(table.shape[1], dtype=kind)
    for row in rows:
        total += table[row]
    return total


def _converted(scale: Scale, scores: Floats, scorable: Booleans) -> Floats:
    """Raw scores looked up in the published table, which knows whole raw scores only."""
    index = np.where(scorable, scores - scale.conversion_from, 0).astype(np.intp)
    return np.where(scorable, np.array(scale.conversion)[index], np.nan)


def _findings(
    criterion: Criterion, points: Floats, missing: Booleans, total: Floats, subscales: Mapping[str, Floats]
) -> NDArray[np.int8]:
    if not criterion.items:
        scores = total if criterion.subscale is None else subscales[criterion.subscale]
        return np.where(np.isnan(scores), OPEN, np.where(scores >= criterion.at_least, YES, NO)).astype(
            np.int8
        )
    rows = np.array(criterion.items) - 1
    met = ((points[rows] >= criterion.at_least) & ~missing[rows]).sum(axis=0)
    could_be_met = met + missing[rows].sum(axis=0)
    undecided = np.where(could_be_met >= criterion.count, OPEN, NO)
    return np.where(met >= criterion.count, YES, undecided).astype(np.int8)


def _bands_of(
    rules: Instrument, total: Floats, missing: Booleans, criteria: Mapping[str, NDArray[np.int8]]
) -> tuple[NDArray[np.int8], tuple[str | None, ...]]:
    if rules.verdicts:
        return _verdicts(rules, missing, criteria)
    if rules.total is None:
        return np.zeros(len(total), dtype=np.int8), (None,)
    return _band_index(rules.total, total), _band_names(rules.total)


def _verdicts(
    rules: Instrument, missing: Booleans, criteria: Mapping[str, NDArray[np.int8]]
) -> tuple[NDArray[np.int8], tuple[str | None, ...]]:
    """The first verdict whose criteria all hold; none where a missing answer could still change which that
    is.
    """
    undecided = missing.sum(axis=0) > rules.verdicts_missing_allowed
    band = np.zeros(missing.shape[1], dtype=np.int8)
    for index, verdict in enumerate(rules.verdicts, start=1):
        lowest = np.full(missing.shape[1], YES, dtype=np.int8)
        fails = np.zeros(missing.shape[1], dtype=np.bool_)
        for name in verdict.all_of:
            lowest = np.minimum(lowest, criteria[name])
            fails |= criteria[name] == NO
        band[(lowest == YES) & ~undecided & (band == 0)] = index
        undecided |= (lowest == OPEN) & ~fails
    return band, (None, *(verdict.band for verdict in rules.verdicts))


def _band_index(scale: Scale, scores: Floats) -> NDArray[np.int8]:
    """How many edges each score has passed; a place without a score has passed none, as ``nan`` compares
    false.
    """
    index = np.zeros(len(scores), dtype=np.int8)
    for band in scale.bands:
        index += scores > band.edge if band.exclusive else scores >= band.edge
    return index


def _band_names(scale: Scale) -> tuple[str | None, ...]:
    return (None, *(band.name for band in scale.bands))


def _raised(flag: Flag, points: Floats, missing: Booleans) -> dict[str, Booleans]:
    rows = np.array(flag.items) - 1
    raised = ((points[rows] >= flag.at_least) & ~missing[rows]).any(axis=0)
    if flag.unanswered is None:
        return {flag.code: raised}
    return {flag.code: raised, flag.unanswered: missing[rows].any(axis=0) & ~raised}


def _number_or_none(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
