"""`python -m openoh.cli`: the same as the `openoh` command, for processes that start others."""

import sys

from openoh.cli.main import main

sys.exit(main())
