"""Every variable of the environment that the code reads is on the reference page, and none that it does not."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\b(?:OPENOH_[A-Z_]+|DATABASE_URL)\b")
NOT_A_VARIABLE = {"OPENOH_APPS"}


def test_the_page_of_settings_is_complete():
    read = {
        name for path in (ROOT / "openoh").rglob("*.py") for name in VARIABLE.findall(path.read_text())
    } - NOT_A_VARIABLE
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    told = set(re.findall(r"^\| `(\w+)`", page, flags=re.MULTILINE))
    assert told == read
