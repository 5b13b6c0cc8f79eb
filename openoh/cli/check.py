"""`openoh check`: whether an installation is whole."""

from __future__ import annotations

import argparse

from openoh.cli import runtime

HELP = "Check an installation. `audit`: whether the record of who did and saw what was touched after it was sealed."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["audit"], help="what to check")


def run(options: argparse.Namespace) -> int:
    runtime.django_ready()
    return check_audit()


def check_audit() -> int:
    """Print what was checked and each finding; 1 when there is one."""
    from openoh.foundation.audit import sealing

    report = sealing.check()
    print(f"  {report.seals} seals over {report.rows} rows checked.")
    print(f"  {report.unsealed} rows are not sealed yet; the seal cannot vouch for them.")
    if report.not_anchored:
        print(f"  {report.not_anchored} seals are not anchored yet; the worker anchors them within a minute.")
    for finding in report.findings:
        print(f"  WRONG: {finding}")
    print(f"  {len(report.findings)} findings." if report.findings else "  Nothing was touched.")
    return 1 if report.findings else 0
