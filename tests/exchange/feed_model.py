"""What an employer's files must leave, in plain dictionaries: the rules of the feed once more, as a sentence each.

The rows of a file are `PersonRow` and `SpellRow`; `Books` are one employer's books. `Books.take` changes them as the
feed should, or raises `Asks`, and says how many rows of the file were new, changed and so on.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

# Number, given name, family name, date of birth and address of everybody who may turn up, at either employer.
GIVEN = ("Ada", "Bo", "Cy", "Dee", "Eve", "Fay", "Gus", "Hal")
FAMILY = ("Amis", "Bain", "Cole", "Dunn", "East", "Finch", "Gray", "Hope")
NEVER = "31/02/2020"
ALWAYS = ("number", "person_number", "given_name", "family_name", "birth_date", "email", "starts_on")
ASKS_ABOVE, ASKS_SHARE = 5, 0.05
REMEMBERED = timedelta(days=35)


def human(number: int) -> int:
    """Who has the engagement: the ninth and tenth are second ones of the first two people."""
    return number % len(GIVEN) if number < 10 else number


@dataclass(frozen=True)
class PersonRow:
    number: int
    who: int
    fte: str = "1"
    manager: int | None = None
    starts: date | None = None  # None is a date that cannot be
    ends: date | None = None
    effective: date | None = None

    def cells(self, columns: Sequence[str]) -> list[object]:
        every = {
            "number": f"E{self.number}", "person_number": f"P{self.who}", "given_name": given(self.who),
            "family_name": family(self.who), "birth_date": birth(self.who), "email": email(self.who),
            "fte": self.fte, "manager_number": "" if self.manager is None else f"E{self.manager}",
            "starts_on": self.starts or NEVER, "ends_on": self.ends or "", "effective_on": self.effective or "",
        }  # fmt: skip
        return [every[name] for name in columns]


@dataclass(frozen=True)
class SpellRow:
    number: int
    reference: int
    started: date | None
    ended: date | None = None
    reason: str = ""
    retracted: bool = False

    def cells(self, columns: Sequence[str]) -> list[object]:
        every = {
            "number": f"E{self.number}", "reference": f"R{self.reference}", "started_on": self.started or NEVER,
            "ended_on": self.ended or "", "reason": self.reason, "retracted": "yes" if self.retracted else "",
        }  # fmt: skip
        return [every[name] for name in columns]


def given(who: int) -> str:
    return GIVEN[who] if who < len(GIVEN) else f"Given{who}"


def family(who: int) -> str:
    return FAMILY[who] if who < len(GIVEN) else f"Family{who}"


def birth(who: int) -> date:
    return date(1960 + who % 40, 1 + who % 12, 3)


def email(who: int) -> str:
    return f"{given(who)}@example.org".lower()


@dataclass(frozen=True)
class Says:
    """What is said of an engagement from a day on. `left_out`: only because a full extract left it out."""

    fte: str
    manager: int | None
    ends: date | None
    effective: date
    run: int
    left_out: bool = False

    def same(self, other: Says | None) -> bool:
        return other is not None and (self.fte, self.manager, self.ends) == (
            other.fte,
            other.manager,
            other.ends,
        )


@dataclass
class Post:
    """An engagement: who, from when, everything that was said, and what is shown today."""

    who: int
    starts: date
    fte: str
    manager: int | None
    ends: date | None
    said: list[Says] = field(default_factory=list)

    def active(self, today: date) -> bool:
        return self.starts <= today and (self.ends is None or self.ends >= today)

    def in_force(self, day: date) -> Says | None:
        """The newest that is in effect; of several from one day the one that was said last."""
        due = [(says.effective, place, says) for place, says in enumerate(self.said) if says.effective <= day]
        return max(due, key=lambda each: each[:2])[2] if due else None


@dataclass
class Spell:
    number: int
    started: date
    ended: date | None
    retracted: bool
    recorded: date
    reason: str = ""  # as it is kept, sealed
    earlier: int = 0  # how many versions were kept


@dataclass
class Counts:
    read: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    ended: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)  # line and field


class Asks(Exception):  # a question, as in the feed
    pass


Numbered = list[tuple[int, PersonRow]]


@dataclass
class Books:
    """What is known of one employer. `reasons` are the groups that may be kept."""

    reasons: frozenset[str]
    posts: dict[int, Post] = field(default_factory=dict)
    spells: dict[int, Spell] = field(default_factory=dict)
    runs: int = 0

    def take(
        self, rows: Sequence[PersonRow | SpellRow], columns: Sequence[str], today: date, *, full: bool,
        may: bool = False, first_line: int = 2,
    ) -> Counts:  # fmt: skip
        """Take a file, or raise Asks and change nothing."""
        trial = copy.deepcopy(self)
        trial.runs += 1
        numbered = list(enumerate(rows, start=first_line))
        counts = Counts(read=len(rows))
        people = [(line, row) for line, row in numbered if isinstance(row, PersonRow)]
        spells = [(line, row) for line, row in numbered if isinstance(row, SpellRow)]
        if people:
            trial._people(people, frozenset(columns), today, counts, full=full, may=may)
        if spells:
            trial._absence(spells, today, counts, full=full, may=may)
        self.posts, self.spells, self.runs = trial.posts, trial.spells, trial.runs
        return counts

    def night(self, today: date) -> None:
        for post in self.posts.values():
            self._show(post, today)

    # People

    def _people(
        self, rows: Numbered, columns: frozenset[str], today: date, counts: Counts, *, full: bool, may: bool
    ) -> None:
        before = {number for number, post in self.posts.items() if post.active(today)}
        ends = {number: post.ends for number, post in self.posts.items()}
        in_file = {
            row.number for _, row in rows
        }  # also in rows that cannot be read: nobody leaves for a bad row
        good = []
        for line, row in rows:
            wrong = _unreadable(row, columns)
            (counts.problems.append((line, wrong)) if wrong else good.append((line, row)))
        good = self._without_impostors(good, counts)
        resolved = {line: self._resolved(row, columns, today) for line, row in good}
        current = _current(resolved, today)
        new = {row.number for row in current.values() if row.number not in self.posts}
        for number in new:
            row = current[number]
            assert row.starts
            self.posts[number] = Post(row.who, row.starts, row.fte, None, row.ends)
        if "manager_number" in columns:
            resolved = self._managed(resolved, today, counts)
            current = _current(resolved, today)
        changed = set()
        for number, row in current.items():
            post = self.posts[number]
            if post.starts != row.starts and number not in new:
                changed.add(number)
            assert row.starts
            post.starts = row.starts
        changed |= self._say(resolved, new, today)
        if full:
            self._leave_out(in_file, today)
        for number, post in self.posts.items():
            self._show(post, today)
            if number in ends and post.ends != ends[number]:
                _carry_the_end(post, self.runs, today)
        after = {number for number, post in self.posts.items() if post.active(today)}
        counts.new, counts.changed = len(new), len(changed - new)
        counts.same = len(current) - counts.new - counts.changed
        counts.ended = len(before - after)
        if counts.ended > max(ASKS_SHARE * len(before), ASKS_ABOVE) and not may:
            raise Asks

    def _without_impostors(self, rows: Numbered, counts: Counts) -> Numbered:
        """Two people with one number are both refused, and whoever comes with a number that is somebody else's."""
        who = defaultdict(set)
        for _, row in rows:
            who[row.number].add(row.who)
        kept = []
        for line, row in rows:
            known = self.posts.get(row.number)
            if len(who[row.number]) > 1 or (known and known.who != row.who):
                counts.problems.append((line, "number"))
            else:
                kept.append((line, row))
        return kept

    def _resolved(self, row: PersonRow, columns: frozenset[str], today: date) -> PersonRow:
        """The row with its day, and with what is so already where the file has no such column."""
        post = self.posts.get(row.number)
        assert row.starts
        effective = row.effective if "effective_on" in columns else None
        said = replace(row, effective=effective or (today if post else min(row.starts, today)))
        if "fte" not in columns:
            said = replace(said, fte=post.fte if post else "1")
        if "manager_number" not in columns:
            said = replace(said, manager=post.manager if post else None)
        if "ends_on" not in columns:
            said = replace(said, ends=_known_end(post, row.starts, today) if post else None)
        return said

    def _managed(self, rows: dict[int, PersonRow], today: date, counts: Counts) -> dict[int, PersonRow]:
        """Managers whom nobody knows, and loops, are listed; the person keeps the manager of before, or has none."""
        listed: set[int] = set()

        def set_right(numbers: set[int], *, keep: bool) -> None:
            for line, row in rows.items():
                if row.number in numbers:
                    if said[line] is not None and line not in listed:
                        listed.add(line)
                        counts.problems.append((line, "manager_number"))
                    rows[line] = replace(row, manager=self.posts[row.number].manager if keep else None)

        said = {line: row.manager for line, row in rows.items()}
        unknown = {
            row.number
            for row in rows.values()
            if row.manager is not None and (row.manager not in self.posts or row.manager == row.number)
        }
        set_right(unknown, keep=True)
        for _ in range(3):
            if not (loops := self._loops(rows, today)):
                return rows
            set_right(loops, keep=True)
        set_right(self._loops(rows, today), keep=False)
        return rows

    def _loops(self, rows: dict[int, PersonRow], today: date) -> set[int]:
        """Who of the file comes back to themselves, going up from manager to manager."""
        above = {number: post.manager for number, post in self.posts.items()}
        above |= {number: row.manager for number, row in _current(rows, today).items()}
        return {row.number for row in rows.values() if row.number in climb(above, row.number)}

    def _say(self, rows: dict[int, PersonRow], new: set[int], today: date) -> set[int]:
        """Write down what differs from the row before it, or from what was in force on its day."""
        added: list[tuple[int, int, Says]] = []
        by_number = defaultdict(list)
        for line, row in rows.items():
            by_number[row.number].append((row.effective or today, line, row))
        for number, ordered in by_number.items():
            before: Says | None = None
            for place, (effective, line, row) in enumerate(sorted(ordered, key=lambda each: each[:2])):
                says = Says(row.fte, row.manager, row.ends, effective, self.runs)
                known = before if place else self.posts[number].in_force(effective)
                if (not place and number in new) or not says.same(known):
                    added.append((line, number, says))
                before = says
        for _, number, says in sorted(added, key=lambda each: each[0]):
            self.posts[number].said.append(says)
        return {number for _, number, _ in added}

    def _leave_out(self, in_file: set[int], today: date) -> None:
        """In a full extract whoever is missing has left, yesterday at the latest, but not before the first day."""
        for number, post in self.posts.items():
            last = max(post.starts, today - timedelta(days=1))
            shown = self._shown(post, today)
            if number not in in_file and (shown.ends is None or shown.ends >= today) and shown.ends != last:
                post.said.append(Says(shown.fte, shown.manager, last, today, self.runs, left_out=True))

    def _shown(self, post: Post, today: date) -> Post:
        shown = copy.copy(post)
        self._show(shown, today)
        return shown

    @staticmethod
    def _show(post: Post, today: date) -> None:
        """A last day before the first day is one of an earlier time."""
        if says := post.in_force(today):
            post.fte, post.manager = says.fte, says.manager
            post.ends = says.ends if says.ends and says.ends >= post.starts else None

    # Absence

    def _absence(
        self, rows: list[tuple[int, SpellRow]], today: date, counts: Counts, *, full: bool, may: bool
    ) -> None:
        before = sum(not spell.retracted for spell in self.spells.values())
        readable = []
        for line, row in rows:
            wrong = "started_on" if row.started is None else (
                "ended_on" if row.ended and row.ended < row.started else ""
            )  # fmt: skip
            (counts.problems.append((line, wrong)) if wrong else readable.append((line, row)))
        full = full and len(readable) == len(rows)
        seen = {row.reference for _, row in readable}
        since = min((row.started for _, row in readable if row.started), default=None)
        for line, row in self._one_a_reference(readable, counts):
            if wrong := self._misfit(row):
                counts.problems.append((line, wrong))
            else:
                self._take_spell(row, today, counts)
        for reference, spell in self.spells.items():
            if full and since and not spell.retracted and spell.started >= since and reference not in seen:
                spell.earlier, spell.retracted, spell.reason = spell.earlier + 1, True, ""
                counts.ended += 1
        if counts.ended > max(ASKS_SHARE * before, ASKS_ABOVE) and not may:
            raise Asks

    @staticmethod
    def _one_a_reference(rows: list[tuple[int, SpellRow]], counts: Counts) -> Iterator[tuple[int, SpellRow]]:
        """Two people under one reference are both refused; of rows of one person the last is the newest."""
        who = defaultdict(set)
        for _, row in rows:
            who[row.reference].add(row.number)
        last = {row.reference: line for line, row in rows}
        for line, row in rows:
            if len(who[row.reference]) > 1:
                counts.problems.append((line, "reference"))
            elif last[row.reference] == line:
                yield line, row

    def _misfit(self, row: SpellRow) -> str:
        post, known = self.posts.get(row.number), self.spells.get(row.reference)
        assert row.started
        if post is None:
            return "number"
        if known and known.number != row.number:
            return "reference"
        if not row.retracted and (row.started < post.starts or (post.ends and row.started > post.ends)):
            return "started_on"
        return ""

    def _take_spell(self, row: SpellRow, today: date, counts: Counts) -> None:
        known = self.spells.get(row.reference)
        reason = row.reason if row.reason in self.reasons else ""
        assert row.started
        if known is None:
            if row.retracted:
                counts.same += 1
            else:
                counts.new += 1
                self.spells[row.reference] = Spell(row.number, row.started, row.ended, False, today, reason)
            return
        if row.retracted:
            differs = not known.retracted
        else:
            differs = known.retracted or (known.started, known.ended) != (row.started, row.ended)
            learnt = known.reason or known.recorded > today - REMEMBERED
            differs = differs or bool(reason and reason != known.reason and learnt)
        if differs:
            counts.changed += 1
            known.earlier += 1
            known.retracted = row.retracted
            if not row.retracted:
                known.started, known.ended, known.reason = row.started, row.ended, reason or known.reason
        else:
            counts.same += 1
        if not reason or row.retracted:
            known.reason = ""


