"""The reference page of each method: its public names from the code, its specification tables from the tests."""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from openoh.cli.runtime import ROOT

TESTS = ROOT / "tests" / "methods"
# A specification table is a list of rows that end in the reason; its heading says so.
REASON = "why"
WIDTH = 100


def page(module_name: str) -> Iterator[str]:
    """The lines of one module's page."""
    module = importlib.import_module(f"openoh.methods.{module_name}")
    yield f"# openoh.methods.{module_name}\n"
    yield from _text(module)
    for name in module.__all__:
        yield from _entry(module, name)
    tables = [table for path in _test_files(module_name) for table in _tables(path)]
    if tables:
        yield "## Specification\n"
        yield "Each line is a test: the input, what is expected, and why.\n"
        for table in tables:
            yield from table


def _entry(module: ModuleType, name: str) -> Iterator[str]:
    found = getattr(module, name)
    if not (inspect.isfunction(found) or inspect.isclass(found)):
        return
    yield f"## {name}\n"
    source = ast.parse(textwrap.dedent(inspect.getsource(found))).body[0]
    if isinstance(source, ast.FunctionDef):
        result = f" -> {ast.unparse(source.returns)}" if source.returns else ""
        yield _code(_wrapped(f"{name}({ast.unparse(source.args)}){result}"))
    yield from _text(found)
    if isinstance(source, ast.ClassDef):
        yield from _fields(source)


def _text(documented: object) -> Iterator[str]:
    """A docstring: its words, then its example as code."""
    words, prompt, example = (inspect.getdoc(documented) or "").partition(">>> ")
    yield words.strip().replace("``", "`") + "\n"
    if prompt:
        yield _code(prompt + example.rstrip())


def _fields(source: ast.ClassDef) -> Iterator[str]:
    fields = [item for item in source.body if isinstance(item, ast.AnnAssign)]
    for item in fields:
        default = f" = {ast.unparse(item.value)}" if item.value else ""
        yield f"- `{ast.unparse(item.target)}: {ast.unparse(item.annotation)}{default}`"
    if fields:
        yield ""


def _test_files(module_name: str) -> list[Path]:
    return sorted({*TESTS.glob(f"test_{module_name}.py"), *TESTS.glob(f"test_{module_name}_*.py")})


def _tables(path: Path) -> Iterator[list[str]]:
    """The specification tables of a file of tests, each as a heading and a Markdown table."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lists = {name: value for node in tree.body for name, value in _assigned(node)}
    for node in (item for item in tree.body if isinstance(item, ast.FunctionDef)):
        for decorator in node.decorator_list:
            names, rows = _specified(decorator, lists)
            if names and rows:
                title = node.name.removeprefix("test_").replace("_", " ")
                yield [
                    f"### {title[0].upper()}{title[1:]}\n",
                    f"| {' | '.join(name.replace('_', ' ') for name in names)} |",
                    f"|{' --- |' * len(names)}",
                    *(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows),
                    "",
                ]


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.List]]:
    """The name of a list, and the list, where a statement assigns one."""
    if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.List):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name):
            yield target.id, node.value


def _specified(decorator: ast.expr, lists: dict[str, ast.List]) -> tuple[list[str], list[list[ast.expr]]]:
    """The headings and rows of a parametrized test whose last parameter is the reason; else nothing."""
    if not isinstance(decorator, ast.Call) or len(decorator.args) != 2:
        return [], []
    heading, table = decorator.args
    if not isinstance(heading, ast.Tuple) or not isinstance(table, ast.Name) or table.id not in lists:
        return [], []
    names = [name.value for name in heading.elts if isinstance(name, ast.Constant)]
    if not names or names[-1] != REASON:
        return [], []
    rows = [row.elts for row in lists[table.id].elts if isinstance(row, ast.Tuple)]
    return [str(name) for name in names], rows


def _cell(cell: ast.expr) -> str:
    if isinstance(cell, ast.Constant) and isinstance(cell.value, str):
        return cell.value.replace("\\", "").replace("|", "\\|")
    body = cell.body if isinstance(cell, ast.Lambda) else cell
    return f"`{ast.unparse(body)}`".replace("|", "\\|")


def _wrapped(text: str) -> str:
    return textwrap.fill(
        text, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )


def _code(text: str) -> str:
    return f"```python\n{text}\n```\n"
