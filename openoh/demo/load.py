"""Load the demonstration: organisations, then the extracts through the same door that every employer uses."""

from __future__ import annotations

import gzip
from importlib.resources import files
from pathlib import Path

from openoh.demo.cast import CAST
from openoh.demo.generate import Extract, employers, generate
from openoh.demo.organisations import (
    Persona,
    make_clinical_staff,
    make_employer_staff,
    make_organisations,
    write_personas,
)
from openoh.demo.progress import Progress
from openoh.demo.stories import play
from openoh.exchange.hr_feed import actions as feed
from openoh.foundation.core import clock
from openoh.foundation.core.actors import system_actor
from openoh.foundation.organisations.models import Employer
from openoh.population.measures import publishing_groups, publishing_offers
from openoh.population.measures.actions import import_published
from openoh.population.measures.publishing import publish

PUBLISHED = "nhs_sickness_by_organisation_2024-04_2025-03.csv.gz"
SEED = 1
YEARS = 2


def load(folder: Path, *, staff: int) -> None:
    """Fill an empty installation. Shows progress; takes about a minute for 3,000 people."""
    plans = employers(staff)
    made = make_organisations(plans)
    personas = make_clinical_staff() + make_employer_staff(made)
    with Progress("Inventing extracts", len(plans), "employers") as progress:
        extracts = []
        for extract in generate(
            folder / "extracts", staff=staff, years=YEARS, seed=SEED, until=clock.today()
        ):
            extracts.append(extract)
            progress.add(1)
    people = sum(extract.people_rows for extract in extracts)
    with Progress("Importing extracts", people, "people") as progress:
        for extract in extracts:
            progress.doing(extract.employer.name)
            _take(extract, made[extract.employer.code])
            progress.add(extract.people_rows)
    with Progress("Importing published figures"):
        _take_published(folder / "published")
    personas += _cast(made)
    write_personas(folder / "personas.json", personas)
    play()
    with Progress("Making figures"):
        publish()
        publishing_groups.publish()
        publishing_offers.publish()


def _take_published(folder: Path) -> None:
    """NHS England's published absence of organisations, to compare with, through the import of every installation."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PUBLISHED.removesuffix(".gz")
    packed = files("openoh.population.measures").joinpath("content", PUBLISHED).read_bytes()
    path.write_bytes(gzip.decompress(packed))
    import_published(by=system_actor("demonstration"), path=path)


def _take(extract: Extract, employer: Employer) -> None:
    by = system_actor("demonstration", employers=(employer.id,))
    for kind, path in (("people", extract.people), ("absence", extract.absence)):
        with path.open("rb") as file:
            run = feed.receive(
                by=by, employer=employer, kind=kind, file=file, file_name=path.name, mapping=f"openoh-{kind}"
            )
        done = feed.run(by=by, run=run)
        if done.state != "done":
            raise RuntimeError(f"{path.name}: {done.refusal or done.question}")


def _cast(made: dict[str, Employer]) -> list[Persona]:
    domains = {plan.code: plan.domain for plan in employers(100_000)}
    return [
        Persona(
            f"{member.number.lower()}@{domains[member.employer]}", f"{member.given} {member.family}", member.role,
            made[member.employer].name, member.about,
        )
        for member in CAST
    ]  # fmt: skip