def climb(above: dict[int, int | None], number: int) -> set[int]:
    """Everybody above somebody, themselves too when it is a loop."""
    reached: set[int] = set()
    step = above.get(number)
    while step is not None and step not in reached:
        reached.add(step)
        step = above.get(step)
    return reached


def _unreadable(row: PersonRow, columns: frozenset[str]) -> str:
    if row.starts is None:
        return "starts_on"
    if "ends_on" in columns and row.ends and row.ends < row.starts:
        return "ends_on"
    return ""


def _current(rows: dict[int, PersonRow], today: date) -> dict[int, PersonRow]:
    """By number the row that says what is so today: the newest in effect, or the first when all are to come."""
    by_number: dict[int, list[tuple[int, PersonRow]]] = defaultdict(list)
    for line, row in rows.items():
        by_number[row.number].append((line, row))
    found = {}
    for number, each in by_number.items():
        due = [(row.effective or today, line, row) for line, row in each if (row.effective or today) <= today]
        to_come = [(row.effective or today, -line, row) for line, row in each]
        found[number] = (max(due) if due else min(to_come))[2]
    return found


def _known_end(post: Post, starts: date, today: date) -> date | None:
    """The last day that is known, for a file that has none: not one of an earlier time, and not that of somebody who
    was only left out of a full extract and is in a file again."""
    says = post.in_force(today)
    if post.ends is None or post.ends < starts or (says and says.left_out):
        return None
    return post.ends


def _carry_the_end(post: Post, run: int, today: date) -> None:
    """A last day that is new, or that is no longer so, holds also for changes that were announced before."""
    announced: dict[date, Says] = {}
    now = post.in_force(today)
    left_out = now is not None and now.left_out
    for says in post.said:
        if says.effective > today:
            announced[says.effective] = says
    for says in announced.values():
        if says.run != run and says.ends != post.ends:
            post.said.append(replace(says, ends=post.ends, run=run, left_out=left_out))


def table(columns: Sequence[str], rows: Iterable[PersonRow | SpellRow]) -> list[list[object]]:
    return [list(columns), *(row.cells(columns) for row in rows)]
