"""The list of bad input in tests/README.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
NAMED = re.compile(r"`(\S+\.py)::(test_\w+)`")


def test_every_test_that_the_list_of_bad_input_names_exists():
    named = NAMED.findall((TESTS / "README.md").read_text())
    missing = [f"{path}::{name}" for path, name in named
               if not re.search(rf"^def {name}\(", (TESTS / path).read_text(), re.M)]  # fmt: skip
    assert missing == []
    assert len(named) > 30
