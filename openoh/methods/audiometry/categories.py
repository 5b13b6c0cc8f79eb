"""The HSE hearing surveillance scheme: category by sums, unilateral and rapid loss, notch and change."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from openoh.methods._checks import number
from openoh.methods._content import Content, Status, load
from openoh.methods.audiometry.audiogram import EARS, Audiogram, Ear, EarName, check, level_sum

_ACCEPTABLE, _MILD, _POOR, _RAPID = 1, 2, 3, 4


@dataclass(frozen=True)
class Ears:
    """One number of dB per ear."""

    left: float
    right: float


@dataclass(frozen=True)
class Change:
    """A hearing level that moved by more than tests usually differ: repeat the test."""

    ear: EarName
    hz: int
    change_db: float


@dataclass(frozen=True)
class Hearing:
    """A categorised test. ``category`` is 1 to 4; ``unilateral`` is a flag besides it.

    ``notch`` names the ears with a notch at 3, 4 or 6 kHz; ``None`` where the table has no rule about
    notches.
    ``manual_review`` says why a person must judge: under 18, hearing aids.
    """

    category: int
    name: str
    action: str
    sums: Ears
    warning_level: float
    referral_level: float
    unilateral: bool
    rapid_loss: bool
    notch: tuple[EarName, ...] | None
    retest: tuple[Change, ...]
    manual_review: tuple[str, ...]
    reasons: tuple[str, ...]
    table: str
    rule_version: str
    status: Status


@dataclass(frozen=True)
class HearingTable:
    """A version of the scheme. Build one from a content file of your own to use another table of levels.

    ``ValueError`` where ages do not rise, or a warning level is not below its referral level.
    """

    content: Content

    def __post_init__(self) -> None:
        levels = self.content.section("levels")
        ages = [row["from_age"] for row in cast(Sequence[Mapping[str, Any]], levels)]
        for earlier, later in itertools.pairwise(ages):
            if later <= earlier:
                raise ValueError(f"Age {later} follows age {earlier} in {self.content.name}; ages must rise.")
        for row in cast(Sequence[Mapping[str, Any]], levels):
            for sex in ("male", "female"):
                warning, referral = row[sex]["warning"], row[sex]["referral"]
                if warning >= referral:
                    raise ValueError(
                        f"From age {row['from_age']} the {sex} warning level {warning} "
                        f"in {self.content.name} is not below the referral level {referral}."
                    )

    def levels(self, sex: str, age: float) -> tuple[float, float]:
        """Warning and referral level in dB for ``sex`` and ``age`` in years."""
        lowest, highest = self.content.values["age_years"]
        if sex not in ("male", "female"):
            raise ValueError(f"sex is {sex}; it must be male or female.")
        number("age", age, minimum=lowest, maximum=highest)
        rows = self.content.values["levels"]
        row = [row for row in rows if row["from_age"] <= age] or rows[:1]
        return row[-1][sex]["warning"], row[-1][sex]["referral"]


def categorise(
    test: Audiogram,
    *,
    sex: str,
    age: float,
    previous: Audiogram | None = None,
    years_since_previous: float | None = None,
    hearing_aids: bool = False,
    table: str | HearingTable = "l108-2005",
) -> Hearing:
    """Category of a hearing test by the HSE scheme (L108, Control of Noise at Work Regulations 2005).

    ``test`` and ``previous`` hold dB HL by Hz for both ears; 1, 2, 3, 4 and 6 kHz are needed, 0.5 and 8 kHz
    are used where present. ``age`` is 14 to 100 years (under 20 uses the row of 20-24). The worse ear
    decides: sum at or above the warning level is 2, at or above the referral level 3. A rise of the sum at 3,
    4 and 6 kHz of 30 dB in either ear since ``previous`` is 4; ``years_since_previous`` above 3 raises that
    in proportion (10 dB a year), and ``None`` means within 3 years. More than 40 dB between the ears over 1,
    2, 3 and 4 kHz is unilateral. 4 goes before 3 before 2 before 1.

    ``table`` is ``l108-2005`` or ``l108-2021``. The latter adds: a notch that is new or worse is 3, a known
    one that did not change at least 2 (it never lowers a category), and a change of more than 10 dB at any
    frequency asks for a repeated test. Its table of sums is not verified, hence ``status`` ``unsure``.

    ``ValueError`` names missing frequencies or ears, levels outside -20 to 130 dB, ages and sexes outside the
    table, and ``years_since_previous`` that is not above 0 or comes without ``previous``.

    Source: HSE, Controlling noise at work (L108), second edition 2005 and third edition 2021, appendix
    on health surveillance.

    >>> ear = {1000: 10, 2000: 15, 3000: 25, 4000: 40, 6000: 35}
    >>> hearing = categorise({"left": ear, "right": ear}, sex="male", age=36)
    >>> hearing.category, hearing.sums.left, hearing.reasons
    (2, 125, ('left ear: sum 125 dB is at or above the warning level 100.',))
    """
    scheme = table if isinstance(table, HearingTable) else _scheme(table)
    rules = scheme.content.values
    _check_tests(test, previous, years_since_previous, rules)
    warning, referral = scheme.levels(sex, age)
    sums = Ears(*(level_sum(test[ear], rules["sum_hz"], ear) for ear in EARS))
    findings = [
        *_by_sum(sums, warning, referral),
        *_rapid(test, previous, years_since_previous, rules),
        *_notches(test, previous, years_since_previous, rules),
    ]
    category, _ = max(findings, key=lambda finding: finding[0])
    unilateral = _unilateral(test, rules)
    review = _manual_review(age, hearing_aids, rules)
    return Hearing(
        category=category,
        name=rules["names"][category - 1],
        action=rules["actions"][category - 1],
        sums=sums,
        warning_level=warning,
        referral_level=referral,
        unilateral=bool(unilateral),
        rapid_loss=category == _RAPID,
        notch=tuple(ear for ear in EARS if _notch_hz(test[ear], rules["notch"]))
        if "notch" in rules
        else None,
        retest=_retest(test, previous, rules),
        manual_review=review,
        reasons=(*(why for found, why in findings if found == category), *unilateral, *review),
        table=scheme.content.name,
        rule_version=scheme.content.rule_version,
        status=scheme.content.status,
    )


def _scheme(name: str) -> HearingTable:
    content = load("audiometry", name)
    if "levels" not in content.values:
        raise ValueError(f"table is {name}; it must be l108-2005 or l108-2021.")
    return HearingTable(content)


def _check_tests(
    test: Audiogram, previous: Audiogram | None, years: float | None, rules: Mapping[str, Any]
) -> None:
    check(test, rules["sum_hz"], rules["hearing_level_db"])
    if previous is not None:
        check(previous, rules["sum_hz"], rules["hearing_level_db"], "previous test")
    if years is not None:
        number("years_since_previous", years, minimum=0, maximum=rules["age_years"][1], above=True)
        if previous is None:
            raise ValueError(f"years_since_previous is {years} without a previous test; it comes with one.")


def _by_sum(sums: Ears, warning: float, referral: float) -> list[tuple[int, str]]:
    """Category by the sum of the worse ear, with the reason."""
    ear: EarName = "left" if sums.left >= sums.right else "right"
    worse = max(sums.left, sums.right)
    if worse >= referral:
        return [(_POOR, f"{ear} ear: sum {worse:g} dB is at or above the referral level {referral}.")]
    if worse >= warning:
        return [(_MILD, f"{ear} ear: sum {worse:g} dB is at or above the warning level {warning}.")]
    return [(_ACCEPTABLE, f"Both sums are below the warning level {warning}.")]


def _rapid(
    test: Audiogram, previous: Audiogram | None, years: float | None, rules: Mapping[str, Any]
) -> list[tuple[int, str]]:
    if previous is None:
        return []
    rule = rules["rapid_loss"]
    needed = rule["rise_db"] * max(1.0, (years or rule["within_years"]) / rule["within_years"])
    found = []
    for ear in EARS:
        rise = level_sum(test[ear], rule["hz"], ear) - level_sum(previous[ear], rule["hz"], ear)
        if rise >= needed:
            found.append(
                (_RAPID, f"{ear} ear: sum at 3, 4 and 6 kHz rose by {rise:g} dB, {needed:g} or more.")
            )
    return found


def _notches(
    test: Audiogram, previous: Audiogram | None, years: float | None, rules: Mapping[str, Any]
) -> list[tuple[int, str]]:
    """Category by a notch, where the table has that rule: new or worse is 3, known and unchanged 2."""
    if "notch" not in rules:
        return []
    rule = rules["notch"]
    found = []
    for ear in EARS:
        where = _notch_hz(test[ear], rule)
        if not where:
            continue
        kilohertz = ", ".join(f"{hz / 1000:g}" for hz in where)
        if previous is None or not _notch_hz(previous[ear], rule):
            found.append((_POOR, f"{ear} ear: notch at {kilohertz} kHz, newly found."))
        elif any(test[ear][hz] - previous[ear][hz] >= rule["worsening_db"] for hz in rule["hz"]):
            found.append((_POOR, f"{ear} ear: notch at {kilohertz} kHz, worse than before."))
        else:
            known = f"for {years:g} years" if years and years >= rule["stable_years"] else "so far"
            found.append((_MILD, f"{ear} ear: known notch at {kilohertz} kHz, stable {known}."))
    return found


def _notch_hz(ear: Ear, rule: Mapping[str, Any]) -> tuple[int, ...]:
    """Frequencies at which the level is worse than at 1 or 2 kHz and than at 6 or 8 kHz (Coles 2000)."""
    depth = rule["depth_db"]
    found = []
    for hz in rule["hz"]:
        recovery = [ear[above] for above in (6000, 8000) if above > hz and above in ear]
        lower = min(ear[1000], ear[2000])
        if recovery and ear[hz] - lower >= depth and ear[hz] - min(recovery) >= depth:
            found.append(hz)
    return tuple(found)


def _unilateral(test: Audiogram, rules: Mapping[str, Any]) -> tuple[str, ...]:
    rule = rules["unilateral"]
    difference = level_sum(test["left"], rule["hz"], "left") - level_sum(test["right"], rule["hz"], "right")
    if abs(difference) <= rule["difference_db"]:
        return ()
    worse = "left" if difference > 0 else "right"
    return (f"Unilateral: the {worse} ear is {abs(difference):g} dB worse over 1, 2, 3 and 4 kHz; refer.",)


def _retest(test: Audiogram, previous: Audiogram | None, rules: Mapping[str, Any]) -> tuple[Change, ...]:
    """Changes in either direction since the previous test that ask for a repeated one."""
    if previous is None or "retest" not in rules:
        return ()
    return tuple(
        Change(ear, hz, test[ear][hz] - previous[ear][hz])
        for ear in EARS
        for hz in sorted(set(test[ear]) & set(previous[ear]))
        if abs(test[ear][hz] - previous[ear][hz]) > rules["retest"]["change_db"]
    )


def _manual_review(age: float, hearing_aids: bool, rules: Mapping[str, Any]) -> tuple[str, ...]:
    reasons = []
    if age < rules["adult_age"]:
        reasons.append(f"Under {rules['adult_age']}: a clinician judges the test.")
    if hearing_aids:
        reasons.append("Hearing aids: a clinician judges the test.")
    return tuple(reasons)
