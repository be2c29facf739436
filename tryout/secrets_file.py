"""Generates the secrets of a local start once, and stores them in a file that only its owner can read."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

POSTGRES_SECRET = "POSTGRES_SECRET"  # noqa: S105 - a name, of the secret for the embedded server's passwords
HEADER = (
    "# Made at the first start. Whoever has this file can read what the database keeps encrypted;\n"
    "# without it nobody can. Back it up apart from the database.\n"
)


def _secret() -> str:
    return secrets.token_urlsafe(48)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _seed() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _versioned_secret() -> str:
    return f"1:{_secret()}"


MAKERS: Mapping[str, Callable[[], str]] = {
    "SECRET_KEY": _secret,
    "EMAIL_KEY_SECRETS": _versioned_secret,
    "MAIL_KEY_SECRET": _secret,
    "NETWORK_SECRET": _secret,
    "CODE_SECRETS": _secret,
    "ENCRYPTION_KEYS": _fernet_key,
    "MY_SIGNATURE_KEYS": _fernet_key,
    "NO_MAIL_KEYS": _fernet_key,
    "DELIVERY_SIGNING_KEY": _seed,
    POSTGRES_SECRET: _secret,
}


def load_secrets(path: Path) -> dict[str, str]:
    """Return the secrets in a file by name, after generating those that are missing.

    :raises OSError: if the file cannot be read or written
    """
    known = _read(path) if path.exists() else {}
    missing = {name: make() for name, make in MAKERS.items() if name not in known}
    if missing:
        known |= missing
        _write(path, known)
    return known


def _read(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _write(path: Path, known: Mapping[str, str]) -> None:
    # Written atomically: after an incomplete write, missing secrets would be generated again, and nothing encrypted
    # with the lost ones could be decrypted.
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(HEADER + "".join(f"{name}={value}\n" for name, value in known.items()))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
