"""Recognises secrets by their check values in the database, and the versions of e-mail keys that are still in use."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from signatures.models import SecretMark
from signatures.models.secret_mark import NO_VERSION

logger = logging.getLogger(__name__)

CONSTANT = b"check value of a secret\0"
BY_VERSION = "EMAIL_KEY_SECRETS"
# What is lost if none of the secrets that a database knows is there any more.
LOSSES = {
    BY_VERSION: "whoever has signed is not recognised: they can sign again and are counted twice, and nobody can change"
    " or take back the own signature",
    "CODE_SECRETS": "links in mails that wait for confirmation, links that set a password and recovery codes are all"
    " refused",
    "ENCRYPTION_KEYS": "queued mails cannot be sent, forms that wait for confirmation and sheets that wait for a second"
    " person cannot be read, nobody knows where paper lies whose names were not typed, and nobody's app for login codes"
    " is right any more",
    "JOURNAL_KEYS": "what was taken away cannot be read from the erasure journal, so that no backup can be restored and"
    " an older copy of the database is not recognised",
    "MAIL_KEY_SECRET": "those who asked for no more mails are forgotten, and get mails again",
    "MY_SIGNATURE_KEYS": "links to one's own signature, and to confirm the wish for news, that were sent before are"
    " refused",
    "NEWS_KEYS": "addresses of those who want news by mail cannot be read, so that nobody is sent any",
    "NO_MAIL_KEYS": "links in mails that were sent before do not stop mails or news any more",
}
# Without these nobody is served right; a change of the others harms what was sent before.
NEEDED = (BY_VERSION, "CODE_SECRETS", "ENCRYPTION_KEYS")
FOREIGN = "The secrets are not those that this database was used with, so that their check values are not recorded."
REPLACED = "Secrets were replaced: put the earlier ones back or, if it was on purpose, run `accept_secrets %s`."
# The first byte of a key is its version: the next larger one is looked for in the index, petition by petition.
STORED_VERSIONS = """
WITH RECURSIVE step (petition_id, key) AS (
    SELECT petition.id, (
        SELECT email_key FROM {table} AS one
        WHERE one.petition_id = petition.id AND email_key >= '\\x00' ORDER BY email_key LIMIT 1)
    FROM signatures_petition AS petition
    UNION ALL
    SELECT petition_id, (
        SELECT email_key FROM {table} AS one
        WHERE one.petition_id = step.petition_id AND email_key >= set_byte('\\x00', 0, get_byte(key, 0) + 1)
        ORDER BY email_key LIMIT 1)
    FROM step WHERE get_byte(key, 0) < 255
)
SELECT DISTINCT get_byte(key, 0) FROM step WHERE key IS NOT NULL
"""
KEYS = ("signatures_signature", "signatures_removedmark")
COUNTED = """
SELECT (SELECT count(*) FROM signatures_signature WHERE get_byte(email_key, 0) = %(version)s)
    + (SELECT count(*) FROM signatures_removedmark WHERE get_byte(email_key, 0) = %(version)s)
"""


@dataclass(frozen=True)
class Mark:
    """The check value of a secret in the settings."""

    setting: str
    version: int
    mark: bytes


def present_marks() -> Iterator[Mark]:
    """Yield the check value of each secret in the settings that the database has to know.

    The others may be replaced at any time: SECRET_KEY, NETWORK_SECRET and DELIVERY_SIGNING_KEY.
    """
    for setting in LOSSES:
        value = getattr(settings, setting)
        if isinstance(value, dict):
            secrets = list(value.items())
        else:
            secrets = [(NO_VERSION, secret) for secret in ([value] if isinstance(value, str) else value)]
        for version, secret in secrets:
            message = CONSTANT + setting.encode()
            yield Mark(setting, version, hmac.digest(secret.encode(), message, hashlib.sha256))


def lost_settings() -> list[str]:
    """Return the settings that hold none of the secrets recorded for them, or another one under the same version.

    :raises django.db.Error: if the database cannot be reached
    """
    rows = SecretMark.objects.values_list("setting", "version", "mark")
    known = {Mark(setting, version, bytes(mark)) for setting, version, mark in rows}
    present = set(present_marks())
    lost = []
    for setting in LOSSES:
        of_setting = {mark for mark in known if mark.setting == setting}
        here = {mark for mark in present if mark.setting == setting}
        swapped = setting == BY_VERSION and {mark.version for mark in here - known} & {
            mark.version for mark in of_setting
        }
        if of_setting and (swapped or not of_setting & here):
            lost.append(setting)
    return lost


def dropped_versions() -> list[int]:
    """Return the versions of e-mail keys that are stored and whose secrets are not in the settings.

    :raises django.db.Error: if the database cannot be reached
    """
    stored = set()
    with connection.cursor() as cursor:
        for table in KEYS:
            cursor.execute(STORED_VERSIONS.format(table=table))
            stored |= {version for (version,) in cursor.fetchall()}
    return sorted(stored - settings.EMAIL_KEY_SECRETS.keys())


def count_of_version(version: int) -> int:
    """Return how many signatures and removed marks have a key of a version."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, {"version": version})
        return int(cursor.fetchone()[0])


def remember_secrets() -> None:
    """Record the check values of new secrets, beside those of the secrets that they came after.

    What has lost its secrets stays unrecorded, until it is accepted. If that is something without which nobody is
    served right, nothing is recorded: then the settings may be those of another database.
    """
    lost = lost_settings()
    if set(lost) & set(NEEDED):
        logger.error(FOREIGN)
        return
    if lost:
        logger.warning(REPLACED, " ".join(lost))
    _record(LOSSES.keys() - set(lost))


def accept_secrets(setting: str) -> None:
    """Forget the check values of a setting whose secrets were replaced on purpose, and record those that it has now.

    :raises ValueError: if the setting has no check values
    """
    if setting not in LOSSES:
        raise ValueError(setting)
    with transaction.atomic():
        SecretMark.objects.filter(setting=setting).delete()
        _record({setting})


def _record(of: Collection[str]) -> None:
    SecretMark.objects.bulk_create(
        [
            SecretMark(setting=one.setting, version=one.version, mark=one.mark)
            for one in present_marks()
            if one.setting in of
        ],
        ignore_conflicts=True,
    )
