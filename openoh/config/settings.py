"""Settings from the environment; docs/reference/settings.md lists them. The defaults are those of a safe service."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONCE, NONE, SELF

BASE = Path(__file__).resolve().parent.parent.parent
VAR = Path(os.environ.get("OPENOH_VAR", BASE / "var"))
DEMO = os.environ.get("OPENOH_DEMO") == "1"


def database_settings(url: str, user: str | None) -> dict[str, object]:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "openoh.foundation.core.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": user or unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # Parameters bound by the server let it plan a statement once a connection; see core/postgresql.
        "OPTIONS": {"application_name": "openoh", "server_side_binding": True, "prepare_threshold": 2},
    }


# The login role has no rights of its own; `openoh migrate` sets OPENOH_DB_USER=oh_owner for itself.
DATABASES = {
    "default": database_settings(
        os.environ.get("DATABASE_URL", "postgresql:///openoh"), os.environ.get("OPENOH_DB_USER") or None
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MASTER_KEY_FILE = Path(os.environ.get("OPENOH_MASTER_KEY_FILE", VAR / "keys" / "master.hex"))
# Outside the database on purpose: put it on another machine's disk, so that nobody can rewrite both.
AUDIT_ANCHORS = Path(os.environ.get("OPENOH_AUDIT_ANCHORS", VAR / "anchors" / "audit.jsonl"))
# The command line derives it from the master key, so that all processes of an installation share it.
SECRET_KEY = os.environ.get("OPENOH_SECRET_KEY", "")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("OPENOH_HOSTS", "localhost,127.0.0.1").split(",")
USE_TZ = True
TIME_ZONE = "Europe/London"
LANGUAGE_CODE = "en-gb"
USE_I18N = False

OPENOH_APPS = [
    "openoh.foundation.core",
    "openoh.foundation.audit",
    "openoh.foundation.accounts",
    "openoh.foundation.organisations",
    "openoh.foundation.people",
    "openoh.foundation.consent",
    "openoh.foundation.access",
    "openoh.foundation.notifications",
    "openoh.foundation.documents",
    "openoh.pathway.services",
    "openoh.pathway.clinics",
    "openoh.pathway.questionnaires",
    "openoh.pathway.risk",
    "openoh.pathway.clocks",
    "openoh.pathway.requests",
    "openoh.pathway.referrals",
    "openoh.pathway.triage",
    "openoh.pathway.cases",
    "openoh.pathway.bookings",
    "openoh.pathway.consultations",
    "openoh.pathway.medical_reports",
    "openoh.pathway.reports",
    "openoh.pathway.correspondence",
    "openoh.pathway.adjustments",
    "openoh.pathway.outcomes",
    "openoh.pathway.quality",
    "openoh.population.absence",
    "openoh.population.offers",
    "openoh.population.campaigns",
    "openoh.population.measures",
    "openoh.exchange.hr_feed",
    "openoh.exchange.passports",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    *OPENOH_APPS,
    "openoh.pages",
]
AUTH_USER_MODEL = "accounts.User"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "openoh.foundation.access.arriving.SignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "openoh.pages.gate.DenyByDefault",
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ROOT_URLCONF = "openoh.config.urls"
WSGI_APPLICATION = "openoh.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja2",
        "DIRS": [BASE / "openoh" / "pages"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "openoh.pages.jinja.environment",
            "extensions": ["jinja2.ext.do"],
            "context_processors": ["openoh.pages.account.frame.frame"],
        },
    },
    {
        # Only libraries' own templates (sign-in e-mails) use Django's language.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]

STATIC_URL = "/assets/"
# Served from where they lie: there is no build step and nothing to collect.
STATIC_ROOT = BASE / "openoh" / "pages" / "static"
STATICFILES_FINDERS: list[str] = []
WHITENOISE_MAX_AGE = 3600

SECURE_COOKIES = os.environ.get("OPENOH_PLAIN_HTTP") != "1"
SESSION_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "openoh.foundation.accounts.session_store"
SESSION_COOKIE_NAME = "__Host-session" if SECURE_COOKIES else "session"
# With this beginning no other host of the same domain can set it.
CSRF_COOKIE_NAME = "__Host-csrftoken" if SECURE_COOKIES else "csrftoken"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
# What one request may bring in bytes: a form; a form with files, of somebody signed in.
LARGEST_FORM = 2_500_000
LARGEST_FILE = 2_000_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# In the database, so that rate limits count across processes.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}}
EMAIL_BACKEND = "openoh.foundation.notifications.mail.CarrierBackend"
EMAIL_FILE_PATH = str(VAR / "mail")
NOTIFY_ADAPTER = os.environ.get("OPENOH_NOTIFY", "file")
NOTIFY_KEY = os.environ.get("OPENOH_NOTIFY_KEY", "")
NOTIFY_ADDRESS = os.environ.get("OPENOH_NOTIFY_ADDRESS", "")
# Typed at GOV.UK Notify, which sends it with each receipt; without it there is no such address here.
NOTIFY_RECEIPTS_TOKEN = os.environ.get("OPENOH_NOTIFY_RECEIPTS_TOKEN", "")
# GOV.UK Notify's template of each channel: "email=<id>,sms=<id>,letter=<id>".
NOTIFY_TEMPLATES = dict(
    pair.split("=", 1) for pair in os.environ.get("OPENOH_NOTIFY_TEMPLATES", "").split(",") if "=" in pair
)
# HR's systems drop their extracts here; see exchange/hr_feed/folder.py for its shape.
WATCHED_FOLDER = Path(os.environ.get("OPENOH_WATCHED_FOLDER", VAR / "watched"))
# How people outside reach this service; links in messages begin with it.
PUBLIC_ADDRESS = os.environ.get("OPENOH_ADDRESS", "http://localhost:8000")
# The proxy in front speaks TLS with the browser and plain HTTP with us; only a proxy that was declared is believed.
PROXIES = int(os.environ.get("OPENOH_PROXIES", "0"))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_ADAPTER = "openoh.pages.account.adapter.Adapter"
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
# Codes for one address and from one place; tries of one code, also when they come all at once, which the count in the
# session does not see. Who is refused by the limits of an address may be kept out by somebody else for an hour at most.
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "20/m/ip,100/h/ip,3/m/key,15/h/key",
    "confirm_login_code": "60/m/ip,10/600s/key",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
# The employer's own sign-in, see foundation/accounts/employer_sign_in.py. Nothing of it is there without an issuer.
OIDC_ISSUER = os.environ.get("OPENOH_OIDC_ISSUER", "")
OIDC_CLIENT = os.environ.get("OPENOH_OIDC_CLIENT", "")
OIDC_SECRET_FILE = os.environ.get("OPENOH_OIDC_SECRET_FILE", "")
OIDC_NAME = os.environ.get("OPENOH_OIDC_NAME", "your work account")
OIDC_VERIFIED_CLAIM = os.environ.get("OPENOH_OIDC_VERIFIED_CLAIM", "email_verified")
# What counts as a second proof, e.g. "amr=mfa acr=urn:example:high"; nothing does when it is not said.
OIDC_SECOND_PROOF = os.environ.get("OPENOH_OIDC_SECOND_PROOF", "").split()
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# Limits count by address. Behind a proxy all callers would share one, and one guesser would stop everybody.
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_ADAPTER = "openoh.pages.account.adapter.SecondProof"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "OpenOH"
# A browser speaks of passkeys over plain HTTP on localhost only, which is where a demonstration and the tests are.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE_COOKIES

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
