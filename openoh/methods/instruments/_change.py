"""Change between two scores, and an organisation's mean against other organisations."""

from collections.abc import Sequence
from dataclasses import dataclass

from openoh.methods import _checks
from openoh.methods.instruments._catalogue import instrument as find_instrument
from openoh.methods.instruments._model import Instrument, Scale
from openoh.methods.instruments._scoring import Score, score


@dataclass(frozen=True, slots=True)
class Change:
    """Two scores compared. ``difference`` is after minus before, in points.

    ``direction`` is ``improved``, ``worsened`` or ``unchanged``. ``reliable`` says that the difference is at
    least what error of measurement explains, ``important`` that it is at least what people notice; each is
    ``None`` where no such threshold is published for the instrument.
    """

    code: str
    before: float
    after: float
    difference: float
    direction: str
    reliable: bool | None
    important: bool | None
    rule_version: str


def change(
    code: str,
    before: float | Score | Sequence[float | None],
    after: float | Score | Sequence[float | None],
    *,
    subscale: str | None = None,
    version: str | None = None,
) -> Change:
    """The change from ``before`` to ``after``, each a total, a ``Score`` or the answers in item order.

    Instruments without a total need ``subscale``. Thresholds are content of the instrument, with their
    sources.

    Raises ``ValueError`` where the instrument has no such score, where a score lies outside the instrument's
    range, or where too many answers are missing for one.

    Source: the reliable and important changes that each instrument's content names.

    >>> found = change("PHQ-9", 17, 11)
    >>> found.direction, found.reliable, found.important
    ('improved', True, True)
    >>> change("GAD-7", 10, 13).reliable
    False
    """
    rules = find_instrument(code, version=version)
    scale = _scale(rules, subscale)
    earlier = _value(rules, scale, subscale, "before", before)
    later = _value(rules, scale, subscale, "after", after)
    difference = later - earlier
    better = difference > 0 if rules.change.higher_is_better else difference < 0
    return Change(
        code=code,
        before=earlier,
        after=later,
        difference=difference,
        direction="unchanged" if difference == 0 else "improved" if better else "worsened",
        reliable=_reached(difference, rules.change.reliable),
        important=_reached(difference, rules.change.important),
        rule_version=rules.rule_version,
    )


def benchmark(code: str, subscale: str, mean: float, *, respondents: int, version: str | None = None) -> str:
    """The words for an organisation's mean score on a subscale, beside the percentiles of other
    organisations.

    For groups only, never for one person: fewer than the content's minimum of ``respondents`` are refused, as
    are a mean outside the scale and an instrument without percentiles (``ValueError``). Source: HSE
    Management Standards Analysis Tool.

    >>> benchmark("HSE-MSIT", "demands", 3.0, respondents=120)
    'clear need for improvement'
    """
    rules = find_instrument(code, version=version)
    if rules.benchmark is None:
        raise ValueError(f"instrument is {code!r}, which has no percentiles; allowed: HSE-MSIT")
    scale = _scale(rules, subscale)
    _checks.whole("respondents", respondents, minimum=rules.benchmark.minimum_respondents)
    _checks.number("mean", mean, minimum=scale.minimum, maximum=scale.maximum)
    passed = sum(mean >= edge for edge in rules.benchmark.percentiles[subscale])
    return rules.benchmark.words[passed]


def _scale(rules: Instrument, subscale: str | None) -> Scale:
    names = tuple(scale.name for scale in rules.subscales)
    if subscale is None:
        if rules.total is None:
            raise ValueError(f"subscale is None and {rules.code} has no total; allowed: {', '.join(names)}")
        return rules.total
    _checks.one_of("subscale", subscale, names)
    return rules.subscales[names.index(subscale)]


def _value(
    rules: Instrument,
    scale: Scale,
    subscale: str | None,
    name: str,
    given: float | Score | Sequence[float | None],
) -> float:
    if isinstance(given, Sequence):
        given = score(rules.code, given, version=rules.version)
    if isinstance(given, Score):
        found = given.total if subscale is None else given.subscales[subscale]
        if found is None:
            raise ValueError(f"{name} is None: too many answers are missing; allowed: a score")
        given = found
    return _checks.number(name, given, minimum=scale.minimum, maximum=scale.maximum)


def _reached(difference: float, threshold: float | None) -> bool | None:
    return None if threshold is None else abs(difference) >= threshold
