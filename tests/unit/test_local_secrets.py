"""Secrets are generated once, written atomically, and readable by their owner only."""

from __future__ import annotations

import stat
from pathlib import Path

from cryptography.fernet import Fernet

from petition_site.env import SECRET_LENGTH_MIN, Reader
from tryout.secrets_file import MAKERS, load_secrets


def test_first_call_makes_what_later_calls_return(tmp_path: Path) -> None:
    path = tmp_path / "secrets.env"
    first = load_secrets(path)
    assert set(first) == set(MAKERS)
    assert len(set(first.values())) == len(first)
    assert load_secrets(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_secret_that_a_newer_version_needs_is_added_and_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "secrets.env"
    first = load_secrets(path)
    path.write_text("# kept\n" + "\n".join(f"{name}={first[name]}" for name in MAKERS if name != "NO_MAIL_KEYS"))
    second = load_secrets(path)
    assert second["NO_MAIL_KEYS"] != first["NO_MAIL_KEYS"]
    assert second | {"NO_MAIL_KEYS": ""} == first | {"NO_MAIL_KEYS": ""}


def test_the_settings_accept_the_secrets(tmp_path: Path) -> None:
    made = load_secrets(tmp_path / "secrets.env")
    reader = Reader()
    reader.env.ENVIRON = made
    for name in ("SECRET_KEY", "MAIL_KEY_SECRET", "NETWORK_SECRET", "CODE_SECRETS"):
        assert len(reader.secrets(name)[0]) >= SECRET_LENGTH_MIN
    assert list(reader.versioned_secrets("EMAIL_KEY_SECRETS")) == [1]
    for name in ("ENCRYPTION_KEYS", "MY_SIGNATURE_KEYS", "NO_MAIL_KEYS"):
        assert [Fernet(key) for key in reader.fernet_keys(name)]
    assert len(reader.ed25519_key("DELIVERY_SIGNING_KEY")) == 32
    assert not reader.problems
