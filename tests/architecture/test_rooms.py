"""Each room keeps to what it is for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "openoh"
FLOORS = ("foundation", "pathway", "protection", "population", "improvement", "exchange")
LIMIT = 600


def room(name: str) -> list[Path]:
    return sorted(path for floor in FLOORS for path in (PACKAGE / floor).glob(f"*/{name}.py"))


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


@pytest.mark.parametrize("path", room("rules"), ids=lambda path: path.parent.name)
def test_rules_never_read_the_clock_and_never_see_the_database(path):
    wrong = {
        name for name in imported(path) if name.startswith(("django", "psycopg")) or name.endswith(".clock")
    }
    assert wrong == set()


@pytest.mark.parametrize("path", room("models"), ids=lambda path: path.parent.name)
def test_models_do_not_decide_authorise_or_send(path):
    wrong = {name for name in imported(path) if {"actions", "access", "queries"} & set(name.split("."))}
    assert {name for name in wrong if not name.startswith("openoh.foundation.access.models")} == set()


@pytest.mark.parametrize("path", room("queries"), ids=lambda path: path.parent.name)
def test_queries_do_not_write(path):
    calls = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert (
        calls
        & {"create", "save", "delete", "bulk_create", "bulk_update", "update_or_create", "get_or_create"}
        == set()
    )


@pytest.mark.parametrize(
    "path",
    sorted(p for p in PACKAGE.rglob("*.py") if "migrations" not in p.parts),
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_no_module_grows_beyond_reading(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LIMIT


def test_every_package_of_the_house_has_its_ten_lines():
    packages = {path.parent for floor in FLOORS for path in (PACKAGE / floor).glob("*/__init__.py")}
    missing = sorted(str(p.relative_to(PACKAGE)) for p in packages if not (p / "README.md").exists())
    assert missing == []
