"""Mutation testing of one module of `openoh.methods`: how many changes of its code do its tests notice?

    python tools/mutate.py instruments              all mutants; the figures and the survivors
    python tools/mutate.py instruments --show       the survivors with what was changed in each
    python tools/mutate.py instruments --again      only what survived or changed, after tests were added

The methods, the module's tests and a lean configuration are copied to a folder beside the checkout, where mutmut
works. Hypothesis properties are left out: what they notice by chance, a table of the tests states for good.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant

ROOT = Path(__file__).resolve().parent.parent
# What mutmut writes down of each mutant: the exit code of pytest, or how the worker ended.
VERDICTS = {
    0: "survived",
    5: "no tests",
    33: "no tests",
    36: "timeout",
    24: "timeout",
    -24: "timeout",
    152: "timeout",
    255: "timeout",
}
KILLED = ("killed", "timeout")

CONFIGURATION = """\
[tool.mutmut]
source_paths = ["openoh/"]
only_mutate = ["openoh/methods/{module}/*", "openoh/methods/{module}.py"]
also_copy = ["openoh/", "tests/"]
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-m", "not hypothesis and not long"]
timeout_multiplier = 4.0
track_dependencies = false

[tool.pytest.ini_options]
addopts = "--strict-markers --import-mode=importlib -p no:django -p no:xdist -p no:cacheprovider"
pythonpath = ["."]
filterwarnings = ["error"]
markers = ["long: left out"]
"""

# Every mutant runs in a fork of a process that has run all tests: what was read once must be read again. And only
# a test that reads the content anew is known to depend on the code that reads it.
CONFTEST = """\
import functools
import gc

caches = []


def found_caches():
    return [found for found in gc.get_objects()
            if isinstance(found, functools._lru_cache_wrapper) and found.__module__.startswith("openoh.")]


def pytest_sessionstart():
    for cache in found_caches():
        cache.cache_clear()


def pytest_collection_finish():
    caches[:] = [cache for cache in found_caches() if cache.__module__.startswith("openoh.methods.{module}")]


def pytest_runtest_setup():
    for cache in caches:
        cache.cache_clear()
"""


def lay_out(module: str, work: Path, *, again: bool) -> None:
    """The folder in which mutmut works, with the current code and tests."""
    tests = sorted(
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests" / "methods").glob(f"test_{module}*.py")
        if not path.stem.endswith("_properties")
    )
    for part in ("openoh", "tests") if again else ("openoh", "tests", "mutants"):
        shutil.rmtree(work / part, ignore_errors=True)
    shutil.copytree(ROOT / "openoh" / "methods", work / "openoh" / "methods")
    shutil.copy(ROOT / "openoh" / "__init__.py", work / "openoh")
    (work / "tests" / "methods").mkdir(parents=True)
    for name in ["tests/__init__.py", "tests/outside_data.py", "tests/methods/__init__.py",
                 "tests/methods/tables.py", *tests]:  # fmt: skip
        shutil.copy(ROOT / name, work / name)
    (work / "tests" / "conftest.py").write_text(CONFTEST.format(module=module))
    (work / "pyproject.toml").write_text(CONFIGURATION.format(module=module, tests=json.dumps(tests)))


def metas(module: str, work: Path) -> list[Path]:
    return sorted((work / "mutants" / "openoh" / "methods").glob(f"{module}*/**/*.meta")) + sorted(
        (work / "mutants" / "openoh" / "methods").glob(f"{module}.py.meta")
    )


def verdicts(module: str, work: Path) -> dict[str, str]:
    """The verdict on each mutant by its name."""
    found: dict[str, str] = {}
    for path in metas(module, work):
        for name, code in json.loads(path.read_text())["exit_code_by_key"].items():
            found[name] = "not run" if code is None else VERDICTS.get(code, "killed")
    return found


def forget_survivors(module: str, work: Path) -> None:
    """Have what survived tried again, by the tests that now depend on it."""
    (work / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
    for path in metas(module, work):
        meta = json.loads(path.read_text())
        codes = meta["exit_code_by_key"]
        for name, code in codes.items():
            codes[name] = None if VERDICTS.get(code) in ("survived", "no tests") else code
        path.write_text(json.dumps(meta))


def report(module: str, work: Path, *, show: bool) -> bool:
    """Print the figures and the survivors; whether all mutants have a verdict and 90 % are killed."""
    found = verdicts(module, work)
    counts = Counter(found.values())
    killed = sum(counts[verdict] for verdict in KILLED)
    sys.stdout.write(
        f"{module}: {killed} of {len(found)} mutants killed ({killed / max(len(found), 1):.1%})\n"
    )
    sys.stdout.write(", ".join(f"{verdict} {count}" for verdict, count in counts.most_common()) + "\n")
    for name, verdict in found.items():
        if verdict not in KILLED:
            sys.stdout.write(f"{verdict}: {name}\n")
            if show:
                with contextlib.chdir(work):
                    lines = get_diff_for_mutant(name).splitlines()
                changed = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
                sys.stdout.write("".join(f"    {line}\n" for line in changed))
    return bool(found) and not counts["not run"] and killed >= 0.9 * len(found)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("module", help="a module of openoh.methods")
    parser.add_argument(
        "--show", action="store_true", help="run nothing; show what was changed in each survivor"
    )
    parser.add_argument("--again", action="store_true", help="try the survivors again")
    parser.add_argument(
        "--work", type=Path, help="the folder to work in (default: mut-MODULE beside the checkout)"
    )
    options = parser.parse_args()
    work = (options.work or ROOT.parent / f"mut-{options.module}").resolve()
    if not options.show:
        lay_out(options.module, work, again=options.again)
        if options.again:
            forget_survivors(options.module, work)
        command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1"]
        subprocess.run(command, cwd=work, check=False)
    return 0 if report(options.module, work, show=options.show) else 1


if __name__ == "__main__":
    sys.exit(main())
