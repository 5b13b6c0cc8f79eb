"""The environment of every test, set before Django reads its settings: pytest loads this as its first plugin."""

import os
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent / "var" / "test"

os.environ.update(
    OPENOH_SECRET_KEY="only-for-tests-" + "0" * 40,
    OPENOH_MASTER_KEY="11" * 32,
    OPENOH_PLAIN_HTTP="1",
    OPENOH_VAR=str(HOME / "files"),
    DATABASE_URL="postgresql:///not-used-before-the-fixtures",
    DJANGO_ALLOW_ASYNC_UNSAFE="true",  # Playwright's loop runs in the test's thread
)
os.environ.pop("OPENOH_DEMO", None)
