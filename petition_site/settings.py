"""Settings of the site, read from the environment; the defaults are those for production."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF

from petition_site.authorities import read_authorities
from petition_site.bounce_settings import bounce_problems
from petition_site.env import Reader
from petition_site.mail_server import read_mail_server
from petition_site.server.options import read_web_server
from petition_site.site_identity import read_logo, read_site_name
from petition_site.site_languages import language_problems
from signatures.languages import Language

# Makes Django's generic classes subscriptable at run time, as in ModelForm[Petition].
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
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
DELIVERY_SIGNING_KEY = read.ed25519_key("DELIVERY_SIGNING_KEY")
METRICS_TOKEN = read.token("METRICS_TOKEN")
read.keep_apart(
    {
        "SECRET_KEY": [SECRET_KEY, *SECRET_KEY_FALLBACKS],
        "EMAIL_KEY_SECRETS": EMAIL_KEY_SECRETS.values(),
        "MAIL_KEY_SECRET": [MAIL_KEY_SECRET],
        "CODE_SECRETS": CODE_SECRETS,
        "NETWORK_SECRET": [NETWORK_SECRET],
        "ENCRYPTION_KEYS": ENCRYPTION_KEYS,
        "MY_SIGNATURE_KEYS": MY_SIGNATURE_KEYS,
        "NO_MAIL_KEYS": NO_MAIL_KEYS,
        "DELIVERY_SIGNING_KEY": [base64.b64encode(DELIVERY_SIGNING_KEY).decode()],
        "METRICS_TOKEN": [METRICS_TOKEN],
    }
)

# Database: PostgreSQL and nothing else
DATABASES: dict[str, dict[str, Any]] = {"default": read.database("DATABASE_URL")}
DATABASES["default"] |= {
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
    "TEST": {"TEMPLATE": os.environ.get("TEST_TEMPLATE") or None},
}
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

# Limits, per network
FORM_RATES = read.rates("FORM_RATES", default="30/m,600/h")
for name in ("SIGN_RATES", "CONFIRM_RATES", "MY_SIGNATURE_RATES"):
    read.replaced(name, "FORM_RATES limits all public forms of a network together")
# Mails to one domain that is not a large provider, whoever requests them
MAIL_DOMAIN_RATES = read.rates("MAIL_DOMAIN_RATES", default="60/h,300/d")
LOGIN_RATES = read.rates("LOGIN_RATES", default="5/m")
ONION_RATES = read.rates("ONION_RATES", default="300/m,6000/h")
REDIS_URL = read.url("REDIS_URL", "", {"redis", "rediss", "unix"}, default="")
BACKUP_DAYS = read.number("BACKUP_DAYS", default=14, low=0, high=365)

read.stop_on_problems()

CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    "ratelimits": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "signatures.safeguarding.counter_cache.CounterCache", "LOCATION": "signatures_ratelimit"}
    ),
    "windows": {"BACKEND": "signatures.safeguarding.counter_cache.WindowList"},
}
# django-ratelimit determines the windows of a request; "ratelimits" counts them all in one statement.
RATELIMIT_USE_CACHE = "windows"
# W001 warns of caches unknown to django-ratelimit; ours is exact, as a test with real processes shows. security.W001
# looks for the path of Django's SecurityMiddleware, and does not recognise its subclass HttpsMiddleware.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001", "security.W001"]

INSTALLED_APPS = [
    "petition_site.apps.SiteConfig",
    "petition_site.apps.PetitionAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "django.forms",
    "modeltranslation",
    "django_countries",
    "csp",
    "signatures",
]
MIDDLEWARE = [
    "petition_site.middleware.FixedHeadersMiddleware",
    "petition_site.middleware.ProxyMiddleware",
    "petition_site.page_cache.PageCacheMiddleware",
    "petition_site.middleware.HttpsMiddleware",
    "petition_site.server.body_limit.BodyLimitMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "petition_site.middleware.LanguageMiddleware",
    "petition_site.middleware.CookielessMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "petition_site.middleware.OrganiserLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "petition_site.errors.WrongMethodMiddleware",
    "petition_site.middleware.KnownMethodsMiddleware",
    "petition_site.errors.BrokenOffMiddleware",
    "petition_site.middleware.OtherLanguageMiddleware",
]
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
# NIST SP 800-63B-4: at least 15 characters if the password is the only factor, no common passwords, no composition
# rules, no periodic changes.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "signatures.safeguarding.passwords.PredictablePasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
COOKIE_PREFIX = "__Secure-" if IS_HTTPS else ""
# Cookies ignore ports: two local trials on one machine would log each other out.
COOKIE_SUFFIX = f"-{urlsplit(SITE_ORIGIN).port}" if LOCAL_START and urlsplit(SITE_ORIGIN).port else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session{COOKIE_SUFFIX}"
SESSION_COOKIE_PATH = "/admin/"
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_AGE = 12 * 60 * 60
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
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
# With no-referrer older browsers send "Origin: null", which the cross-site check must refuse.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
# Maximum size of a request body, including files.
BODY_BYTES_MAX = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_BYTES_MAX
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
# Uploads are never written to disk: a file too large for memory is skipped.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = BODY_BYTES_MAX

# Static files
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT") or BASE_DIR / "var" / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_personal_data": {"()": "petition_site.server.logs.RouteOnlyFilter"}},
    "formatters": {
        "plain": {
            "()": "petition_site.server.logs.TypeOnlyFormatter",
            "format": "{levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["no_personal_data"]},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}},
}
