"""Settings that are the same on every site, whatever its environment."""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF

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
    "django_otp",
    "csp",
    "signatures",
    # After the accounts, to which its tables refer when they are imported.
    "django_otp_webauthn",
]
MIDDLEWARE = [
    "petition_site.server.counting.CountingMiddleware",
    "petition_site.middleware.FixedHeadersMiddleware",
    "petition_site.journal.GateMiddleware",
    "petition_site.middleware.ProxyMiddleware",
    "petition_site.switches.SwitchesMiddleware",
    "petition_site.page_cache.PageCacheMiddleware",
    "petition_site.middleware.HttpsMiddleware",
    "petition_site.server.body_limit.BodyLimitMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "petition_site.switches.ClosedMiddleware",
    "petition_site.middleware.LanguageMiddleware",
    "petition_site.middleware.CookielessMiddleware",
    "petition_site.server.body_limit.WholeFormMiddleware",
    "petition_site.middleware.BrowserSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "petition_site.middleware.OrganiserLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "petition_site.errors.WrongMethodMiddleware",
    "petition_site.middleware.KnownMethodsMiddleware",
    "petition_site.errors.BrokenOffMiddleware",
    "petition_site.middleware.OtherLanguageMiddleware",
    "petition_site.journal.JournalMiddleware",
    "petition_site.switches.NothingTakenMiddleware",
    "petition_site.replica_pages.ReplicaMiddleware",
]

# NIST SP 800-63B-4: at least 15 characters if the password is the only factor, no common passwords, no composition
# rules, no periodic changes.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "signatures.safeguarding.passwords.PredictablePasswordValidator"},
]

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
