"""Secrets: whether they are those of this database, and whether one is missing that is still needed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from signatures.doctor.findings import Finding, Options, fine, rows, warn, wrong
from signatures.models import SecretMark
from signatures.safeguarding.secret_marks import (
    BY_VERSION,
    LOSSES,
    NEEDED,
    count_of_version,
    dropped_versions,
    lost_settings,
)

# Where the installation keeps its settings; others are named by NAME_FILE.
SETTINGS_FILE = Path("/etc/petition/petition.env")
# Addresses that hold passwords, or are secret themselves.
WITH_PASSWORDS = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_REPLICA_URL",
    "EMAIL_URL",
    "BOUNCE_URL",
    "REDIS_URL",
    "OPERATOR_PING_URL",
)
OTHERS = 0o007
GROUP_WRITES = 0o020
ATTEMPTS_OF_OLD_VERSIONS = """
SELECT count(*) FROM signatures_attempt
WHERE email_keys IS NOT NULL AND NOT EXISTS (
    SELECT FROM unnest(email_keys) AS key WHERE get_byte(key, 0) = ANY (%s))
"""


def check_secrets(options: Options) -> Iterator[Finding]:
    """Compare the secrets with their check values, and the versions of e-mail keys with those that are stored."""
    lost = lost_settings()
    for setting in lost:
        yield wrong(
            f"{setting} holds none of the secrets that this database was used with"
            f"{', or another one under the same version' if setting == BY_VERSION else ''}: {LOSSES[setting]}.",
            _mend(setting),
        )
    if not lost:
        if SecretMark.objects.exists():
            yield fine("The secrets are those that this database was used with.")
        else:
            yield warn(
                "No check values of the secrets are recorded yet, so that foreign secrets would not be noticed.",
                "Start a worker: it records them.",
            )
    yield from _versions()
    yield from _files()


def _mend(setting: str) -> str:
    if setting in NEEDED:
        return f"Put the earlier value back, behind the new one if you meant to change it ({setting} takes several)."
    # After a break-in this is as it should be.
    return f"Put the earlier value back; if you replaced it on purpose, run `manage.py accept_secrets {setting}`."


def _versions() -> Iterator[Finding]:
    dropped = dropped_versions()
    for version in dropped:
        yield wrong(
            f"{count_of_version(version)} signatures and removed marks have e-mail keys of version {version}, which"
            f" {BY_VERSION} does not hold: these people can sign again and are counted twice.",
            f"Put {version}:SECRET back behind the current one, and keep it until the petitions are purged.",
        )
    if not dropped:
        yield fine("Every e-mail key that is stored has its secret.")
    [(amount,)] = rows(ATTEMPTS_OF_OLD_VERSIONS, [list(settings.EMAIL_KEY_SECRETS)])
    if amount:
        yield warn(
            f"{amount} forms that wait for confirmation have only e-mail keys whose secrets were dropped.",
            f"Put the earlier secret back behind the current one in {BY_VERSION}, for eight days at least.",
        )


def _files() -> Iterator[Finding]:
    """Look at who may read the files that hold secrets."""
    named = [Path(path) for name, path in os.environ.items() if name.endswith("_FILE") and name[:-5] in _secret_names()]
    for path in dict.fromkeys([SETTINGS_FILE, *named]):
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if mode & (OTHERS | GROUP_WRITES):
            yield wrong(
                f"Others may read or change {path}, which holds secrets.",
                f"chmod 0640 {path}, and let it belong to root and the group of the site.",
            )


def _secret_names() -> set[str]:
    return {*settings.SECRET_NAMES, "SECRET_KEY_FALLBACKS", *WITH_PASSWORDS}
