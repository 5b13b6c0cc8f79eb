"""`openoh doctor`: is this installation well? Each line says what was looked at, what was found, what to do."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from openoh.cli import runtime, safety
from openoh.cli.main import in_words

MOST_NAMED = 5
NAMED = 3  # of many, so that one line can be read
HELP = "Look at the installation: database, wall, keys, disk, content that a service must confirm."


@dataclass(frozen=True)
class Finding:
    """What was found. What is only `to_do` before a service goes live does not make an installation unwell."""

    well: bool
    text: str
    to_do: bool = False

    @property
    def mark(self) -> str:
        if self.well:
            return "ok   "
        return "TO DO" if self.to_do else "WRONG"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help="say only what is wrong")


def run(options: argparse.Namespace) -> int:
    runtime.django_ready()
    findings = list(dict.fromkeys(finding for look in LOOKS for finding in _looked(look)))
    for finding in findings:
        if not (finding.well and options.quiet):
            print(f"{finding.mark} {finding.text}")
    return 0 if all(finding.well or finding.to_do for finding in findings) else 1


def _looked(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What a look finds; when it cannot look, because the database is away, that is what is found."""
    try:
        yield from look()
    except Exception as error:  # what `in_words` does not know is raised again
        words = in_words(error)
        if not words:
            raise
        yield Finding(False, words)


def _database() -> Iterator[Finding]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_user")
        version, user = cursor.fetchone()
    yield Finding(version >= 150_000, f"PostgreSQL {version // 10_000} (15 or later is needed)")
    yield Finding(
        user == "oh_login", f"signed in to the database as {user} (oh_login has no rights of its own)"
    )


def _migrations() -> Iterator[Finding]:
    problem = runtime.version_problem()
    yield Finding(problem is None, problem or "the database is of this version")


def _wall() -> Iterator[Finding]:
    from django.db import connection

    from openoh.foundation.core.wall import classified_models

    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        walled = {name for (name,) in cursor.fetchall()}
    open_tables = sorted({m._meta.db_table for m in classified_models()} - walled)
    walls = f"row security forced on {len(walled)} tables"
    yield Finding(not open_tables, walls if not open_tables else f"tables without a wall: {open_tables}")


def _keys() -> Iterator[Finding]:
    from django.conf import settings

    path = settings.MASTER_KEY_FILE
    if os.environ.get("OPENOH_MASTER_KEY"):
        yield Finding(True, "the master key comes from the environment")
        return
    private = path.exists() and not path.stat().st_mode & 0o077
    yield Finding(
        private,
        f"the master key is in {path.name}, readable by its owner only" if private else f"chmod 600 {path}",
    )


def _records() -> Iterator[Finding]:
    """Whether the master key is the one that the records were sealed with."""
    from openoh.foundation.core import keys
    from openoh.foundation.core.actors import Audience, Scope
    from openoh.foundation.core.scope import within

    with within(Scope(Audience.WORKER)):
        opens = keys.opens_a_record()
    if opens is not None:
        yield Finding(
            opens,
            "the master key opens the records" if opens
            else "the master key does not open the records: give the key that they were sealed with",
        )  # fmt: skip


def _disk() -> Iterator[Finding]:
    folder = runtime.var()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free / 2**30
    except OSError as error:
        yield Finding(False, f"the folder of data cannot be used (OPENOH_VAR): {error}")
        return
    writable = os.access(folder, os.W_OK)
    yield Finding(
        writable,
        f"the folder of data, {folder}, can be written to"
        if writable
        else f"nothing can be written in {folder}",
    )
    yield Finding(free > 2, f"{free:.1f} GiB free on the disk of the data (2 are needed)")


def _register() -> Iterator[Finding]:
    """Whether there is a service, somebody who runs it, somebody whom it serves, and somebody who brings the data."""
    from openoh.foundation.access.queries import accounts_with
    from openoh.foundation.core.actors import Audience, Scope
    from openoh.foundation.core.scope import within
    from openoh.foundation.organisations.models import Contract, Provider

    with within(Scope(Audience.WORKER)):
        services = list(Provider.objects.order_by("name"))
        for service in services:
            if not accounts_with("service.run", service.pk):
                yield Finding(
                    False, f"nobody runs {service.name}: name somebody with openoh begin", to_do=True
                )
            if not Contract.objects.filter(provider=service).exists():
                yield Finding(
                    False, f"{service.name} serves nobody yet: Administration, or openoh begin", to_do=True
                )
        if lacking := _without_hr():
            yield Finding(
                False,
                f"nobody brings in the people of {_some(lacking)}: give an HR officer a role",
                to_do=True,
            )
    begun = "services are entered" if len(services) != 1 else "service is entered"
    empty = "no service yet: openoh begin --example shows how to begin"
    yield Finding(bool(services), f"{len(services)} {begun}" if services else empty, to_do=True)


def _some(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _without_hr() -> list[str]:
    from django.db.models import Q

    from openoh.foundation.access.models import RoleAssignment
    from openoh.foundation.core import clock
    from openoh.foundation.organisations.models import Contract

    today = clock.today()
    held = RoleAssignment.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), role="hr").values(
        "employer_id"
    )
    served = Contract.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today)).exclude(employer_id__in=held)
    return sorted(set(served.values_list("employer__name", flat=True)))


