"""`openoh check`: whether an installation is whole."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from openoh.cli import runtime

if TYPE_CHECKING:
    from openoh.foundation.core.inventory import ContentFile

MOST = 5

HELP = (
    "Check an installation. `audit`: whether the record of who did and saw what was touched after it was sealed. "
    "`content`: what each service still has to confirm."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["audit", "content"], help="what to check")


def run(options: argparse.Namespace) -> int:
    runtime.django_ready()
    return check_audit() if options.what == "audit" else check_content()


def check_content() -> int:
    """Print what each service has not confirmed in the version that it uses; 1 when there is anything."""
    left = unconfirmed()
    for provider, files in left:
        print(f"  {provider}: {len(files)} to confirm." if files else f"  {provider}: all is confirmed.")
        for file in files:
            print(
                f"    {file.key}, version {file.version}: {', '.join(place for place, _ in file.values[:MOST])}"
            )
    return 1 if any(files for _, files in left) else 0


def unconfirmed() -> list[tuple[str, list[ContentFile]]]:
    """Each service by name, and the content files whose unsure values nobody there has confirmed."""
    from openoh.foundation.core import inventory
    from openoh.foundation.core.actors import Audience, Scope
    from openoh.foundation.core.scope import within
    from openoh.foundation.organisations.models import ContentConfirmation, Provider

    with within(Scope(Audience.WORKER)):
        done = set(ContentConfirmation.objects.values_list("provider", "key", "version"))
        return [
            (provider.name, [each for each in inventory.unsure() if (provider.pk, each.key, each.version) not in done])
            for provider in Provider.objects.order_by("name")
        ]  # fmt: skip


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
