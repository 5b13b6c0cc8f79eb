"""An importer for the fault tests, to be killed from outside: python importer.py EMPLOYER KIND FILE [full]."""

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
sys.stdout.write("ready\n")
sys.stdout.flush()
with Path(path).open("rb") as file:
    received = actions.receive(
        by=by, employer=employer, kind=kind, file=file, file_name=Path(path).name, mapping=f"openoh-{kind}",
        full_extract="full" in sys.argv[4:],
    )  # fmt: skip
actions.run(by=by, run=received)
