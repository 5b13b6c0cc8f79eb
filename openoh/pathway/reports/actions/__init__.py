"""The only writes on reports: writing and signing, the person's decision, release, and the manager's opening.

Pages of managers import `openoh.pathway.reports.opening` itself, which knows nothing of drafts.
"""

from openoh.pathway.reports.actions.deciding import (
    agree,
    ask_correction,
    comment,
    mark_seen,
    refuse,
    withdraw_consent,
)
from openoh.pathway.reports.actions.releasing import (
    follow_up_unopened,
    override,
    release_after_silence,
    retry_release,
)
from openoh.pathway.reports.actions.writing import begin, keep_as_written, save, sign
from openoh.pathway.reports.opening import open_released

__all__ = [
    "agree",
    "ask_correction",
    "begin",
    "comment",
    "follow_up_unopened",
    "keep_as_written",
    "mark_seen",
    "open_released",
    "override",
    "refuse",
    "release_after_silence",
    "retry_release",
    "save",
    "sign",
    "withdraw_consent",
]
