"""The WSGI application that granian or gunicorn serves."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from openoh.config.receiving import Limits, Receiving

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openoh.config.settings")
django = get_wsgi_application()
from openoh.foundation.access.sessions import comes_signed_in  # noqa: E402  # needs Django to be set up

application = Receiving(
    django,
    limits=Limits(form=settings.LARGEST_FORM, file=settings.LARGEST_FILE),
    signed_in=comes_signed_in,
)

# What was loaded stays until the process ends, so the garbage collector need not look through it at every round;
# a page makes some thousand objects, so rounds are begun less often. Together a tenth of a request's time.
views = get_resolver().url_patterns  # loads every view before the freeze
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
