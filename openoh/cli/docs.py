"""`openoh docs`: the reference pages that come from the code."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from openoh import methods
from openoh.cli import method_pages, runtime

HELP = "Write the reference pages that come from the code; --check only says whether they are up to date."
HEAD = "<!-- Made by `make docs` from the code. Change the code, not this page. -->\n\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail when a page is out of date"
    )


def run(options: argparse.Namespace) -> int:
    # Nothing is read from the database, so none is started.
    os.environ.setdefault("DATABASE_URL", "postgresql:///not-needed-for-documents")
    runtime.django_ready()
    stale = [path for path, text in pages() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if options.check:
        for path in stale:
            print(f"out of date, run make docs: {path.relative_to(runtime.ROOT)}")
        return 1 if stale else 0
    for path, text in pages():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"{len(stale)} pages renewed")
    return 0


def pages() -> Iterator[tuple[Path, str]]:
    """Each generated page: where it belongs, and its text."""
    for name, build in PAGES.items():
        yield runtime.ROOT / "docs" / f"{name}.md", HEAD + "\n".join(build()) + "\n"


def _role_table() -> Iterator[str]:
    from openoh.foundation.access.roles import ROLES
    from openoh.pages.role_table import operations, routes

    yield "# Who may open which address\n"
    yield "“yes”: the role has the permission. What is not the actor's own is still “not found”.\n"
    yield f"| Address | Permission | {' | '.join(role.title for role in ROLES.values())} |"
    yield f"|---|---|{'---|' * len(ROLES)}"
    for route in routes():
        if route.library:
            continue
        needs = (
            route.rule.permission or f"public: {route.rule.public_because}"
            if route.rule
            else "nobody decided"
        )
        opens = " | ".join("yes" if name in route.roles() else "" for name in ROLES)
        yield f"| `{route.path}` | {needs} | {opens} |"
    for method, path, permission in operations():
        opens = " | ".join("yes" if permission in role.permissions else "" for role in ROLES.values())
        yield f"| `{method} {path}` | {permission} | {opens} |"


def _roles() -> Iterator[str]:
    from openoh.foundation.access.permissions import PERMISSIONS
    from openoh.foundation.access.roles import ROLES

    yield "# Roles as sentences\n"
    for role in ROLES.values():
        yield f"## {role.title}\n\n{role.description}. Pages of the audience `{role.audience.value}`. May:\n"
        yield from (
            f"- {PERMISSIONS[name][0].lower()}{PERMISSIONS[name][1:]}" for name in sorted(role.permissions)
        )
        yield ""


def _tables() -> Iterator[str]:
    from openoh.foundation.core.actors import Audience
    from openoh.foundation.core.wall import classification_of, classified_models

    yield "# Tables, and who may touch them\n"
    yield "R: reads the rows of its scope. A: adds. W: adds and changes. D: deletes. Empty: *permission denied*.\n"
    yield f"| Table | Purpose | Retention | {' | '.join(a.value.removeprefix('oh_') for a in Audience)} |"
    yield f"|---|---|---|{'---|' * len(Audience)}"
    for model in classified_models():
        found = classification_of(model)
        cells = " | ".join(_letters(found.privileges(audience)) for audience in Audience)
        yield f"| `{model._meta.db_table}` | {found.purpose} | {found.retention} | {cells} |"


def _letters(privileges: set[str]) -> str:
    letters = "R" if "SELECT" in privileges else ""
    if "UPDATE" in privileges:
        letters += "W"
    elif "INSERT" in privileges:
        letters += "A"
    return letters + ("D" if "DELETE" in privileges else "")


def _command_line() -> Iterator[str]:
    from openoh.cli.main import COMMANDS, module_of

    yield "# The command line\n"
    for name in sorted(COMMANDS):
        module = module_of(name)
        parser = argparse.ArgumentParser(prog=f"openoh {name}", description=module.HELP)
        module.add_arguments(parser)
        parser.formatter_class = _wide
        yield f"## openoh {name}\n\n```\n{parser.format_help().rstrip()}\n```\n"


def _hazard_log() -> Iterator[str]:
    from tools.hazards import log

    yield from log()


def _wide(prog: str) -> argparse.HelpFormatter:
    """The same width everywhere, so that the page does not depend on the terminal."""
    return argparse.HelpFormatter(prog, width=100)


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "reference/role-table": _role_table,
    "reference/roles": _roles,
    "reference/tables": _tables,
    "reference/command-line": _command_line,
    "safety/hazard-log": _hazard_log,
    **{f"reference/methods/{name}": partial(method_pages.page, name) for name in methods.__all__},
}
