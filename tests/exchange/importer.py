"""A fresh process that imports one file and says what memory it took at most.

python importer.py EMPLOYER KIND FILE; its last line is its peak resident memory in KiB, as the kernel counted it.
"""

import sys
from pathlib import Path

import django

django.setup()

from openoh.exchange.hr_feed import actions  # noqa: E402  # needs Django to be set up
from openoh.foundation.core.actors import Audience, Scope, system_actor  # noqa: E402
from openoh.foundation.core.scope import within  # noqa: E402
from openoh.foundation.organisations.models import Employer  # noqa: E402

code, kind, path = sys.argv[1:4]
with within(Scope(Audience.WORKER)):
    employer = Employer.objects.get(code=code)
by = system_actor("importer", employers=(employer.pk,))
with Path(path).open("rb") as file:
    received = actions.receive(
        by=by, employer=employer, kind=kind, file=file, file_name=Path(path).name, mapping=f"openoh-{kind}"
    )
finished = actions.run(by=by, run=received)
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
sys.stdout.write(f"{finished.rows_read} {finished.rows_new}\n{peak.split()[1]}\n")
