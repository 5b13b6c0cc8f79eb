"""Every example in a docstring of openoh.methods runs and gives what it says."""

import doctest
import importlib
import pkgutil

import pytest

import openoh.methods

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(openoh.methods.__path__, prefix="openoh.methods.")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0


def test_there_are_modules_to_walk() -> None:
    assert "openoh.methods.instruments._scoring" in MODULES
