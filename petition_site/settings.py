"""Settings of the site, read from the environment; the defaults are those for production."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext

from petition_site.authorities import read_authorities
from petition_site.bounce_settings import bounce_problems
from petition_site.database_roles import role_problems
from petition_site.env import Reader
from petition_site.fixed_settings import (  # noqa: F401
    AUTH_PASSWORD_VALIDATORS,
    CONTENT_SECURITY_POLICY,
    INSTALLED_APPS,
    LOGGING,
    MIDDLEWARE,
)
from petition_site.limit_store import caches_for, redis_problems
from petition_site.mail_server import read_mail_server
from petition_site.operator_settings import operator_problems, recipient_problems
from petition_site.server.options import read_web_server
from petition_site.site_identity import read_logo, read_site_name
from petition_site.site_languages import language_problems
from petition_site.version import VERSION
from signatures.languages import Language
from signatures.replica import REPLICA, replica_settings

# Makes Django's generic classes subscriptable at run time, as in ModelForm[Petition].
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
RELEASE = VERSION
read = Reader()

# Addresses of the site
LOCAL_START = read.flag("LOCAL_START")
SITE_ORIGIN = read.origin("SITE_ORIGIN")
IS_HTTPS = SITE_ORIGIN.startswith("https://")
# For tests, which use made-up names and addresses; /-/ready and the log warn if it is set.
PLAIN_HTTP = read.flag("PLAIN_HTTP")
if not LOCAL_START and not PLAIN_HTTP and SITE_ORIGIN.startswith("http://"):
    read.problems.append("SITE_ORIGIN must begin with https://: names and addresses must not travel in the clear.")
ALLOWED_HOSTS = [host for host in [urlsplit(SITE_ORIGIN).hostname] if host]
ALLOWED_HOSTS += read.hosts("ALLOWED_HOSTS")
if LOCAL_START:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
WEB_SERVER = read_web_server(read)
BIND = WEB_SERVER.bind
ONION_LISTENERS = WEB_SERVER.onion_listeners
ONION_CIRCUITS = WEB_SERVER.onion_circuits
TRUSTED_PROXIES = read.number("TRUSTED_PROXIES", default=0, low=0, high=5)
ONION_ORIGIN = read.text("ONION_ORIGIN", "", default="").rstrip("/").lower()
if ONION_ORIGIN and not re.fullmatch(r"http://[a-z2-7]{56}\.onion", ONION_ORIGIN):
    read.problems.append("ONION_ORIGIN must be http:// and the 56 characters of an onion service before .onion.")
if ONION_ORIGIN:
    ALLOWED_HOSTS.append(ONION_ORIGIN.removeprefix("http://"))
# What browsers remember of https (RFC 6797): for subdomains, too, unless this host has some that do without.
HSTS_ONLY_THIS_HOST = read.flag("HSTS_ONLY_THIS_HOST")
HSTS_PRELOAD = read.flag("HSTS_PRELOAD")
if HSTS_PRELOAD and HSTS_ONLY_THIS_HOST:
    read.problems.append("HSTS_PRELOAD is for a domain with all its subdomains: leave HSTS_ONLY_THIS_HOST out.")
# While this file exists, the reverse proxy serves and keeps nothing but what the site has just made.
WEB_CACHE_OFF_FILE = read.text("WEB_CACHE_OFF_FILE", "", default="")
if WEB_CACHE_OFF_FILE and not Path(WEB_CACHE_OFF_FILE).is_absolute():
    read.problems.append("WEB_CACHE_OFF_FILE must be a whole path, such as /run/petition/web-cache-off.")
# Copies of the public pages elsewhere; the list of them is signed, or nobody could tell it from another.
MIRRORS = read.mirrors("MIRRORS", default="")
SECURITY_CONTACT = read.text("SECURITY_CONTACT", "", default="")
if SECURITY_CONTACT and not re.fullmatch(r"(mailto:[^\s@]+@[^\s@]+|https://\S+)", SECURITY_CONTACT):
    read.problems.append("SECURITY_CONTACT must begin with mailto: or https:// (RFC 9116).")

# Secrets, one for each purpose
SECRET_KEY = read.secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = read.secrets("SECRET_KEY_FALLBACKS", default="")
EMAIL_KEY_SECRETS = read.versioned_secrets("EMAIL_KEY_SECRETS")
MAIL_KEY_SECRET = read.secret("MAIL_KEY_SECRET")
CODE_SECRETS = read.secrets("CODE_SECRETS")
NETWORK_SECRET = read.secret("NETWORK_SECRET")
ENCRYPTION_KEYS = read.fernet_keys("ENCRYPTION_KEYS")
MY_SIGNATURE_KEYS = read.fernet_keys("MY_SIGNATURE_KEYS")
NO_MAIL_KEYS = read.fernet_keys("NO_MAIL_KEYS")
NEWS_KEYS = read.fernet_keys("NEWS_KEYS")
JOURNAL_KEYS = read.fernet_keys("JOURNAL_KEYS")
DELIVERY_SIGNING_KEY = read.ed25519_key("DELIVERY_SIGNING_KEY")
MIRRORS_SIGNING_KEY = read.ed25519_key("MIRRORS_SIGNING_KEY", default="")
METRICS_TOKEN = read.token("METRICS_TOKEN")
SECRETS = {
    "SECRET_KEY": [SECRET_KEY, *SECRET_KEY_FALLBACKS],
    "EMAIL_KEY_SECRETS": EMAIL_KEY_SECRETS.values(),
    "MAIL_KEY_SECRET": [MAIL_KEY_SECRET],
    "CODE_SECRETS": CODE_SECRETS,
    "NETWORK_SECRET": [NETWORK_SECRET],
    "ENCRYPTION_KEYS": ENCRYPTION_KEYS,
    "MY_SIGNATURE_KEYS": MY_SIGNATURE_KEYS,
    "NO_MAIL_KEYS": NO_MAIL_KEYS,
    "NEWS_KEYS": NEWS_KEYS,
    "JOURNAL_KEYS": JOURNAL_KEYS,
    "DELIVERY_SIGNING_KEY": [base64.b64encode(DELIVERY_SIGNING_KEY).decode()],
    "MIRRORS_SIGNING_KEY": [base64.b64encode(MIRRORS_SIGNING_KEY).decode()],
    "METRICS_TOKEN": [METRICS_TOKEN],
}
read.keep_apart(SECRETS)
SECRET_NAMES = frozenset(SECRETS)

if MIRRORS and not MIRRORS_SIGNING_KEY:
    read.problems.append("MIRRORS needs MIRRORS_SIGNING_KEY, by which people tell the list from another.")

# Database: PostgreSQL and nothing else
DATABASES: dict[str, dict[str, Any]] = {"default": read.database("DATABASE_URL")}
# The role that owns the tables and migrates, where the one above only serves; no alias, since no query goes by it
DATABASE_OWNER: dict[str, Any] = read.database("DATABASE_OWNER_URL", default="")
read.problems += role_problems(DATABASES["default"], DATABASE_OWNER)
DATABASES["default"] |= {
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
    "TEST": {"TEMPLATE": os.environ.get("TEST_TEMPLATE") or None},
}
# A copy that follows it, for public pages and exports
if DATABASE_REPLICA := read.database("DATABASE_REPLICA_URL", default=""):
    DATABASES[REPLICA] = replica_settings(DATABASE_REPLICA)
DATABASE_ROUTERS = ["signatures.replica.ReplicaRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Who runs the site, at the top of every page
SITE_NAME = read_site_name(read)
SITE_LOGO = read_logo(read)

# The languages that the site offers, from those that the code ships; the first is the default
SITE_LANGUAGES = read.words("SITE_LANGUAGES", "", default="en,ru")
read.problems += language_problems(SITE_LANGUAGES)

# Mail
MAIL_SERVER = read_mail_server(read, SITE_ORIGIN)
EMAIL_URL = MAIL_SERVER.url
MAIL_SENDER = MAIL_SERVER.sender
MAIL_HELO_NAME = MAIL_SERVER.helo_name
MAIL_CA = MAIL_SERVER.authorities
# The address that bounces go to, and the mailbox in which they are counted
BOUNCE_ADDRESS = read.text("BOUNCE_ADDRESS", "", default="")
BOUNCE_URL = read.url("BOUNCE_URL", "", {"imaps", "imap+tls"}, default="")
BOUNCE_CA = read_authorities(read, "BOUNCE_CA")
read.problems += bounce_problems(BOUNCE_ADDRESS, BOUNCE_URL, sender=MAIL_SENDER)
BOUNCE_ADDRESS = BOUNCE_ADDRESS or MAIL_SENDER

# Whom to tell what is amiss, and where to send signs of life; the latter is a secret
OPERATOR_EMAIL = read.text("OPERATOR_EMAIL", "", default="")
OPERATOR_PING_URL = read.url("OPERATOR_PING_URL", "", {"https", "http"}, default="")
read.problems += operator_problems(OPERATOR_EMAIL, OPERATOR_PING_URL)

# Limits, per network
FORM_RATES = read.rates("FORM_RATES", default="30/m,600/h")
for name in ("SIGN_RATES", "CONFIRM_RATES", "MY_SIGNATURE_RATES"):
    read.replaced(name, "FORM_RATES limits all public forms of a network together")
# Mails to one domain that is not a large provider, whoever requests them
MAIL_DOMAIN_RATES = read.rates("MAIL_DOMAIN_RATES", default="60/h,300/d")
# Mails with news, of all petitions together: a relay may take only so many
NEWS_MAILS_PER_HOUR = read.number("NEWS_MAILS_PER_HOUR", default=500, low=1, high=1_000_000)
LOGIN_RATES = read.rates("LOGIN_RATES", default="5/m")
# Attempts for one user name, whoever makes them; a browser in which its account has logged in before is counted alone
LOGIN_ACCOUNT_RATES = read.rates("LOGIN_ACCOUNT_RATES", default="10/h")
ONION_RATES = read.rates("ONION_RATES", default="300/m,6000/h")
REDIS_URL = read.text("REDIS_URL", "", default="")
read.problems += redis_problems(REDIS_URL)

# Backups, and what was taken away since, which every restored one must learn of
BACKUP_DAYS = read.number("BACKUP_DAYS", default=14, low=0, high=365)
BACKUP_FOLDER = read.folder("BACKUP_FOLDER", "", default="")
BACKUP_RECIPIENT = read.text("BACKUP_RECIPIENT", "", default="")
read.problems += recipient_problems(BACKUP_RECIPIENT)
ERASURE_JOURNAL = (
    read.folder("ERASURE_JOURNAL", "set it to a folder beside the database, for example /var/lib/petition/journal")
    or Path()
)

read.stop_on_problems()

CACHES = caches_for(REDIS_URL)
# django-ratelimit determines the windows of a request; "ratelimits" counts them all in one statement.
RATELIMIT_USE_CACHE = "windows"
# W001 warns of caches unknown to django-ratelimit; ours is exact, as a test with real processes shows. security.W001
# looks for the path of Django's SecurityMiddleware, and does not recognise its subclass HttpsMiddleware. W005 and W021
# ask for what HSTS_ONLY_THIS_HOST and HSTS_PRELOAD leave to the operator.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001", "security.W001", "security.W005", "security.W021"]

ROOT_URLCONF = "petition_site.urls"
WSGI_APPLICATION = "petition_site.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "petition_site.context.page",
            ],
        },
    },
]
FORM_RENDERER = "petition_site.form_renderer.FormRenderer"

# Languages: the public pages take theirs from the path, the admin from the organiser's account
LANGUAGE_CODE = SITE_LANGUAGES[0]
LANGUAGES = [(code, Language(code).label) for code in SITE_LANGUAGES]
# The second corrects Django's own catalogues, whose Belarusian is in the orthography used before 1933.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "petition_site" / "django_texts"]
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = "petition_site.formats"
# Texts have a column for each shipped language, whether or not the site offers it.
MODELTRANSLATION_LANGUAGES = tuple(Language.values)
MODELTRANSLATION_ENABLE_FALLBACKS = False

# Organisers
AUTH_USER_MODEL = "signatures.Organiser"
AUTHENTICATION_BACKENDS = [
    "signatures.models.second_factor.OrganiserBackend",
    "signatures.models.rights.PetitionBackend",
]
# A trial on one's own machine, and tests, do without.
SECOND_FACTOR_REQUIRED = not (LOCAL_START or PLAIN_HTTP)
# Passkeys are bound to one host. Browsers know them only at https:// and at localhost: at any other address the first
# origin is never that of a page, and an app does.
OTP_WEBAUTHN_RP_ID = urlsplit(SITE_ORIGIN).hostname or ""
OTP_WEBAUTHN_RP_NAME = SITE_NAME or OTP_WEBAUTHN_RP_ID
OTP_WEBAUTHN_ALLOWED_ORIGINS = [
    SITE_ORIGIN if OTP_WEBAUTHN_RP_ID == "localhost" else f"https://{urlsplit(SITE_ORIGIN).netloc}"
]
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False
# Its messages hold what the browser sent; ours say only what kind of error it was.
OTP_WEBAUTHN_EXCEPTION_LOGGER_NAME = None
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
COOKIE_PREFIX = "__Secure-" if IS_HTTPS else ""
# Cookies ignore ports: two local trials on one machine would log each other out.
COOKIE_SUFFIX = f"-{urlsplit(SITE_ORIGIN).port}" if LOCAL_START and urlsplit(SITE_ORIGIN).port else ""
SESSION_ENGINE = "signatures.safeguarding.sessions"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session{COOKIE_SUFFIX}"
SESSION_COOKIE_PATH = "/admin/"
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_AGE = 12 * 60 * 60
# Of a browser in which somebody has logged in; it lets nobody in.
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}device{COOKIE_SUFFIX}"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf{COOKIE_SUFFIX}"
CSRF_COOKIE_PATH = "/admin/"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_FAILURE_VIEW = "petition_site.errors.csrf_failure"

# Transport and frames
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_SSL_HOST = urlsplit(SITE_ORIGIN).netloc if IS_HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^-/"]
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS and not HSTS_ONLY_THIS_HOST
SECURE_HSTS_PRELOAD = IS_HTTPS and HSTS_PRELOAD
# With no-referrer older browsers send "Origin: null", which the cross-site check must refuse.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Maximum size of a request body, including files.
BODY_BYTES_MAX = 1024 * 1024
# The same where an organiser uploads a header picture: 10 megabytes, and the rest of the form.
PICTURE_BODY_BYTES_MAX = 10 * BODY_BYTES_MAX + 64 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_BYTES_MAX
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
# Uploads are never written to disk: a file too large for memory is skipped.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = PICTURE_BODY_BYTES_MAX

# Static files
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT") or BASE_DIR / "var" / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
