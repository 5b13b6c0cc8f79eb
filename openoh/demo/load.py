"""Load the demonstration: organisations, then the extracts through the same door that every employer uses."""

from __future__ import annotations

import gzip
import sys
import time
from collections.abc import Iterator
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
from openoh.demo.stories import play
from openoh.exchange.hr_feed import actions as feed
from openoh.foundation.core import clock
from openoh.foundation.core.actors import system_actor
from openoh.foundation.organisations.models import Employer
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
    extracts = list(generate(folder / "extracts", staff=staff, years=YEARS, seed=SEED, until=clock.today()))
    for extract in with_progress(extracts):
        _take(extract, made[extract.employer.code])
    _take_published(folder / "published")
    publish()
    personas += _cast(made)
    write_personas(folder / "personas.json", personas)
    play()


def _take_published(folder: Path) -> None:
    """NHS England's published absence of organisations, to compare with, through the import of every installation."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PUBLISHED.removesuffix(".gz")
    packed = files("openoh.population.measures").joinpath("content", PUBLISHED).read_bytes()
    path.write_bytes(gzip.decompress(packed))
    taken = import_published(by=system_actor("demonstration"), path=path)
    sys.stdout.write(f"  Published figures: {taken.rows:,} rows of NHS organisations\n")


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


def with_progress(extracts: list[Extract]) -> Iterator[Extract]:
    """Say after each employer how far the loading is, in people."""
    live = sys.stdout.isatty()  # a log gets one line, a terminal a moving bar
    total, done, began = sum(extract.people_rows for extract in extracts), 0, time.monotonic()
    for extract in extracts:
        yield extract
        done += extract.people_rows
        if not live and done < total:
            continue
        filled = round(30 * done / total)
        sys.stdout.write(
            f"\r  Importing extracts [{'#' * filled}{'.' * (30 - filled)}] {done:,} of {total:,} people, "
            f"{time.monotonic() - began:.0f} s"
        )
        sys.stdout.flush()
    sys.stdout.write("\n")
