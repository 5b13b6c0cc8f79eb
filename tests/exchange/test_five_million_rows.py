"""Five million absences go in with the memory of a few thousand."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import pytest

from openoh.foundation.core.scope import within
from openoh.foundation.people.models import Engagement
from tests.conftest import CHECKOUT
from tests.exchange.feed import ABSENCE
from tests.world import LONG_AGO, World

pytestmark = [pytest.mark.faults, pytest.mark.long]
STAFF, ROWS, FEW = 20_000, 5_000_000, 50_000
GIBIBYTE, BLOCK = 1024 * 1024, 100_000  # in KiB, as the kernel counts; rows written at a time
FIRST_DAY = date(2021, 1, 1)


def engage(world: World) -> None:
    with within(world.as_worker.scope):
        Engagement.objects.bulk_create(
            (Engagement(employer=world.trust, number=f"M{i}", given_name="Ann", family_name=f"Many{i}",
                        starts_on=LONG_AGO) for i in range(STAFF)),
            batch_size=2_000,
        )  # fmt: skip


def spells() -> Iterator[str]:
    """Each person is absent one day in seven, again and again; every spell has a reference of its own."""
    days = [(FIRST_DAY + timedelta(days=7 * week)).isoformat() for week in range(ROWS // STAFF)]
    reference = 0
    for day in days:
        for person in range(STAFF):
            reference += 1
            yield f"M{person},{reference},{day},{day},,S13,\n"


def write(path: Path, rows: int) -> Path:
    rest = islice(spells(), rows)
    with path.open("w") as file:
        file.write(f"{ABSENCE}\n")
        while block := list(islice(rest, BLOCK)):
            file.writelines(block)
    return path


def imported(path: Path) -> tuple[int, int, int]:
    """Rows read and rows new, and the peak memory in KiB of the process that imported them."""
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "tests/exchange/importer.py"), "RNS", "absence", str(path)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "openoh.config.settings", "PYTHONPATH": str(CHECKOUT)},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    read, new, peak = done.stdout.split()
    return int(read), int(new), int(peak)


def test_memory_stays_flat_to_five_million_rows(committed_world, tmp_path):
    engage(committed_world)
    few, many = write(tmp_path / "few.csv", FEW), write(tmp_path / "many.csv", ROWS)
    try:
        few_read, few_new, few_peak = imported(few)
        read, new, peak = imported(many)
    finally:
        few.unlink()
        many.unlink()
    assert (few_read, few_new) == (FEW, FEW)
    assert (read, new) == (ROWS, ROWS - FEW)
    sys.__stderr__.write(
        f"peak memory: {few_peak // 1024} MiB for {FEW} rows, {peak // 1024} MiB for {ROWS}\n"
    )
    assert peak < GIBIBYTE
    assert peak < 2 * few_peak
