"""The WSGI application that granian or gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openoh.config.settings")
application = get_wsgi_application()

# What was loaded stays until the process ends, so the garbage collector need not look through it at every round;
# a page makes some thousand objects, so rounds are begun less often. Together a tenth of a request's time.
views = get_resolver().url_patterns  # loads every view before the freeze
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
