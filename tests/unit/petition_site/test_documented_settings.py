"""The table of settings in docs/operations.md says what the code reads, and every wrong value is a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.petition_site.production import PRODUCTION, ROOT, manage

READ = re.compile(r'read\.\w+\(\s*"([A-Z_]+)"(.*?)\)[}\n]', re.DOTALL)
FROM_ENVIRONMENT = re.compile(r'(?:os\.environ\.get|_words)\("([A-Z_]+)"\)?(?: or "?([\w.:]+)"?)?')
ROW = re.compile(r"^\| (`[A-Z_`, ]+) \| .* \| (.*) \|$", re.MULTILINE)
# Read by tests and by Python itself, not by operators.
NOT_OURS = {"PYTEST_VERSION", "TEST_TEMPLATE", "PATH", "DJANGO_SETTINGS_MODULE"}
# What cannot be wrong, since any text does.
ANY_TEXT = {"ALLOWED_HOSTS", "SECRET_KEY_FALLBACKS", "METRICS_TOKEN", "BIND", "ONION_LISTENERS", "STATIC_ROOT"}
PLACES = {"STATIC_ROOT": "`var/static`", "DATA_DIR": "`./var`"}
READ_ELSEWHERE = {"WEB_WORKERS", "WEB_THREADS", "PORT", "HOST", "DATA_DIR"}
WRONG = {
    "DATABASE_URL": "mysql://site@host/site",
    "SITE_ORIGIN": "https://petition.example.org/path",
    "SECRET_KEY": "short",
    "EMAIL_KEY_SECRETS": "x" * 40,
    "MAIL_KEY_SECRET": "short",
    "CODE_SECRETS": "short",
    "NETWORK_SECRET": "short",
    "ENCRYPTION_KEYS": "no-key",
    "MY_SIGNATURE_KEYS": "no-key",
    "NO_MAIL_KEYS": "no-key",
    "DELIVERY_SIGNING_KEY": "no-key",
    "EMAIL_URL": "mail.example.org",
    "ONION_ORIGIN": "https://short.onion",
    "SECURITY_CONTACT": "security@example.org",
    "MAIL_SENDER": "nobody",
    "TRUSTED_PROXIES": "-1",
    "SIGN_RATES": "often",
    "CONFIRM_RATES": "30/x",
    "MY_SIGNATURE_RATES": "0/m",
    "LOGIN_RATES": "5 a minute",
    "ONION_RATES": "/m",
    "REDIS_URL": "http://127.0.0.1",
    "BACKUP_DAYS": "two weeks",
    "LOCAL_START": "perhaps",
}


def source(name: str) -> str:
    """Return a file of the site."""
    return (ROOT / name).read_text(encoding="utf-8")


def defaults_in_code() -> dict[str, str | None]:
    """Return each setting that the code reads with its default, None where it is required."""
    found: dict[str, str | None] = {}
    for name, arguments in READ.findall(source("petition_site/settings.py")):
        default = re.search(r'default=("[^"]*"|\d+)', arguments)
        found[name] = default.group(1).strip('"') if default else None
    # A flag is off unless it is set.
    found["LOCAL_START"] = ""
    for file in ("petition_site/settings.py", "petition_site/run.py", "gunicorn.conf.py"):
        for name, default in FROM_ENVIRONMENT.findall(source(file)):
            if name not in NOT_OURS:
                found.setdefault(name, default)
    return found


def defaults_in_table() -> dict[str, str]:
    """Return each setting of the table with what stands in its last column."""
    text = source("docs/operations.md").partition("### Settings")[2].partition("\n### ")[0]
    return {name: default for names, default in ROW.findall(text) for name in re.findall(r"`([A-Z_]+)`", names)}


def test_the_table_has_every_setting_that_the_code_reads_and_no_other() -> None:
    assert set(defaults_in_table()) == set(defaults_in_code())


def test_the_table_has_the_defaults_of_the_code() -> None:
    table = defaults_in_table()
    for name, default in defaults_in_code().items():
        if default is None:
            assert table[name] == "required", name
        elif name in PLACES:
            assert table[name] == PLACES[name]
        elif default in {"", "os.cpu_count"}:
            assert table[name].startswith(("none", "off", "cores")), name
        else:
            assert table[name].strip("`") == default, name


def test_every_setting_has_a_wrong_value_or_takes_any_text() -> None:
    assert set(defaults_in_code()) == set(WRONG) | ANY_TEXT | READ_ELSEWHERE


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_wrong_value_stops_the_start_with_a_sentence(name: str) -> None:
    result = manage(PRODUCTION | {name: WRONG[name]}, "check")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    sentences = [line for line in result.stderr.splitlines() if line.startswith("  - ")]
    assert len(sentences) == 1
    assert sentences[0].startswith(f"  - {name}")
    assert "docs/operations.md" in result.stderr


@pytest.mark.parametrize("name", sorted(name for name in PRODUCTION if name not in {"SITE_ORIGIN", "MAIL_SENDER"}))
def test_a_secret_or_address_may_stand_in_a_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "value"
    file.write_text(PRODUCTION[name] + "\n", encoding="utf-8")
    environment = {key: value for key, value in PRODUCTION.items() if key != name}
    assert manage(environment | {f"{name}_FILE": str(file)}, "check").returncode == 0
