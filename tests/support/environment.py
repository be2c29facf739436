"""The configuration for tests and tools, with fixed secrets that protect nothing."""

from __future__ import annotations

import os

FERNET_KEY = "{}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

TEST_ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "petition_site.settings",
    "SECRET_KEY": "tests-secret-key-" + "k" * 40,
    "EMAIL_KEY_SECRETS": "1:tests-email-key-" + "e" * 40,
    "MAIL_KEY_SECRET": "tests-mail-key-" + "m" * 40,
    "NETWORK_SECRET": "tests-network-" + "n" * 40,
    "CODE_SECRETS": "tests-codes-" + "c" * 40,
    "ENCRYPTION_KEYS": FERNET_KEY.format("e"),
    "MY_SIGNATURE_KEYS": FERNET_KEY.format("s"),
    "NO_MAIL_KEYS": FERNET_KEY.format("n"),
    "DELIVERY_SIGNING_KEY": "dGVzdHMtZGVsaXZlcnktc2lnbmluZy1rZXktMzItYnQ=",
    "SITE_ORIGIN": "http://testserver",
    "PLAIN_HTTP": "1",
    "MAIL_SENDER": "no-reply@petition.example.org",
    # Most tests use addresses of one domain for everybody; tests of this limit set their own.
    "MAIL_DOMAIN_RATES": "1000000/h",
}
# Variables that a developer's shell may define and tests must not see.
FOREIGN_NAMES = (
    "SECRET_KEY_FALLBACKS",
    "ALLOWED_HOSTS",
    "LOCAL_START",
    "TRUSTED_PROXIES",
    "ONION_LISTENERS",
    "ONION_CIRCUITS",
    "ONION_ORIGIN",
    "SECURITY_CONTACT",
    "SITE_LANGUAGES",
    "SITE_NAME",
    "SITE_LOGO",
    "BOUNCE_ADDRESS",
    "BOUNCE_URL",
    "BOUNCE_CA",
    "FORM_RATES",
    "SIGN_RATES",
    "CONFIRM_RATES",
    "MY_SIGNATURE_RATES",
    "MAIL_DOMAIN_RATES",
    "MAIL_HELO_NAME",
    "MAIL_CA",
    "MAIL_CA_FILE",
    "LOGIN_RATES",
    "ONION_RATES",
    "REDIS_URL",
    "BACKUP_DAYS",
    "METRICS_TOKEN",
    "BIND",
    "WEB_WORKERS",
    "WEB_THREADS",
    "REQUEST_SECONDS",
)


def property_examples(usual: int) -> int:
    """Return the number of examples for a costly property test, multiplied by PROPERTY_EXAMPLES."""
    return usual * int(os.environ.get("PROPERTY_EXAMPLES", "1"))
