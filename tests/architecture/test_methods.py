"""openoh.methods stands alone: small modules, lazy, without the service, and every function documented."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import pytest

from openoh import methods

FOLDER = Path(methods.__file__).parent
MOST_LINES = 400
# What only the service needs: all of it is refused while the methods load and calculate.
WITHOUT = "django psycopg jinja2 granian ninja allauth cryptography icalendar openpyxl"
ALONE = f"""
import sys
for name in {WITHOUT!r}.split():
    sys.modules[name] = None
from openoh import methods
for name in methods.__all__:
    getattr(methods, name)
print(methods.absence.rate(1, 2), methods.instruments.score("PHQ-2", [1, 2]).total)
"""


def public_functions() -> Iterator[tuple[str, FunctionType]]:
    """Every function that a module of methods offers, with its full name."""
    for module_name in methods.__all__:
        module = importlib.import_module(f"openoh.methods.{module_name}")
        for name in module.__all__:
            found = getattr(module, name)
            if inspect.isfunction(inspect.unwrap(found)):
                yield f"{module_name}.{name}", found


FUNCTIONS = dict(public_functions())


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_no_module_is_too_long_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_the_methods_work_without_anything_of_the_service() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["50.0", "3.0"]


def test_importing_the_package_loads_none_of_its_modules() -> None:
    program = "import sys, openoh.methods; print([n for n in sys.modules if n.startswith('openoh.methods.')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_shows_an_example_and_names_its_source(name: str) -> None:
    text = inspect.getdoc(FUNCTIONS[name]) or ""
    assert ">>> " in text, "an example"
    assert "Source: " in text, "a source"


def test_there_are_functions_to_walk() -> None:
    assert len(FUNCTIONS) > 90
