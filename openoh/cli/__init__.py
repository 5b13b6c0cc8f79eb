"""The `openoh` command line: one sub-command a file in this folder."""

from openoh.cli.main import main

__all__ = ["main"]
