"""A sender for the fault tests: it sends what is due, and kills itself at the point that it is told.

python sender.py FOLDER (before|after|never)
"""

import os
import signal
import sys
from pathlib import Path

import django

django.setup()

from openoh.foundation.notifications import outbox  # noqa: E402  # needs Django to be set up
from openoh.foundation.notifications.carriers import FileCarrier, Item  # noqa: E402


class DyingCarrier(FileCarrier):
    """Dies as a process does that is killed, before or after the message is out."""

    def __init__(self, folder: Path, when: str) -> None:
        super().__init__(folder)
        self.when = when

    def carry(self, item: Item) -> None:
        if self.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        super().carry(item)
        if self.when == "after":
            os.kill(os.getpid(), signal.SIGKILL)


outbox.send_due(DyingCarrier(Path(sys.argv[1]), sys.argv[2]))
