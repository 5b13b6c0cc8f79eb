"""Reading of a spirometry test: z-scores, pattern and severity by the ERS/ATS technical standard of 2022."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openoh.methods._checks import floats
from openoh.methods._content import Content, Status, load
from openoh.methods.spirometry.equations import (
    DEFAULT_REFERENCE,
    MEASURES,
    Floats,
    Measure,
    Reference,
    ReferenceArrays,
    predict,
    predict_many,
    refuse,
)

Pattern: TypeAlias = Literal[
    "normal", "obstruction", "possible restriction", "mixed", "preserved ratio impaired"
]
Severity: TypeAlias = Literal["normal", "mild", "moderate", "severe"]


@dataclass(frozen=True)
class MeasureResult:
    """One measure of one test: litres (a fraction for ``FEV1FVC``), z-score and per cent of predicted."""

    observed: float
    z: float
    percent_predicted: float
    below_lln: bool
    severity: Severity
    reference: Reference


@dataclass(frozen=True)
class Interpretation:
    """A whole test. ``severity`` is that of FEV1, or of FVC where the pattern is possible restriction."""

    fev1: MeasureResult
    fvc: MeasureResult
    ratio: MeasureResult
    pattern: Pattern
    severity: Severity
    rule_version: str
    status: Status

    @property
    def abnormal(self) -> bool:
        """Whether any of the three measures lies below its lower limit of normal."""
        return self.pattern != "normal"


@dataclass(frozen=True)
class InterpretationArrays:
    """As `Interpretation`, for many people: z-scores, per cent of predicted, and words, as arrays."""

    z: dict[Measure, Floats]
    percent_predicted: dict[Measure, Floats]
    lln: dict[Measure, Floats]
    pattern: NDArray[np.str_]
    severity: NDArray[np.str_]
    rule_version: str
    status: Status


def interpret(
    fev1: float,
    fvc: float,
    *,
    sex: str,
    age: float,
    height_cm: float,
    reference: str = DEFAULT_REFERENCE,
    ethnicity: str | None = None,
) -> Interpretation:
    """Interpret the best FEV1 and FVC of one person.

    Both in litres, above 0 and up to 12, FEV1 no larger than FVC.

    A measure is low where it is below the lower limit of normal (z < -1.645), never by a fixed 0.70 or 80 %.
    A low ratio is obstruction, a low FVC with a normal ratio possible restriction (lung volumes decide),
    both are mixed, and a low FEV1 alone is "preserved ratio impaired". Severity by z: mild to -2.5,
    moderate to -4.0, then severe; obstruction with an FEV1 within limits has severity "normal".
    The other arguments, and what is refused, are those of `predict`.

    Source: Stanojevic et al. 2022, Eur Respir J 60:2101499 (ERS/ATS interpretation).

    >>> test = interpret(2.1, 3.9, sex="male", age=50, height_cm=175)
    >>> test.pattern, test.severity, round(test.fev1.z, 2), round(test.ratio.z, 2)
    ('obstruction', 'moderate', -2.69, -3.28)
    """
    rules = load("spirometry", "interpretation")
    _check_volumes(floats("fev1", [fev1]), floats("fvc", [fvc]), rules)
    observed = _observed(fev1, fvc)
    results = {}
    for measure in MEASURES:
        expected = predict(
            measure, sex=sex, age=age, height_cm=height_cm, reference=reference, ethnicity=ethnicity
        )
        z = expected.z(observed[measure])
        results[measure] = MeasureResult(
            observed=observed[measure],
            z=z,
            percent_predicted=expected.percent_predicted(observed[measure]),
            below_lln=z < rules.values["lower_limit_z"],
            severity=_severity(z, rules),
            reference=expected,
        )
    pattern = _pattern(*(results[measure].below_lln for measure in MEASURES))
    graded = results["FVC" if pattern == "possible restriction" else "FEV1"]
    return Interpretation(
        fev1=results["FEV1"],
        fvc=results["FVC"],
        ratio=results["FEV1FVC"],
        pattern=pattern,
        severity=graded.severity,
        rule_version=graded.reference.rule_version,
        status=graded.reference.status,
    )


def interpret_many(
    fev1: ArrayLike,
    fvc: ArrayLike,
    *,
    sex: Sequence[str] | NDArray[np.str_],
    age: ArrayLike,
    height_cm: ArrayLike,
    reference: str = DEFAULT_REFERENCE,
    ethnicity: str | Sequence[str] | NDArray[np.str_] | None = None,
) -> InterpretationArrays:
    """As `interpret`, for people in arrays of one length.

    Source: as `interpret`.

    >>> many = interpret_many([2.8, 2.1], [3.9, 3.9], sex=["male"] * 2, age=[50, 50], height_cm=[175, 175])
    >>> many.pattern.tolist(), many.severity.tolist()
    (['normal', 'obstruction'], ['normal', 'moderate'])
    """
    rules = load("spirometry", "interpretation")
    fev1, fvc = floats("fev1", fev1), floats("fvc", fvc)
    if fev1.shape != fvc.shape or fev1.shape != np.shape(age):
        raise ValueError(
            f"fev1, fvc and age have shapes {fev1.shape}, {fvc.shape} and {np.shape(age)}; "
            "they must be the same."
        )
    _check_volumes(fev1, fvc, rules)
    observed: dict[Measure, Floats] = {"FEV1": fev1, "FVC": fvc, "FEV1FVC": fev1 / fvc}
    expected: dict[Measure, ReferenceArrays] = {
        measure: predict_many(
            measure, sex=sex, age=age, height_cm=height_cm, reference=reference, ethnicity=ethnicity
        )
        for measure in MEASURES
    }
    z = {measure: expected[measure].z(observed[measure]) for measure in MEASURES}
    low_fev1, low_fvc, low_ratio = (z[measure] < rules.values["lower_limit_z"] for measure in MEASURES)
    words = np.array([_pattern(bool(i & 1), bool(i & 2), bool(i & 4)) for i in range(8)])
    pattern = words[low_fev1 + 2 * low_fvc + 4 * low_ratio]
    graded = np.where(pattern == "possible restriction", z["FVC"], z["FEV1"])
    bands = rules.values["severity"]
    grade = sum((graded < band["below"]).astype(int) for band in bands)
    return InterpretationArrays(
        z=z,
        percent_predicted={m: 100 * observed[m] / expected[m].predicted for m in MEASURES},
        lln={measure: expected[measure].lln for measure in MEASURES},
        pattern=pattern,
        severity=np.array(["normal", *(band["name"] for band in bands)])[grade],
        rule_version=expected["FEV1"].rule_version,
        status=expected["FEV1"].status,
    )


def _observed(fev1: float, fvc: float) -> dict[Measure, float]:
    return {"FEV1": float(fev1), "FVC": float(fvc), "FEV1FVC": float(fev1) / float(fvc)}


def _check_volumes(fev1: Floats, fvc: Floats, rules: Content) -> None:
    largest = rules.values["largest_volume_l"]
    for name, values in (("fev1", fev1), ("fvc", fvc)):
        refuse(values, ~((values > 0) & (values <= largest)), name, f"above 0 and up to {largest} litres")
    refuse(fev1, fev1 > fvc, "fev1", "no larger than fvc")


def _pattern(low_fev1: bool, low_fvc: bool, low_ratio: bool) -> Pattern:
    if low_ratio:
        return "mixed" if low_fvc else "obstruction"
    if low_fvc:
        return "possible restriction"
    return "preserved ratio impaired" if low_fev1 else "normal"


def _severity(z: float, rules: Content) -> Severity:
    severity: Severity = "normal"
    for band in rules.values["severity"]:
        if z < band["below"]:
            severity = band["name"]
    return severity
