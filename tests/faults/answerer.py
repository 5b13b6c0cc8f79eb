"""A server process for the fault tests: it keeps one risky answer, and is then killed.

python answerer.py USER ANSWER_SET (before|after)

before: dies by its own hand inside the transaction. after: says "kept" when the answer is committed, and waits to be
killed, as a worker does between two requests.
"""

import os
import signal
import sys
import time
from contextlib import nullcontext
from uuid import UUID

import django

django.setup()

from openoh.foundation.access.queries import grants_of  # noqa: E402  # needs Django to be set up
from openoh.foundation.core.scope import within  # noqa: E402
from openoh.pathway.questionnaires.actions import save_answers  # noqa: E402

user, answer_set, when = sys.argv[1:]
actor = next(grant.actor for grant in grants_of(UUID(user), "Amara") if grant.actor.role == "employee")
with within(actor.scope) if when == "before" else nullcontext():
    save_answers(by=actor, answer_set_id=UUID(answer_set), answers={"9": 3})
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
sys.stdout.write("kept\n")
sys.stdout.flush()
time.sleep(120)
