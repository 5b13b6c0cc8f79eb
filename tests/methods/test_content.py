"""Every content file states where it comes from and how well it is supported."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from openoh.methods import _content

FOLDERS = sorted(path.name for path in _content.CONTENT.iterdir() if path.is_dir())
FILES = [(folder, name) for folder in FOLDERS for name in _content.names(folder)]
HEADER = 'version = "1"\nvalid_from = 2024-01-01\nsource = "a"\nstatus = "general"\n'


@pytest.mark.parametrize(("module", "name"), FILES)
def test_content_names_its_source(module: str, name: str) -> None:
    content = _content.load(module, name)
    assert content.rule_version == f"{module}/{name}@{content.version}"
    assert content.valid_from <= date(2026, 12, 31)
    assert len("; ".join(content.source)) > 20
    assert content.values


def test_there_is_content_for_every_module() -> None:
    assert len(FILES) >= 60
    assert len(FOLDERS) == 17


def test_a_section_may_be_less_certain_than_its_file() -> None:
    content = _content.load("fitness", "shuttle-run")
    assert content.status == "sourced"
    assert content.status_of("standards", "officer") == "sourced"
    assert content.status_of("standards", "officer-alternative") == "unsure"


def test_unknown_content_is_refused() -> None:
    with pytest.raises(ValueError, match="fitness has no content 'x'; choose from driver-medical"):
        _content.load("fitness", "x")
    with pytest.raises(ValueError, match="version of 'vision' is '9'; allowed: 1"):
        _content.load("fitness", "vision", "9")
    with pytest.raises(ValueError, match="fitness/shuttle-run@1 has no 'x'; choose from"):
        _content.load("fitness", "shuttle-run").section("x")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty content folder of a module named `module`."""
    path = tmp_path / "module"
    path.mkdir()
    monkeypatch.setattr(_content, "CONTENT", tmp_path)
    _forget()
    yield path
    _forget()


def _forget() -> None:
    _content.load.cache_clear()
    _content._versions_by_name.cache_clear()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('version = "1"\n', r"bad.v1.toml lacks valid_from, source, status"),
        (HEADER.replace("general", "sure"), "lacks a known status"),
        (HEADER.replace('"1"', '"2"'), r"bad.v1.toml says that it is version '2'"),
    ],
)
def test_content_without_its_header_is_refused(text: str, message: str, folder: Path) -> None:
    (folder / "bad.v1.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        _content.load("module", "bad")


def test_a_file_without_a_version_in_its_name_is_refused(folder: Path) -> None:
    (folder / "bad.toml").write_text(HEADER, encoding="utf-8")
    with pytest.raises(ValueError, match=r"content file is 'bad.toml'; allowed: <name>.v<version>.toml"):
        _content.names("module")


def test_the_newest_version_counts_by_number_and_the_others_stay(folder: Path) -> None:
    for version in ("2", "9", "10"):
        text = HEADER.replace('"1"', f'"{version}"') + f"threshold = {version}\n"
        (folder / f"rule.v{version}.toml").write_text(text, encoding="utf-8")
    assert _content.load("module", "rule").values["threshold"] == 10
    assert _content.load("module", "rule", "2").values["threshold"] == 2
    assert _content.names("module") == ("rule",)
