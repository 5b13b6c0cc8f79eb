"""Settings that a service must not run with: each with one sentence that says what to do.

Looked at before anything is started or made, from the environment alone.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

HERE = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
KEY_DIGITS = 64
SHORTEST_SECRET = 32
FEWEST_SIGNS = 8  # in a random key of 64 hexadecimal digits there are nearly always 14 or more
CARRIERS = ("file", "console", "notify")


@dataclass(frozen=True)
class Problem:
    """`refused`: the service must not begin with it; else it is only to be known."""

    sentence: str
    refused: bool = True


def problems(environment: Mapping[str, str], *, var: Path) -> list[Problem]:
    """What is wrong with the settings of a service; nothing of it is read from the database."""
    names = _names(environment)
    found = [*_hosts(names), *_keys(environment, var), *_demonstration(environment), *_proxies(environment)]
    if is_for_others(environment):
        found += [*_addresses(environment, names), *_carrier(environment)]
    return found


def is_for_others(environment: Mapping[str, str]) -> bool:
    """Whether people are to reach the service from other machines."""
    return not HERE.issuperset(_names(environment))


def _names(environment: Mapping[str, str]) -> list[str]:
    return [name.strip() for name in environment.get("OPENOH_HOSTS", "").split(",") if name.strip()]


def _hosts(names: list[str]) -> Iterator[Problem]:
    if not names:
        yield Problem(
            "Set OPENOH_HOSTS to the names that people type, or to localhost to look at it on this machine."
        )
    if _open(names):
        yield Problem(
            "OPENOH_HOSTS must name each host in full: whoever chooses the name could write our links."
        )


def _open(names: list[str]) -> bool:
    """Whether names beginning with a wildcard let a caller choose."""
    return any(name.startswith(("*", ".")) for name in names)


def _addresses(environment: Mapping[str, str], names: list[str]) -> Iterator[Problem]:
    """Of a service that people reach from elsewhere."""
    if environment.get("OPENOH_PLAIN_HTTP") == "1":
        yield Problem(
            "Remove OPENOH_PLAIN_HTTP: without TLS everybody on the way reads sessions and records."
        )
    address = environment.get("OPENOH_ADDRESS", "")
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname:
        yield Problem(
            f"Set OPENOH_ADDRESS to how people reach the service, beginning with https; it is “{address}”."
        )
    elif parts.hostname not in names and not _open(names):
        yield Problem(f"OPENOH_ADDRESS leads to {parts.hostname}, which OPENOH_HOSTS does not name.")
    if environment.get("OPENOH_PROXIES", "0") == "0":
        yield Problem(
            "OPENOH_PROXIES is 0: behind a proxy, forms are refused. Set how many there are.", refused=False
        )


def _keys(environment: Mapping[str, str], var: Path) -> Iterator[Problem]:
    given = environment.get("OPENOH_MASTER_KEY")
    file = Path(environment.get("OPENOH_MASTER_KEY_FILE") or var / "keys" / "master.hex")
    if not given and not file.is_file():
        yield Problem(
            f"There is no master key, neither in OPENOH_MASTER_KEY nor in {file}. A new service makes one: "
            "openssl rand -hex 32. One that has records needs its own."
        )
    else:
        try:
            key = (given or file.read_text(encoding="utf-8")).strip()
        except (OSError, UnicodeDecodeError):
            yield Problem(f"The master key in {file} cannot be read.")
        else:
            yield from _master_key(key)
    if not given and file.is_file() and file.stat().st_mode & 0o077:
        yield Problem(f"Others on this machine can read the master key: chmod 600 {file}")
    secret = environment.get("OPENOH_SECRET_KEY")
    if secret is not None and (len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_SIGNS):
        yield Problem("OPENOH_SECRET_KEY can be guessed. Remove it, and it is derived from the master key.")


def _master_key(key: str) -> Iterator[Problem]:
    if len(key) != KEY_DIGITS or not set(key) <= set(string.hexdigits):
        yield Problem(f"The master key must be {KEY_DIGITS} hexadecimal digits; this one is not.")
    elif len(set(key.lower())) < FEWEST_SIGNS:
        yield Problem("The master key can be guessed. A new service makes one: openssl rand -hex 32")


def _demonstration(environment: Mapping[str, str]) -> Iterator[Problem]:
    if environment.get("OPENOH_DEMO") == "1":
        yield Problem(
            "Remove OPENOH_DEMO: with it, anybody signs in as anybody. The demonstration is openoh demo."
        )


def _proxies(environment: Mapping[str, str]) -> Iterator[Problem]:
    if not environment.get("OPENOH_PROXIES", "0").isdecimal():
        yield Problem("OPENOH_PROXIES must be a number: how many proxies of yours a request passes.")


def _carrier(environment: Mapping[str, str]) -> Iterator[Problem]:
    chosen = environment.get("OPENOH_NOTIFY", "file")
    if chosen not in CARRIERS:
        yield Problem(f"OPENOH_NOTIFY is “{chosen}”; it can be {', '.join(CARRIERS)}.")
    elif chosen != "notify":
        told = f"Messages leave by “{chosen}”, so nobody receives them: set OPENOH_NOTIFY=notify."
        yield Problem(told, refused=False)
