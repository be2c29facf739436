"""Makes secrets at random, and keeps settings in a file of lines NAME=VALUE."""

from __future__ import annotations

import base64
import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

# What the shell, systemd and container engines all read as it stands.
PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]*")
SETTING = re.compile(r"(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")
QUOTED = re.compile(r"""(['"])(?P<value>.*)\1""")


def secret() -> str:
    """Return a random secret of 384 bits."""
    return secrets.token_urlsafe(48)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _seed() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _versioned_secret() -> str:
    return f"1:{secret()}"


# Every secret without which the site does not start.
MAKERS: Mapping[str, Callable[[], str]] = {
    "SECRET_KEY": secret,
    "EMAIL_KEY_SECRETS": _versioned_secret,
    "MAIL_KEY_SECRET": secret,
    "NETWORK_SECRET": secret,
    "CODE_SECRETS": secret,
    "ENCRYPTION_KEYS": _fernet_key,
    "MY_SIGNATURE_KEYS": _fernet_key,
    "NO_MAIL_KEYS": _fernet_key,
    "NEWS_KEYS": _fernet_key,
    "JOURNAL_KEYS": _fernet_key,
    "DELIVERY_SIGNING_KEY": _seed,
}


def line(name: str, value: str) -> str:
    """Return a line that the shell, systemd and container engines read alike.

    :raises ValueError: if the value holds what they read differently, a quote or a line's end
    """
    if PLAIN.fullmatch(value):
        return f"{name}={value}\n"
    if "'" in value or not value.isprintable():
        message = f"The value of {name} must hold no quote and no line's end: write %27 for a quote in an address."
        raise ValueError(message)
    return f"{name}='{value}'\n"


def read_settings_file(path: Path) -> dict[str, str]:
    """Return the settings in a file by name, without quotes.

    :raises OSError: if it cannot be read
    """
    found = {}
    for text in path.read_text(encoding="utf-8").splitlines():
        if setting := SETTING.fullmatch(text.strip()):
            quoted = QUOTED.fullmatch(setting["value"].strip())
            found[setting["name"]] = quoted["value"] if quoted else setting["value"].strip()
    return found


def write_settings_file(path: Path, text: str, mode: int = 0o600, group: int = -1) -> None:
    """Replace a file as a whole.

    After an incomplete write, secrets that are missing would be made again, and nothing encrypted with the lost ones
    could be decrypted.

    :param group: number of the group that the file belongs to; -1 means that of this process
    :raises OSError: if it cannot be written
    """
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        os.fchown(file.fileno(), -1, group)
        os.fchmod(file.fileno(), mode)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
