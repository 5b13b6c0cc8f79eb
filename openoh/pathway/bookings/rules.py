"""Whether a person may choose a time themselves, and what their silence leads to. Pure."""

from __future__ import annotations

from datetime import date
from typing import cast

from openoh.foundation.core.calendars import WorkingDays
from openoh.foundation.core.content import load
from openoh.foundation.core.decisions import Decision, allow, refuse

PACKAGE = "openoh.pathway.bookings"
WAIT, REMIND, SPEAK = "wait", "remind", "speak"


def may_choose(*, closed: bool, by_appointment: bool, invited: bool, has_time: bool) -> Decision:
    """Whether a time may be chosen for a case now.

    `has_time`: the case has a time to come, or one since the invitation that was kept or missed; what follows on
    those is decided by a clinician.
    """
    version = load(PACKAGE, "choosing").rule_version
    if closed:
        return refuse("This is finished. You can ask for help again at any time.", version)
    if not by_appointment:
        return refuse("There is no appointment to choose for this.", version)
    if has_time:
        return refuse("You have an appointment for this already. You can move it on its page.", version)
    if not invited:
        return refuse("We tell you when you can choose a time.", version)
    return allow("Choose the time that suits you.", version)


def after_silence(offered_on: date, today: date, calendar: WorkingDays, *, reminded: bool) -> Decision:
    """``wait``, ``remind`` or ``speak``, counted in working days from the day of the offer.

    Source: content/choosing.toml.
    """
    content = load(PACKAGE, "choosing")
    days = calendar.between(offered_on, today)
    remind, speak = cast(int, content["remind_after_days"]), cast(int, content["speak_after_days"])
    if days >= speak:
        return Decision(SPEAK, f"No time was chosen in {speak} working days.", content.rule_version)
    if days >= remind and not reminded:
        return Decision(REMIND, f"No time was chosen in {remind} working days.", content.rule_version)
    return Decision(WAIT, "There is time to choose.", content.rule_version)
