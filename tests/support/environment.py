"""The configuration for tests and tools, with fixed secrets that protect nothing."""

from __future__ import annotations

import os

FERNET_KEY = "{}kq7XvZ2cRj9dWm4TnBy8hGf3sLp6uKe1aQoJrVtYwE="

# The role that serves where a test has two; the one in DATABASE_URL then owns the tables.
SERVING = "petition_serving"
TEST_ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "petition_site.settings",
    "SECRET_KEY": "tests-of-sessions-4kQ9vXz2TbR7mWc8JnLd3hGs6pYf1uEa",
    "EMAIL_KEY_SECRETS": "1:tests-of-e-mail-keys-7Zr3bNq8XkT2vWm6LcJd9hGs4pYf",
    "MAIL_KEY_SECRET": "tests-of-mail-keys-2Xk8vQz5TbR1mWc7JnLd9hGs3pYf6uEa",
    "NETWORK_SECRET": "tests-of-networks-9Jn4vXz7TbR2mWc5QkLd8hGs1pYf3uEa",
    "CODE_SECRETS": "tests-of-codes-5Lc1vXz9TbR4mWk2JnQd7hGs8pYf6uEa",
    "ENCRYPTION_KEYS": FERNET_KEY.format("e"),
    "MY_SIGNATURE_KEYS": FERNET_KEY.format("s"),
    "NO_MAIL_KEYS": FERNET_KEY.format("n"),
    "NEWS_KEYS": FERNET_KEY.format("w"),
    "JOURNAL_KEYS": FERNET_KEY.format("j"),
    "DELIVERY_SIGNING_KEY": "dGVzdHMtZGVsaXZlcnktc2lnbmluZy1rZXktMzItYnQ=",
    "SITE_ORIGIN": "http://testserver",
    "PLAIN_HTTP": "1",
    "MAIL_SENDER": "no-reply@petition.example.org",
    # Most tests use addresses of one domain for everybody; tests of this limit set their own.
    "MAIL_DOMAIN_RATES": "1000000/h",
}
# Variables that a developer's shell may define and tests must not see.
FOREIGN_NAMES = (
    "DATABASE_OWNER_URL",
    "SECRET_KEY_FALLBACKS",
    "ALLOWED_HOSTS",
    "LOCAL_START",
    "TRUSTED_PROXIES",
    "ONION_LISTENERS",
    "ONION_CIRCUITS",
    "ONION_ORIGIN",
    "SECURITY_CONTACT",
    "MIRRORS",
    "MIRRORS_SIGNING_KEY",
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
    "LOGIN_ACCOUNT_RATES",
    "ONION_RATES",
    "REDIS_URL",
    "DATABASE_REPLICA_URL",
    "BACKUP_DAYS",
    "BACKUP_FOLDER",
    "BACKUP_RECIPIENT",
    "METRICS_TOKEN",
    "OPERATOR_EMAIL",
    "OPERATOR_PING_URL",
    "BIND",
    "WEB_WORKERS",
    "WEB_THREADS",
    "REQUEST_SECONDS",
    "HSTS_ONLY_THIS_HOST",
    "HSTS_PRELOAD",
    "WEB_CACHE_OFF_FILE",
    "LISTEN_PID",
    "LISTEN_FDS",
)


def property_examples(usual: int) -> int:
    """Return the number of examples for a costly property test, multiplied by PROPERTY_EXAMPLES."""
    return usual * int(os.environ.get("PROPERTY_EXAMPLES", "1"))
