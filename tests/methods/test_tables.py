"""Every content file states where it comes from and how well it is supported."""

from datetime import date
from pathlib import Path

import pytest

from openoh.methods import _tables

FILES = sorted(
    (path.parent.name, path.stem)
    for module in (
        "spirometry",
        "audiometry",
        "vibration",
        "noise",
        "fitness",
        "immunity",
        "equity",
        "change",
        "queueing",
        "value",
        "signals",
        "evaluation",
    )
    for path in (_tables.CONTENT / module).glob("*.toml")
)


@pytest.mark.parametrize(("module", "name"), FILES)
def test_content_names_its_source(module: str, name: str) -> None:
    table = _tables.load(module, name)
    assert table.rule_version == f"{module}/{name}@{table.version}"
    assert table.valid_from <= date(2026, 12, 31)
    assert len(table.source) > 20
    assert table.values


def test_there_is_content_for_every_module() -> None:
    assert len(FILES) >= 20


def test_a_section_may_be_less_certain_than_its_file() -> None:
    table = _tables.load("fitness", "shuttle-run")
    assert table.status == "sourced"
    assert table.status_of("standards", "officer") == "sourced"
    assert table.status_of("standards", "officer-alternative") == "unsure"


def test_unknown_content_is_refused() -> None:
    with pytest.raises(ValueError, match="fitness has no content 'x'; choose from driver-medical"):
        _tables.load("fitness", "x")
    with pytest.raises(ValueError, match="fitness/shuttle-run@1 has no 'x'; choose from"):
        _tables.load("fitness", "shuttle-run").section("x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('version = "1"\n', "bad.toml lacks valid_from, source, status"),
        ('version = "1"\nvalid_from = 2024-01-01\nsource = "a"\nstatus = "sure"\n', "lacks a known status"),
    ],
)
def test_content_without_its_header_is_refused(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "bad.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(_tables, "CONTENT", tmp_path)
    _tables.load.cache_clear()
    with pytest.raises(ValueError, match=message):
        _tables.load("module", "bad")
