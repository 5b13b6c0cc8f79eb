"""Hearing standards of posts: sums at low and at high frequencies against fixed limits."""

from dataclasses import dataclass

from openoh.methods._content import Status, load
from openoh.methods.audiometry.audiogram import EARS, Audiogram, EarName, check, level_sum


@dataclass(frozen=True)
class FirearmsHearing:
    """Whether unaided hearing meets the standard of an authorised firearms officer."""

    meets: bool
    reasons: tuple[str, ...]
    rule_version: str
    status: Status


@dataclass(frozen=True)
class HearingGrade:
    """Military hearing grade by ear; ``grade`` is that of the worse ear."""

    grade: str
    left: str
    right: str
    rule_version: str
    status: Status


def firearms(test: Audiogram) -> FirearmsHearing:
    """Hearing of an authorised firearms officer, pure tone and unaided.

    Fails where either ear sums to more than 84 dB at 0.5, 1 and 2 kHz or more than 123 dB at 3, 4 and 6 kHz
    (Ministry of Defence Police medical standards). ``ValueError`` names frequencies that are missing.

    Source: Ministry of Defence Police, medical standards for authorised firearms officers.

    >>> ear = {500: 20, 1000: 20, 2000: 25, 3000: 40, 4000: 45, 6000: 40}
    >>> firearms({"left": ear, "right": ear}).reasons[0]
    'left ear: 125 dB at 3000, 4000, 6000 Hz, more than 123.'
    """
    table = load("audiometry", "firearms")
    limits = table.values["limits"]
    check(test, [hz for limit in limits for hz in limit["hz"]], table.values["hearing_level_db"])
    reasons = []
    for ear in EARS:
        for limit in limits:
            total = level_sum(test[ear], limit["hz"], ear)
            if total > limit["largest_db"]:
                where = ", ".join(map(str, limit["hz"]))
                reasons.append(f"{ear} ear: {total:g} dB at {where} Hz, more than {limit['largest_db']}.")
    return FirearmsHearing(
        meets=not reasons, reasons=tuple(reasons), rule_version=table.rule_version, status=table.status
    )


def hearing_grade(test: Audiogram) -> HearingGrade:
    """Military hearing grade H1 (best) to H4 from the sums at 0.5-1-2 kHz and at 3-4-6 kHz of each ear.

    H1 up to 45 and 45 dB, H2 up to 84 and 123, H3 up to 150 and 210, otherwise H4 (Joint Service Publication
    950).
    ``ValueError`` names frequencies that are missing.

    Source: Joint Service Publication 950, hearing grades (PULHHEEMS).

    >>> ear = {500: 10, 1000: 10, 2000: 10, 3000: 20, 4000: 30, 6000: 20}
    >>> hearing_grade({"left": ear, "right": ear}).grade
    'H2'
    """
    table = load("audiometry", "h-grades")
    low, high = table.values["low_hz"], table.values["high_hz"]
    check(test, [*low, *high], table.values["hearing_level_db"])
    grades = table.values["grades"]

    def grade(ear: EarName) -> int:
        low_sum, high_sum = level_sum(test[ear], low, ear), level_sum(test[ear], high, ear)
        for place, limit in enumerate(grades[:-1]):
            if low_sum <= limit["low_db"] and high_sum <= limit["high_db"]:
                return place
        return len(grades) - 1

    left, right = grade("left"), grade("right")
    return HearingGrade(
        grade=grades[max(left, right)]["name"],
        left=grades[left]["name"],
        right=grades[right]["name"],
        rule_version=table.rule_version,
        status=table.status,
    )
