"""`import openoh.methods` stays light: the modules, and NumPy with them, load on first use."""

import subprocess
import sys

import pytest

import openoh.methods


def test_importing_the_package_loads_no_arrays() -> None:
    program = "import sys, openoh.methods; print(sorted({'numpy', 'scipy'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_modules_are_attributes() -> None:
    assert openoh.methods.absence.rate(1, 2) == 50
    assert "spc" in dir(openoh.methods)
    with pytest.raises(AttributeError, match="has no attribute 'astrology'; it has absence"):
        _ = openoh.methods.astrology
