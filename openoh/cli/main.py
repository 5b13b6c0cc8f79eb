"""Find the sub-command, and run it.

Each module named in COMMANDS has `HELP`, `add_arguments(parser)` and `run(options) -> int`. It is imported
only when it is called, so that `openoh calc` works without the web extras.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence
from keyword import iskeyword
from types import ModuleType

COMMANDS = {
    "calc": "the methods on a CSV file or on flags",
    "begin": "services, employers, contracts and the first people, from a file",
    "backup": "the whole database into one encrypted file",
    "demo": "a living service with invented people",
    "docs": "the reference pages that come from the code",
    "doctor": "is this installation well?",
    "check": "whether the audit is whole",
    "export": "everything of one service or one employer, in open files",
    "generate": "invented people and absence extracts",
    "import": "people or absence from an HR extract",
    "migrate": "bring the database to this version",
    "restore": "a backup into a new database, compared",
    "serve": "the web server",
    "worker": "offers, messages, clocks and jobs in the background",
}

NOT_MIGRATED = "The database is of an earlier version, or empty: run openoh migrate."


def main(argv: Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="openoh", description="Occupational health, end to end.")
    parser.add_argument("command", choices=sorted(COMMANDS), metavar="command", help=_list_of_commands())
    if not arguments or arguments[0] not in COMMANDS:
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.epilog = _list_of_commands()
        parser.parse_args(arguments)
        return 0
    name = arguments[0]
    try:
        module = module_of(name)
        command = argparse.ArgumentParser(prog=f"openoh {name}", description=module.HELP)
        module.add_arguments(command)
        return int(module.run(command.parse_args(arguments[1:])) or 0)
    except ModuleNotFoundError as missing:
        if (missing.name or "openoh").startswith("openoh"):
            raise
        sys.stderr.write(f"openoh {name} needs {missing.name}: pip install 'openoh[web]'.\n")
        return 1
    except Exception as error:  # what `in_words` does not know is raised again
        if words := in_words(error):
            sys.stderr.write(f"{words}\n")
            return 1
        raise


def in_words(error: BaseException) -> str:
    """One sentence for what is no fault of the program; empty for what is. By name, since `calc` has no Django."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    said = (str(error).strip().splitlines() or [""])[0]
    if kinds & {"OpenOHError", "LauncherError"}:
        return str(error)
    if type(error.__cause__).__name__ in ("UndefinedTable", "UndefinedColumn"):
        return NOT_MIGRATED
    if "InterfaceError" in kinds or "OperationalError" in kinds:
        return f"The database does not answer: {said}"
    return ""


def module_of(command: str) -> ModuleType:
    """The module of a command; a word that Python keeps for itself has an underscore after it."""
    return importlib.import_module(
        f"openoh.cli.{command}_" if iskeyword(command) else f"openoh.cli.{command}"
    )


def _list_of_commands() -> str:
    return "; ".join(f"{name}: {text}" for name, text in COMMANDS.items())
