"""The ten most used pages, 32 people at once, against a bare NHS page on the same server in the same run.

    python -m bench.http_pages

Limits: requests a second at least a quarter of the bare page's (Jinja, NHS template, one query of 20 rows, no
session, no audit); both workers together at most 300 MiB, a page shared by both counted once.
"""

from __future__ import annotations

from collections.abc import Callable

from bench.clients import Client, a_second, session_of
from bench.pages import BARE, MOST_USED, holder_of, served_addresses
from bench.support import report, service

SHARE, MEMORY_MIB = 0.25, 300
USERS, SECONDS, PAGES = 32, 8, 10


def main() -> None:
    with service() as running:
        served = served_addresses()
        pages = [page for page in MOST_USED if page[1] in served][:PAGES]
        print("  " + ", ".join(address for _, address in pages))
        ours = [_visits(running.port, pages[n % len(pages)]) for n in range(USERS)]
        bare = [_bare(Client(running.port)) for _ in range(USERS)]
        for task in [*ours, *bare]:
            task()
        a_second(ours, 2)
        before = a_second(bare, SECONDS / 2)
        rate = a_second(ours, SECONDS)
        plain = (before + a_second(bare, SECONDS / 2)) / 2
        print(f"pages: {rate:.0f}/s, bare page {plain:.0f}/s, {USERS} users")
        report("http-pages-share-of-bare", rate / plain, SHARE, at_least=True)
        report("http-pages-memory", running.memory(), MEMORY_MIB, unit=" MiB")


def _visits(port: int, page: tuple[str, str]) -> Callable[[], None]:
    role, address = page
    client = Client(port, session_of(holder_of(role), role))
    return lambda: _expect(client, address)


def _bare(client: Client) -> Callable[[], None]:
    return lambda: _expect(client, BARE)


def _expect(client: Client, address: str) -> None:
    answer = client.get(address)
    if answer.status != 200:
        raise RuntimeError(f"{address} answered {answer.status}: {answer.body[:300]!r}")


if __name__ == "__main__":
    main()
