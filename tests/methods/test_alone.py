"""The methods as an analyst installs them: the package, NumPy and SciPy, and nothing else."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy

import openoh

PROGRAM = """
import sys
sys.path = [path for path in sys.path if "site-packages" not in path]
sys.path[:0] = [{folder!r}]
from openoh import methods
from openoh.cli import main

assert methods.__file__.startswith({folder!r})
for name in methods.__all__:
    getattr(methods, name)
assert methods.absence.rate(1, 2) == 50
assert methods.instruments.score("PHQ-9", [1] * 9).band == "mild"
assert methods.disclosure.attack(methods.disclosure.protect([[3, 20, 30], [12, 15, 18]])) == []
assert methods.spirometry.predict("FEV1", sex="male", age=50, height_cm=175).predicted > 3
assert methods.evaluation.before_after([1, 2], [3, 4]).estimate == 2
try:
    methods.linkage.deduplicate([{{"id": 1, "name": "Bo"}}], on=("name",))
except ImportError as error:
    print(error)
print(main(["calc", "vibration", "a8", "--exposures", "5:120"]))
print(main(["serve"]))
"""


@pytest.mark.long
def test_the_package_with_numpy_and_scipy_alone_is_enough(tmp_path: Path) -> None:
    shutil.copytree(Path(openoh.__file__).parent, tmp_path / "openoh")
    for package in (np, scipy):
        home = Path(package.__file__).parent
        for folder in (home, home.with_name(f"{home.name}.libs")):
            if folder.exists():
                (tmp_path / folder.name).symlink_to(folder)
    done = subprocess.run(
        [sys.executable, "-I", "-c", PROGRAM.format(folder=str(tmp_path))],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "openoh.methods.linkage needs splink and DuckDB: pip install 'openoh[methods]'."
    assert lines[1].split() == ["value", "2.5"]
    assert lines[-2:] == ["0", "1"]
    assert "pip install 'openoh[web]'" in done.stderr
