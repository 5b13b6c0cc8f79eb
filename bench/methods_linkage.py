"""How fast two employers' records are linked. Run: python -m bench.methods_linkage

The time is divided by the time allowed on the machine of the project (two cores).
"""

import random
import time

from openoh.methods.linkage import link

SECONDS_ALLOWED = 10.0
PEOPLE = 10_000
FIELDS = ("given_name", "surname", "born", "post_code", "town", "staff_number")
SYLLABLES = (
    "an",
    "bel",
    "ca",
    "do",
    "el",
    "fi",
    "gor",
    "ha",
    "il",
    "jo",
    "ka",
    "len",
    "mar",
    "no",
    "per",
    "ro",
    "so",
)


def people(first: int, count: int, chance: random.Random) -> list[dict[str, str]]:
    """Invented people with names of two to three syllables."""

    def word() -> str:
        return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 3)))

    return [
        {
            "id": str(first + number),
            "given_name": word(),
            "surname": word(),
            "born": f"{chance.randint(1955, 2004)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            "post_code": f"{chance.choice('BLMNSY')}{chance.randint(1, 99)} {word()[:3]}",
            "town": word(),
            "staff_number": str(chance.randint(10**7, 10**8)),
        }
        for number in range(count)
    ]


def with_errors(person: dict[str, str], chance: random.Random) -> dict[str, str]:
    """One field in ten is empty, and one in ten has two letters swapped."""
    changed = dict(person)
    for field in FIELDS:
        kind, value = chance.random(), person[field]
        if kind < 0.1:
            changed[field] = ""
        elif kind < 0.2:
            at = chance.randrange(len(value) - 1)
            changed[field] = value[:at] + value[at + 1] + value[at] + value[at + 2 :]
    return changed


def main() -> None:
    chance = random.Random(1)
    left = people(0, PEOPLE, chance)
    shared = [with_errors(person, chance) for person in left[PEOPLE // 2 :]]
    right = shared + people(PEOPLE, PEOPLE - len(shared), chance)
    link(left[:5], right[:5], on=FIELDS)  # loads splink and DuckDB
    begin = time.perf_counter()
    links = link(left, right, on=FIELDS)
    ratio = (time.perf_counter() - begin) / SECONDS_ALLOWED
    right_ones = sum(pair.left_id == pair.right_id for pair in links.pairs)
    print(f"link 10,000 x 10,000 against {SECONDS_ALLOWED:.0f} s: ratio {ratio:.2f} (limit 1)")
    print(
        f"recall of the 5,000 shared people: {right_ones / len(shared):.3f}; "
        f"precision {right_ones / max(len(links.pairs), 1):.3f}"
    )


if __name__ == "__main__":
    main()
