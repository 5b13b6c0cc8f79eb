"""Reference equations: median, spread and skew (LMS) of a healthy person of this sex, age and height.

The equations are those of Quanjer 2012 (GLI-2012) and Bowerman 2023 (GLI Global 2022); the coefficients are
content.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openoh.methods._checks import floats, measurable, number
from openoh.methods._content import Content, Status, load, weakest

Measure: TypeAlias = Literal["FEV1", "FVC", "FEV1FVC"]
Floats: TypeAlias = NDArray[np.float64]
MEASURES: tuple[Measure, ...] = ("FEV1", "FVC", "FEV1FVC")
SEXES = ("male", "female")
DEFAULT_REFERENCE = "gli-global-2022"


@dataclass(frozen=True)
class Reference:
    """What a healthy person of the same sex, age and height would blow.

    ``predicted``, ``lln`` and ``sd`` are litres (a fraction for ``FEV1FVC``). ``sd`` is the median times the
    coefficient of variation ``s``, the standard deviation to first order; ``lln`` is the fifth centile.
    """

    measure: str
    predicted: float
    lln: float
    sd: float
    skew: float
    s: float
    reference: str
    ethnicity: str | None
    rule_version: str
    status: Status

    def z(self, observed: float) -> float:
        """Standard deviations of ``observed`` (same unit as ``predicted``, above 0) from the median."""
        value = number(self.measure, observed, minimum=0, above=True)
        return float(_z(np.float64(value), self.predicted, self.skew, self.s))

    def percent_predicted(self, observed: float) -> float:
        """``observed`` as a percentage of the median."""
        return 100 * number(self.measure, observed, minimum=0, above=True) / self.predicted


@dataclass(frozen=True)
class ReferenceArrays:
    """As `Reference`, for many people: every number is an array of one length."""

    measure: str
    predicted: Floats
    lln: Floats
    sd: Floats
    skew: Floats
    s: Floats
    reference: str
    rule_version: str
    status: Status

    def z(self, observed: ArrayLike) -> Floats:
        """Standard deviations of each of ``observed`` (above 0) from its median."""
        values = floats(self.measure, observed)
        refuse(values, ~(measurable(values) & (values > 0)), self.measure, "above 0")
        return np.asarray(_z(values, self.predicted, self.skew, self.s), dtype=float)


def predict(
    measure: Measure,
    *,
    sex: str,
    age: float,
    height_cm: float,
    reference: str = DEFAULT_REFERENCE,
    ethnicity: str | None = None,
) -> Reference:
    """Predicted value, lower limit of normal and spread for one person.

    ``sex`` is ``male`` or ``female`` (at birth), ``age`` 16 to 95 decimal years, ``height_cm`` 100 to 230.
    ``reference`` is ``gli-global-2022``, which takes no ethnicity, or ``gli-2012``, which needs one.
    The published quarter-year splines are held at whole years and interpolated linearly: volumes agree with
    the published step look-up to 0.01 l, z-scores to 0.02. ``ValueError`` names the value and what is
    allowed.

    Source: Bowerman et al. 2023, Am J Respir Crit Care Med 207:768-774 (GLI Global); Quanjer et al.
    2012, Eur Respir J 40:1324-1343 (GLI-2012).

    >>> person = predict("FEV1", sex="male", age=50, height_cm=175)
    >>> round(person.predicted, 2), round(person.lln, 2), round(person.z(2.8), 2)
    (3.57, 2.69, -1.45)
    """
    many = predict_many(
        measure, sex=[sex], age=[age], height_cm=[height_cm], reference=reference, ethnicity=ethnicity
    )
    return Reference(
        measure=measure,
        predicted=float(many.predicted[0]),
        lln=float(many.lln[0]),
        sd=float(many.sd[0]),
        skew=float(many.skew[0]),
        s=float(many.s[0]),
        reference=reference,
        ethnicity=ethnicity,
        rule_version=many.rule_version,
        status=many.status,
    )


def predict_many(
    measure: Measure,
    *,
    sex: Sequence[str] | NDArray[np.str_],
    age: ArrayLike,
    height_cm: ArrayLike,
    reference: str = DEFAULT_REFERENCE,
    ethnicity: str | Sequence[str] | NDArray[np.str_] | None = None,
) -> ReferenceArrays:
    """As `predict`, for people in arrays of one length (``ethnicity`` one for all, or one each).

    Source: as `predict`.

    >>> many = predict_many("FVC", sex=["male", "female"], age=[30, 25], height_cm=[180, 165])
    >>> many.predicted.round(2).tolist()
    [5.26, 3.68]
    """
    table = load("spirometry", reference)
    if measure not in MEASURES or "age_years" not in table.values:
        what = f"measure {measure!r}; choose from {', '.join(MEASURES)}"
        if measure in MEASURES:
            what = f"reference {reference!r}; choose from gli-2012, gli-global-2022"
        raise ValueError(f"There is no {what}.")
    sexes, ages, heights = _people(table, sex, age, height_cm)
    groups = _ethnicities(table, ethnicity, len(ages))
    median, spread, skew = (np.empty(len(ages)) for _ in range(3))
    for one_sex in SEXES:
        for group in table.values["ethnicities"] or [None]:
            chosen = sexes == one_sex if groups is None else (sexes == one_sex) & (groups == group)
            if chosen.any():
                equation = table.section(one_sex, measure)
                parts = _lms(equation, table, ages[chosen], heights[chosen], group)
                median[chosen], spread[chosen], skew[chosen] = parts
    rules = load("spirometry", "interpretation")
    lower_z = rules.values["lower_limit_z"]
    return ReferenceArrays(
        measure=measure,
        predicted=median,
        lln=median * (1 + lower_z * skew * spread) ** (1 / skew),
        sd=median * spread,
        skew=skew,
        s=spread,
        reference=reference,
        rule_version=f"{table.rule_version}; {rules.rule_version}",
        status=weakest(table.status, rules.status),
    )


def refuse(values: NDArray[Any], wrong: NDArray[np.bool_], name: str, allowed: str) -> None:
    """Raise ``ValueError`` with the first of ``values`` that is ``wrong`` and what is allowed."""
    if wrong.any():
        place = int(np.argmax(wrong))
        where = f" (person {place})" if len(values) > 1 else ""
        raise ValueError(f"{name}{where} is {values[place]}; it must be {allowed}.")


def _people(
    table: Content, sex: Sequence[str] | NDArray[np.str_], age: ArrayLike, height_cm: ArrayLike
) -> tuple[NDArray[np.str_], Floats, Floats]:
    sexes = np.asarray(sex, dtype=str)
    ages = floats("age", age)
    heights = floats("height_cm", height_cm)
    if not (sexes.ndim == 1 and sexes.shape == ages.shape == heights.shape):
        raise ValueError(
            f"sex, age and height_cm have shapes {sexes.shape}, {ages.shape} and {heights.shape}; "
            "they must be one-dimensional and of one length."
        )
    refuse(sexes, ~np.isin(sexes, SEXES), "sex", "male or female (at birth: the equations know no other)")
    for name, values, (lowest, highest) in (
        ("age", ages, table.values["age_years"]),
        ("height_cm", heights, table.values["height_cm"]),
    ):
        refuse(values, ~((values >= lowest) & (values <= highest)), name, f"from {lowest} to {highest}")
    return sexes, ages, heights


def _ethnicities(
    table: Content, ethnicity: str | Sequence[str] | NDArray[np.str_] | None, people: int
) -> NDArray[np.str_] | None:
    known = table.values["ethnicities"]
    if not known:
        if ethnicity is not None:
            raise ValueError(f"ethnicity is {ethnicity!r}; {table.name} is race-neutral and takes none.")
        return None
    if ethnicity is None:
        raise ValueError(f"ethnicity is missing; {table.name} needs one of {', '.join(known)}.")
    groups = np.asarray(ethnicity, dtype=str)
    if groups.ndim and groups.shape != (people,):
        raise ValueError(f"ethnicity has shape {groups.shape}; it must be one text or {people} of them.")
    groups = np.broadcast_to(groups, (people,))
    refuse(groups, ~np.isin(groups, known), "ethnicity", f"one of {', '.join(known)}")
    return groups


def _lms(
    equation: Mapping[str, Any], table: Content, ages: Floats, heights: Floats, group: str | None
) -> tuple[Floats, Floats, Floats]:
    """Median, coefficient of variation and skewness of one sex and ethnic group."""
    first, last = table.values["age_years"]
    knots = np.arange(first, last + 1)
    log_age, log_height = np.log(ages), np.log(heights)

    def linear(part: str) -> Floats:
        terms = equation[part]
        total = (
            terms["intercept"]
            + terms.get("height", 0.0) * log_height
            + terms["age"] * log_age
            + terms.get(group, 0.0)
        )
        spline = equation.get(f"{part}_spline")
        return np.asarray(total if spline is None else total + np.interp(ages, knots, spline), dtype=float)

    return np.exp(linear("median")), np.exp(linear("spread")), linear("skew")


def _z(observed: Floats | np.float64, median: Any, skew: Any, spread: Any) -> Any:
    return ((observed / median) ** skew - 1) / (skew * spread)
