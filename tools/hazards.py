"""Read the hazards in docs/safety, look their controls up in the code, and make the hazard log."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SAFETY = ROOT / "docs" / "safety"


@dataclass(frozen=True)
class Hazard:
    """One hazard: `before` and `after` are risk levels 1 to 5, `controls` pairs of words and references."""

    code: str
    title: str
    causes: list[str]
    effect: str
    before: int
    after: int
    controls: list[tuple[str, list[str]]]


def hazards() -> list[Hazard]:
    """All hazards, in the order of their codes."""
    matrix = tomllib.loads((SAFETY / "matrix.toml").read_text(encoding="utf-8"))
    return [_read(path, matrix) for path in sorted((SAFETY / "hazards").glob("*.toml"))]


def _read(path: Path, matrix: dict[str, Any]) -> Hazard:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Hazard(
        code=path.stem.split("-")[0], title=data["title"], causes=data["causes"], effect=data["effect"],
        before=_level(data["before"], matrix), after=_level(data["after"], matrix),
        controls=[(control["says"], control["by"]) for control in data["controls"]],
    )  # fmt: skip


def _level(risk: dict[str, str], matrix: dict[str, Any]) -> int:
    level: int = matrix["levels"][risk["likelihood"]][matrix["severities"].index(risk["severity"])]
    return level


def exists(reference: str) -> bool:
    """Whether a control's reference is in the code: a test, `constraint:NAME`, or `module:function`."""
    if reference.startswith("constraint:"):
        wanted = f'"{reference.removeprefix("constraint:")}"'
        return any(
            wanted in path.read_text(encoding="utf-8") for path in (ROOT / "openoh").rglob("models.py")
        )
    if reference.startswith("tests/"):
        file, _, name = reference.partition("::")
        path = ROOT / file
        return path.exists() and (not name or name in _functions(path))
    module, _, name = reference.partition(":")
    path = ROOT / Path(*module.split(".")).with_suffix(".py")
    return path.exists() and name in _functions(path)


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def log() -> Iterator[str]:
    """The hazard log as a page."""
    yield "# Hazard log\n"
    yield "Risk levels run from 1 (acceptable) to 5 (unacceptable). Nobody has signed this log for a deployment yet.\n"
    for hazard in hazards():
        yield f"## {hazard.code} {hazard.title}\n"
        yield f"Risk before: {hazard.before}. Risk with its controls: {hazard.after}.\n"
        yield f"**Effect.** {hazard.effect}\n\n**Causes.** {'; '.join(hazard.causes)}.\n\n**Controls.**\n"
        for says, by in hazard.controls:
            yield f"- {says} ({', '.join(f'`{reference}`' for reference in by)})"
        yield ""
