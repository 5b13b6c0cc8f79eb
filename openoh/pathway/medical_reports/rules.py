"""When a report may be supplied, and what the person is told of their rights. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from openoh.foundation.core.content import Content, load
from openoh.foundation.core.decisions import Decision, allow, refuse


@dataclass(frozen=True)
class Access:
    """What is known of the person's wish to see the report before it is supplied.

    `notice_on` is the day from which the days count: of the application, or of a later word that they want to see it;
    None without seeing first. `arranged_on` is when they said that they arranged to see it, or saw it; `agreed_on`
    when they then agreed in writing.
    """

    refused: bool
    notice_on: date | None
    arranged_on: date | None = None
    agreed_on: date | None = None


def content() -> Content:
    """The rights, their days and words, versioned."""
    return load("openoh.pathway.medical_reports", "rights")


def days_to_see() -> int:
    """Within how many days the person must arrange to see the report."""
    return cast(int, content()["days_to_see"])


def last_day(notice_on: date) -> date:
    """The last day on which the person can arrange to see it before it may be supplied without them."""
    return notice_on + timedelta(days=days_to_see())


def may_be_supplied(access: Access, today: date) -> Decision:
    """Whether the doctor may supply the report, and we may take it, on this day."""
    version = content().rule_version
    if access.refused:
        return refuse("The person said no. No report may be supplied.", version)
    if access.notice_on is None:
        return allow("The person did not ask to see it first.", version)
    if access.agreed_on is not None:
        return allow("The person saw it and agreed.", version)
    if access.arranged_on is not None:
        return refuse(
            "The person sees it first and has not agreed yet. Having seen it is not agreement.", version
        )
    if today <= last_day(access.notice_on):
        return refuse(
            f"The person has {days_to_see()} days to arrange to see it. They have not agreed yet.", version
        )
    return allow(f"{days_to_see()} days passed, and the person made no arrangement to see it.", version)


def law(nation: str) -> str:
    """The name of the law that gives the rights in this nation."""
    laws = cast(dict[str, str], content()["law"])
    return laws.get(nation, laws["default"])