def _cover() -> Iterator[Finding]:
    from openoh.foundation.core.actors import Audience, Scope
    from openoh.foundation.core.scope import within
    from openoh.foundation.organisations.models import Provider, RiskCover

    with within(Scope(Audience.WORKER)):
        declared = RiskCover.objects.filter(ended_at=None).values("provider")
        bare = sorted(p.name for p in Provider.objects.exclude(pk__in=declared))
    yield Finding(
        not bare,
        "every service says who answers a risk flag"
        if not bare
        else f"no risk cover declared, so these services cannot go live and ask nobody about risk: {bare}",
    )


def _content() -> Iterator[Finding]:
    from openoh.cli.check import unconfirmed

    for provider, files in unconfirmed():
        some = f"{len(files)} content files to confirm before {provider} goes live: openoh check content"
        yield Finding(not files, some if files else f"{provider} has confirmed all content", to_do=True)


def _settings() -> Iterator[Finding]:
    """The same as `openoh serve` refuses, for those who use another web server; in a demonstration nothing is."""
    if os.environ.get("OPENOH_DEMO") == "1":
        return
    found, served = safety.problems(os.environ, var=runtime.var()), safety.is_for_others(os.environ)
    for problem in found:
        yield Finding(False, problem.sentence, to_do=not (problem.refused and served))
    if not found:
        yield Finding(True, "the settings are those of a safe service")


def _carrier() -> Iterator[Finding]:
    from django.conf import settings

    from openoh.foundation.notifications.carriers import NotCarriedError, NotifyCarrier, chosen

    carrier = chosen()
    if not isinstance(carrier, NotifyCarrier):
        yield Finding(
            False, f"messages leave by “{settings.NOTIFY_ADAPTER}”, so nobody receives them: set OPENOH_NOTIFY=notify",
            to_do=True,
        )  # fmt: skip
        return
    try:
        carrier.look()
    except NotCarriedError as error:
        yield Finding(False, str(error))
    else:
        yield Finding(True, "GOV.UK Notify answers, takes our key and has the templates")
    told = bool(settings.NOTIFY_RECEIPTS_TOKEN)
    receipts = "GOV.UK Notify can tell what became of a message"
    yield Finding(told, receipts if told else "no receipts: set OPENOH_NOTIFY_RECEIPTS_TOKEN", to_do=True)


def _employer_sign_in() -> Iterator[Finding]:
    from pathlib import Path

    from django.conf import settings

    from openoh.foundation.accounts import employer_sign_in as employer

    if not employer.is_offered():
        return
    secret = Path(settings.OIDC_SECRET_FILE)
    private = secret.is_file() and not secret.stat().st_mode & 0o077
    kept = "the secret of the employer's sign-in is readable by its owner only"
    wrong = "OPENOH_OIDC_SECRET_FILE must name a file that only its owner can read"
    yield Finding(private, kept if private else wrong)
    try:
        employer.address_to_go_to(employer.Attempt.begin(""), coming_back_to=settings.PUBLIC_ADDRESS)
    except employer.NotSignedInError as error:
        yield Finding(False, f"the employer's sign-in does not work: {error}")
    else:
        yield Finding(True, f"the employer's sign-in answers: {settings.OIDC_ISSUER}")


def _watched_folder() -> Iterator[Finding]:
    from pathlib import Path

    from django.conf import settings

    from openoh.exchange.hr_feed import folder

    watched = Path(settings.WATCHED_FOLDER)
    if not watched.is_dir():
        return
    lying, waiting = folder.lying(watched), folder.waiting(watched)
    for path, why in lying[:MOST_NAMED]:
        yield Finding(False, f"{path.relative_to(watched)} in the watched folder is not taken: {why}")
    if len(lying) > MOST_NAMED:
        yield Finding(False, f"{len(lying) - MOST_NAMED} more: see {watched / folder.NOT_TAKEN}")
    if waiting:
        yield Finding(False, f"{waiting} files wait for somebody in {watched / folder.WAITING}", to_do=True)
    if not lying:
        yield Finding(True, "nothing in the watched folder is in the way")


def _messages() -> Iterator[Finding]:
    from openoh.foundation.core.actors import system_actor
    from openoh.foundation.core.scope import within
    from openoh.foundation.notifications import queries
    from openoh.foundation.notifications.models import Message

    by = system_actor("openoh doctor")
    with within(by.scope):
        lying = queries.left_lying(by).count()
        troubled = queries.not_carried(by)
        failed = troubled.filter(state=Message.State.FAILED).count()
        waiting, why = troubled.count() - failed, troubled.values_list("failure", flat=True).first()
    yield Finding(
        not lying,
        f"{lying} messages were due a while ago and nobody tried: does openoh worker run?"
        if lying
        else "no message was left lying",
    )
    if failed or waiting:
        some = f"{failed} messages could not be sent and {waiting} wait for another try (Administration, Messages)"
        yield Finding(False, f"{some}; the last: {why}", to_do=True)


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _settings, _database, _migrations, _wall, _keys, _records, _disk, _register, _cover, _content, _carrier, _messages,
    _employer_sign_in, _watched_folder,
)  # fmt: skip
