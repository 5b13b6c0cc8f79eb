"""What is known about a person: doses, laboratory tests, other evidence and refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal, TypeAlias

from openoh.methods._checks import day, number
from openoh.methods._content import load

Result: TypeAlias = Literal["positive", "negative"]
RESULTS = ("positive", "negative")
KINDS = ("anti-hbc", "anti-hbs", "hbsag", "igra", "mantoux", "measles-igg", "rubella-igg", "varicella-igg")
EVIDENCE = (
    "bcg-record",
    "bcg-scar",
    "chickenpox",
    "from-high-incidence-country",
    "no-tb-symptoms",
    "raised-in-tropics",
    "shingles",
    "tb-symptoms",
)


@dataclass(frozen=True)
class Dose:
    """One dose of a product, e.g. ``mmr`` or ``hepatitis-b``. ``ValueError`` names the products there are."""

    vaccine: str
    given: date

    def __post_init__(self) -> None:
        product(self.vaccine)
        day("The day of a dose", self.given)


@dataclass(frozen=True)
class LabTest:
    """One laboratory result: ``positive`` or ``negative``, and mIU/mL for ``anti-hbs``."""

    kind: str
    on: date
    result: Result | float

    def __post_init__(self) -> None:
        day("The day of a test", self.on)
        if self.kind not in KINDS:
            raise ValueError(f"There is no test {self.kind!r}; choose from {', '.join(KINDS)}.")
        if self.kind == "anti-hbs":
            check_anti_hbs(self.result)
        elif self.result not in RESULTS:
            raise ValueError(f"The {self.kind} is {self.result!r}; it must be positive or negative.")


@dataclass(frozen=True)
class PersonFacts:
    """One person's record. The order of doses and tests does not matter.

    ``evidence`` holds words such as ``chickenpox`` (a definite history) or ``bcg-scar``; ``declined`` the
    day on which a requirement was refused; ``schedules`` the course chosen for a requirement where it is
    not the usual one, e.g. ``{"hepatitis-b": "hepatitis-b-accelerated"}``. ``ValueError`` for a dose or
    test before birth and for unknown words.
    """

    born: date
    doses: tuple[Dose, ...] = ()
    tests: tuple[LabTest, ...] = ()
    evidence: frozenset[str] = frozenset()
    declined: Mapping[str, date] = field(default_factory=dict)
    schedules: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        day("born", self.born)
        for on in (*(dose.given for dose in self.doses), *(test.on for test in self.tests)):
            if day("on", on) < self.born:
                raise ValueError(f"There is a dose or test on {on}, before birth on {self.born}.")
        for requirement, on in self.declined.items():
            day(f"The day on which {requirement} was declined", on)
        for word in self.evidence:
            if word not in EVIDENCE:
                raise ValueError(f"There is no evidence {word!r}; choose from {', '.join(EVIDENCE)}.")

    def as_of(self, on: date) -> "PersonFacts":
        """The record without what happened after ``on``."""
        if day("on", on) < self.born:
            raise ValueError(f"on is {on}, before birth on {self.born}.")
        return replace(
            self,
            doses=tuple(dose for dose in self.doses if dose.given <= on),
            tests=tuple(test for test in self.tests if test.on <= on),
            declined={name: day for name, day in self.declined.items() if day <= on},
        )

    def latest(self, kind: str) -> LabTest | None:
        """The last test of this kind."""
        return max((test for test in self.tests if test.kind == kind), key=lambda test: test.on, default=None)

    def doses_against(self, disease: str) -> tuple[date, ...]:
        """The days of doses of any product against ``disease``, earliest first."""
        return tuple(sorted(dose.given for dose in self.doses if disease in product(dose.vaccine)["against"]))


def product(vaccine: str) -> Mapping[str, Any]:
    """What is known of a product; ``ValueError`` names the products there are."""
    return load("immunity", "vaccines").section("products", vaccine)


def check_anti_hbs(value: Any) -> None:
    """Refuse an antibody level that is not a number of mIU/mL in range."""
    largest = load("immunity", "hepatitis-b").values["largest_miu"]
    number("anti-HBs", value, minimum=0, maximum=largest, unit="mIU/mL")
