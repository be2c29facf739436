"""Reads the configuration from the environment and rejects invalid values."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from petition_site.listeners import spelt_listener
from petition_site.weak_secrets import weakness
from signatures.safeguarding.rates import Rate

SECRET_LENGTH_MIN = 32
TOKEN_LENGTH_MIN = 16
SEED_BYTES = 32
KEY_VERSION_MAX = 255
# A scheme, a host name or address (RFC 3986), and perhaps a port, as a browser sends it in Origin.
ORIGIN = re.compile(r"https?://([a-z0-9-]+(\.[a-z0-9-]+)*\.?|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?", re.IGNORECASE)
# A name without scheme, port or path; a leading dot matches all subdomains.
HOST = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)
# An origin, perhaps with a path of plain characters.
MIRROR = re.compile(rf"{ORIGIN.pattern}/([a-z0-9._~-]+/)*", re.IGNORECASE)
TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"", "0", "false", "no", "off"}
URL_SAFE_TO_STANDARD_BASE64 = str.maketrans("-_", "+/")


@dataclass
class Reader:
    """Reads variables and collects all problems, so that a single start reports every one.

    Each value may also be in a file whose path is in ``NAME_FILE``.
    """

    env: environ.FileAwareEnv = field(default_factory=environ.FileAwareEnv)
    problems: list[str] = field(default_factory=list)

    def text(self, name: str, hint: str, default: str | None = None) -> str:
        """Return the value of a variable, and record a problem if it is unset and has no default."""
        try:
            value = str(self.env.str(name, default="")).strip()
        except (OSError, UnicodeDecodeError):
            self.problems.append(f"{name}_FILE names a file that cannot be read as text.")
            return default or ""
        if value:
            return value
        if default is None:
            self.problems.append(f"{name} is not set: {hint}.")
        return default or ""

    def words(self, name: str, hint: str, default: str | None = None) -> list[str]:
        """Split a comma-separated variable, without surrounding whitespace and empty words."""
        return [word.strip() for word in self.text(name, hint, default).split(",") if word.strip()]

    def flag(self, name: str) -> bool:
        """Return whether a variable is switched on (1, true, yes, on); unset means off."""
        value = self.text(name, "", default="").lower()
        if value not in TRUE_WORDS | FALSE_WORDS:
            self.problems.append(f"{name} must be 1 or 0.")
        return value in TRUE_WORDS

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return an integer from ``low`` to ``high``, both included."""
        value = self.text(name, "", default=str(default))
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            self.problems.append(f"{name} must be a whole number from {low} to {high}.")
            return default
        return int(value)

    def secrets(self, name: str, default: str | None = None) -> list[str]:
        """Return one or more secrets, the newest first."""
        values = self.words(name, f"set it to a random secret of at least {SECRET_LENGTH_MIN} characters", default)
        if any(len(value) < SECRET_LENGTH_MIN for value in values):
            self.problems.append(
                f"{name} holds a secret of fewer than {SECRET_LENGTH_MIN} characters: make a longer one."
            )
        else:
            self.refuse_weak(name, values)
        return values

    def refuse_weak(self, name: str, values: Iterable[str], decoded: bytes = b"") -> None:
        """Record a problem if a secret, or the bytes that a key stands for, does not look random."""
        if found := next(filter(None, (weakness(value, decoded) for value in values)), ""):
            self.problems.append(f"{name} holds {found}: make a random one, as `manage.py make_secrets` does.")

    def secret(self, name: str) -> str:
        """Return a single secret, and record a problem if there are several."""
        values = self.secrets(name)
        if len(values) > 1:
            self.problems.append(f"{name} takes one secret, without commas.")
        return values[0] if values else ""

    def token(self, name: str) -> str:
        """Return a token by which a program gets access; unset means no access."""
        value = self.text(name, "", default="")
        if value and len(value) < TOKEN_LENGTH_MIN:
            self.problems.append(f"{name} has fewer than {TOKEN_LENGTH_MIN} characters: make a longer one.")
        elif value:
            self.refuse_weak(name, [value])
        return value

    def versioned_secrets(self, name: str) -> dict[int, str]:
        """Return secrets by version; the first entry is the current one."""
        secrets: dict[int, str] = {}
        for value in self.words(
            name, f"set it to 1:SECRET, a random secret of at least {SECRET_LENGTH_MIN} characters"
        ):
            version, _, secret = value.partition(":")
            if not version.isascii() or not version.isdigit() or not 1 <= int(version) <= KEY_VERSION_MAX:
                self.problems.append(
                    f"{name}: each entry is VERSION:SECRET with a version from 1 to {KEY_VERSION_MAX}."
                )
            elif int(version) in secrets:
                self.problems.append(f"{name}: version {version} stands there twice.")
            elif len(secret) < SECRET_LENGTH_MIN:
                self.problems.append(f"{name}: version {version} has fewer than {SECRET_LENGTH_MIN} characters.")
            else:
                secrets[int(version)] = secret
        self.refuse_weak(name, secrets.values())
        return secrets

    def fernet_keys(self, name: str) -> list[str]:
        """Return one or more Fernet keys, the newest first."""
        keys = self.words(name, "set it to a Fernet key: 32 random bytes in URL-safe base64, 44 characters")
        for key in keys:
            try:
                Fernet(key)
            except ValueError:
                self.problems.append(f"{name} holds something that is no Fernet key (32 bytes in URL-safe base64).")
            else:
                self.refuse_weak(name, [key], base64.urlsafe_b64decode(key))
        return keys

    def ed25519_key(self, name: str, default: str | None = None) -> bytes:
        """Return the seed of an Ed25519 key, 32 bytes, given in standard or URL-safe base64; empty if it may be."""
        value = self.text(name, "set it to an Ed25519 key: 32 random bytes in base64, 44 characters", default)
        try:
            seed = base64.b64decode(value.replace("-", "+").replace("_", "/"), validate=True)
        except ValueError:
            # The value is not base64, or not even ASCII.
            seed = b""
        if value and len(seed) != SEED_BYTES:
            self.problems.append(f"{name} is no Ed25519 key (32 bytes in base64, 44 characters).")
            return b""
        if seed:
            self.refuse_weak(name, [value], seed)
        return seed

    def keep_apart(self, secrets: Mapping[str, Iterable[str]]) -> None:
        """Record a problem for each value used in two settings: whoever learns one would have the other, too.

        :param secrets: the values of each setting
        """
        found: dict[str, str] = {}
        for name, values in secrets.items():
            # A key in either alphabet of base64 is the same key; values that are too short are reported elsewhere.
            for value in {
                value.translate(URL_SAFE_TO_STANDARD_BASE64).rstrip("=")
                for value in values
                if len(value) >= TOKEN_LENGTH_MIN
            }:
                other = found.setdefault(value, name)
                if other != name:
                    self.problems.append(f"{name} holds the same secret as {other}: make one of its own for each.")

    def rates(self, name: str, default: str) -> list[str]:
        """Return a list of rate limits such as ``30/m`` in django-ratelimit's notation."""
        values = self.words(name, "", default)
        try:
            is_right = bool(values) and all(Rate.read(value).amount for value in values)
        except ValueError:
            is_right = False
        if not is_right:
            self.problems.append(f"{name} takes limits such as 30/m,600/h.")
        return values

    def replaced(self, name: str, hint: str) -> None:
        """Record a problem if an obsolete setting is set, with a hint at its replacement."""
        if self.text(name, "", default=""):
            self.problems.append(f"{name} is read no more: {hint}.")

    def origin(self, name: str) -> str:
        """Return scheme, host and perhaps port under which visitors reach the site, in lower case."""
        value = self.text(name, "set it to the site's address, for example https://petition.example.org").rstrip("/")
        if value and not ORIGIN.fullmatch(value):
            self.problems.append(f"{name} must look like https://petition.example.org, without a path.")
            return ""
        # Scheme and host are case-insensitive (RFC 3986), and browsers send them in lower case.
        return value.lower()

    def hosts(self, name: str) -> list[str]:
        """Return further host names under which the site may be requested."""
        values = self.words(name, "", default="")
        if any(not HOST.fullmatch(value) for value in values):
            self.problems.append(
                f"{name} takes host names such as www.example.org, without port; with * anybody could have the site"
                " write links to another host."
            )
        return values

    def listeners(self, name: str, default: str, *, of_onion: bool = False) -> list[str]:
        """Return the addresses the web server listens on, each spelt like the local address of its connections.

        :param of_onion: whether all connections there count as visitors of the onion service, which excludes wildcard
            addresses and host names
        """
        listeners = []
        for word in self.words(name, "", default):
            listener = spelt_listener(word, of_onion=of_onion)
            if listener:
                listeners.append(listener)
            elif of_onion:
                self.problems.append(
                    f"{name} takes addresses such as 127.0.0.1:8001, [::1]:8001 or unix:/run/petition/onion.sock;"
                    " not 0.0.0.0, where others connect, too."
                )
            else:
                self.problems.append(
                    f"{name} takes addresses such as 127.0.0.1:8000, [::1]:8000 or unix:/run/petition/web.sock."
                )
        return listeners

    def url(self, name: str, hint: str, schemes: set[str], default: str | None = None) -> str:
        """Return a URL, and record a problem if it cannot be parsed or has another scheme."""
        value = self.text(name, hint, default)
        try:
            parts = urlsplit(value)
            is_right = parts.scheme in schemes and parts.port != 0
        except ValueError:
            is_right = False
        if value and not is_right:
            expected = ", ".join(f"{scheme}://" for scheme in sorted(schemes))
            self.problems.append(f"{name} must be an address that begins with one of {expected}.")
            return ""
        return value

    def folder(self, name: str, hint: str, default: str | None = None) -> Path | None:
        """Return the path of a folder from the root, which need not exist yet; None if it is unset."""
        value = self.text(name, hint, default)
        if value and not value.startswith("/"):
            self.problems.append(f"{name} must name a folder from the root, for example /var/lib/petition.")
        return Path(value) if value else None

    def mirrors(self, name: str, default: str) -> list[str]:
        """Return the addresses of copies of the site, each with a slash at its end."""
        values = [f"{value.rstrip('/')}/" for value in self.words(name, "", default)]
        if all(MIRROR.fullmatch(value) for value in values):
            return values
        self.problems.append(f"{name} takes addresses such as https://copy.example.net/petition/, without ? and #.")
        return []

    def mail_url(self, name: str) -> str:
        """Return the URL of a mail server, or of a folder."""
        hint = "set it to your mail server, for example smtp+tls://user:password@host:587"
        value = self.url(name, hint, {"smtp", "smtp+tls", "smtp+ssl", "file"})
        parts = urlsplit(value)
        if parts.scheme == "file" and (parts.netloc or not parts.path.startswith("/")):
            self.problems.append(f"{name} must name a folder from the root: file:///var/mails.")
        elif parts.scheme.startswith("smtp") and not parts.hostname:
            self.problems.append(f"{name} names no mail server: {hint}.")
        elif parts.netloc.count("@") > 1:
            self.problems.append(f"{name} holds two @: write %40 for the one in the user name or the password.")
        return value

    def database(self, name: str, default: str | None = None) -> dict[str, Any]:
        """Convert the URL of a PostgreSQL database to Django's settings; unset where it has a default means none."""
        url = self.text(name, "set it to your PostgreSQL, for example postgres://user:password@host/database", default)
        try:
            if url and urlsplit(url).scheme in {"postgres", "postgresql"}:
                found = dict(environ.Env.db_url_config(url))
                if found["NAME"] or "service" in found.get("OPTIONS", {}):
                    return found
        except ValueError:
            pass
        if url:
            self.problems.append(f"{name} must be the address of a PostgreSQL: postgres://user:password@host/database.")
        return {}

    def stop_on_problems(self) -> None:
        """Raise ImproperlyConfigured with one sentence per problem, if there are any."""
        if self.problems:
            lines = "\n".join(f"  - {problem}" for problem in self.problems)
            message = f"The configuration is not complete:\n{lines}\ndocs/operations.md describes every setting."
            raise ImproperlyConfigured(message)
