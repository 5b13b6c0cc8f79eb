"""The police job-related fitness test: a 15 metre shuttle run to the level of the post."""

from dataclasses import dataclass

from openoh.methods._content import Content, Status, load


@dataclass(frozen=True)
class ShuttleRun:
    """A run against the standard of a post.

    ``shuttles`` and ``distance_m`` are ``None`` where the lengths of the levels before are not known.
    """

    meets: bool
    result: str
    required: str
    shuttles: int | None
    distance_m: int | None
    reason: str
    rule_version: str
    status: Status


def shuttle_run(result: str, *, post: str = "officer") -> ShuttleRun:
    """Whether the last completed ``level:shuttle`` reaches the standard of ``post`` (College of Policing).

    ``result`` is text such as ``"5:4"``. ``ValueError`` for other text, a level or a shuttle that does not
    exist, or an unknown post.

    Source: College of Policing, job-related fitness test standards.

    >>> run = shuttle_run("5:4")
    >>> run.meets, run.shuttles, run.distance_m
    (True, 35, 525)
    >>> shuttle_run("6:2", post="police-support-unit").reason
    'Reached 6:2, below the 6:3 of police-support-unit.'
    """
    rules = load("fitness", "shuttle-run")
    standard = rules.section("standards", post)
    reached, required = _parse(result, rules), _parse(standard["level"], rules)
    meets = reached >= required
    shuttles = _shuttles(*reached, rules)
    return ShuttleRun(
        meets=meets,
        result=result,
        required=standard["level"],
        shuttles=shuttles,
        distance_m=None if shuttles is None else shuttles * rules.values["shuttle_metres"],
        reason=f"Reached {result}, {'at or above' if meets else 'below'} the {standard['level']} of {post}.",
        rule_version=rules.rule_version,
        status=rules.status_of("standards", post),
    )


def _parse(text: str, rules: Content) -> tuple[int, int]:
    level, colon, shuttle = text.partition(":")
    if not (colon and level.isdecimal() and shuttle.isdecimal()):
        raise ValueError(f"A shuttle run is {text!r}; it must be level:shuttle, such as 5:4.")
    place = int(level), int(shuttle)
    known, highest = rules.values["shuttles"], rules.values["highest_level"]
    if not 1 <= place[0] <= highest:
        raise ValueError(f"The level of {text} is {level}; it must be from 1 to {highest}.")
    longest = rules.values["most_shuttles_in_a_level"]
    most = known[place[0] - 1] if place[0] <= len(known) else longest
    if not 1 <= place[1] <= most:
        raise ValueError(f"The shuttle of {text} is {shuttle}; it must be from 1 to {most}.")
    return place


def _shuttles(level: int, shuttle: int, rules: Content) -> int | None:
    """All shuttles run; ``None`` where an earlier level's length is not known."""
    before = rules.values["shuttles"][: level - 1]
    return sum(before) + shuttle if len(before) == level - 1 else None
