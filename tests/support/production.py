"""A complete production environment, from which tests remove values, and readers of single values."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import environ

from petition_site.env import Reader
from tests.support.environment import FERNET_KEY

ROOT = Path(__file__).resolve().parents[2]
SECRET = "9fB2-kd7Q_zXw41mPv8RtY6uLhG3sNcE" * 2
PRODUCTION = {
    "SECRET_KEY": f"{SECRET}0",
    "EMAIL_KEY_SECRETS": f"1:{SECRET}1",
    "MAIL_KEY_SECRET": f"{SECRET}2",
    "NETWORK_SECRET": f"{SECRET}3",
    "CODE_SECRETS": f"{SECRET}4",
    "ENCRYPTION_KEYS": FERNET_KEY.format("e"),
    "MY_SIGNATURE_KEYS": FERNET_KEY.format("s"),
    "NO_MAIL_KEYS": FERNET_KEY.format("n"),
    "NEWS_KEYS": FERNET_KEY.format("w"),
    "DELIVERY_SIGNING_KEY": base64.b64encode(hashlib.sha256(b"the production of tests").digest()).decode(),
    "JOURNAL_KEYS": FERNET_KEY.format("j"),
    "ERASURE_JOURNAL": os.environ.get("ERASURE_JOURNAL", "/tmp/journal"),  # noqa: S108 - never made
    "SITE_ORIGIN": "https://petition.example.org",
    "MAIL_SENDER": "no-reply@petition.example.org",
    "DATABASE_URL": "postgres://site:secret@127.0.0.1:1/site",
    "EMAIL_URL": "smtp+tls://site:secret@mail.example.org:587",
}


def run_python(environment: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the site's folder with only this environment."""
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONUTF8": "1",
        "DJANGO_SETTINGS_MODULE": "petition_site.settings",
        **environment,
    }
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=env, text=True, capture_output=True, check=False, timeout=60
    )


def manage(environment: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run a management command."""
    return run_python(environment, "manage.py", *words)


def reader(**values: str) -> Reader:
    """Return a settings reader for only these values."""
    env = environ.FileAwareEnv()
    env.ENVIRON = environ.fileaware_mapping.FileAwareMapping(env=dict(values))
    return Reader(env)
