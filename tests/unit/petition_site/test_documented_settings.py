"""The table of settings in docs/operations.md matches the code, and every wrong value is reported in a sentence."""

from __future__ import annotations

import re

import pytest

from tests.support.certificates import LIFETIME, Authority
from tests.support.environment import FERNET_KEY
from tests.support.production import PRODUCTION, ROOT, manage, run_python

READ = re.compile(r'read\.\w+\(\s*"([A-Z_]+)"(.*?)\)[},\n]', re.DOTALL)
FROM_ENVIRONMENT = re.compile(r'os\.environ\.get\("([A-Z_]+)"\)?(?: or "?([\w.:]+)"?)?')
ROW = re.compile(r"^\| (`[A-Z_`, ]+) \| .* \| (.*) \|$", re.MULTILINE)
# Read by tests and by Python itself, not by operators.
NOT_OURS = {"TEST_TEMPLATE", "PATH", "DJANGO_SETTINGS_MODULE"}
# Settings that accept any text.
ANY_TEXT = {"STATIC_ROOT"}
PLACES = {"STATIC_ROOT": "`var/static`", "DATA_DIR": "`./var`"}
READ_ELSEWHERE = {"PORT", "HOST", "DATA_DIR"}
WRONG = {
    "DATABASE_URL": "mysql://site@host/site",
    "DATABASE_OWNER_URL": "mysql://site@host/site",
    "DATABASE_REPLICA_URL": "mysql://site@host/site",
    "SITE_ORIGIN": "https://petition.example.org/path",
    "SECRET_KEY": "short",
    "EMAIL_KEY_SECRETS": "x" * 40,
    "MAIL_KEY_SECRET": "short",
    "CODE_SECRETS": "short",
    "NETWORK_SECRET": "short",
    "ENCRYPTION_KEYS": "no-key",
    "MY_SIGNATURE_KEYS": "no-key",
    "NO_MAIL_KEYS": "no-key",
    "JOURNAL_KEYS": "no-key",
    "NEWS_KEYS": "no-key",
    "ERASURE_JOURNAL": "var/journal",
    "BACKUP_FOLDER": "backups",
    "BACKUP_RECIPIENT": "age1short",
    "DELIVERY_SIGNING_KEY": "no-key",
    "EMAIL_URL": "mail.example.org",
    "ONION_ORIGIN": "https://short.onion",
    "SECURITY_CONTACT": "security@example.org",
    "MIRRORS": "copy.example.net",
    "MIRRORS_SIGNING_KEY": "no-key",
    "MAIL_SENDER": "nobody",
    "SITE_LANGUAGES": "en,xx",
    "SITE_NAME": "x" * 61,
    "SITE_LOGO": "/dev/null",
    "BOUNCE_ADDRESS": "bounces",
    "BOUNCE_URL": "imap://user:password@mail.example.org",
    "BOUNCE_CA": "no certificate",
    "MAIL_HELO_NAME": "localhost",
    "MAIL_CA": "no certificate",
    "TRUSTED_PROXIES": "-1",
    "FORM_RATES": "30/x",
    "MAIL_DOMAIN_RATES": "few",
    "NEWS_MAILS_PER_HOUR": "0",
    "LOGIN_RATES": "5 a minute",
    "LOGIN_ACCOUNT_RATES": "10 an hour",
    "ONION_RATES": "/m",
    "REDIS_URL": "http://127.0.0.1",
    "BACKUP_DAYS": "two weeks",
    "LOCAL_START": "perhaps",
    "PLAIN_HTTP": "in the clear",
    "ALLOWED_HOSTS": "www.example.org,*",
    "SECRET_KEY_FALLBACKS": "short",
    "METRICS_TOKEN": "15 characters..",
    "OPERATOR_EMAIL": "nobody",
    "OPERATOR_PING_URL": "http://ping.example.org/secret",
    "BIND": "everywhere",
    "ONION_LISTENERS": "0.0.0.0:8001",
    "ONION_CIRCUITS": "all",
    "WEB_WORKERS": "0",
    "WEB_THREADS": "many",
    "REQUEST_SECONDS": "0",
    "HSTS_ONLY_THIS_HOST": "subdomains",
    "HSTS_PRELOAD": "later",
    "WEB_CACHE_OFF_FILE": "web-cache-off",
}
# Read by gunicorn.conf.py before the settings.
OF_THE_WEB_SERVER = ("BIND", "ONION_LISTENERS", "ONION_CIRCUITS", "WEB_WORKERS", "WEB_THREADS", "REQUEST_SECONDS")
SECRETS = {
    "SECRET_KEY": "{}",
    "SECRET_KEY_FALLBACKS": "{}",
    "EMAIL_KEY_SECRETS": "1:{}",
    "MAIL_KEY_SECRET": "{}",
    "CODE_SECRETS": "{}",
    "NETWORK_SECRET": "{}",
    "ENCRYPTION_KEYS": "{}",
    "MY_SIGNATURE_KEYS": "{}",
    "NO_MAIL_KEYS": "{}",
    "JOURNAL_KEYS": "{}",
    "NEWS_KEYS": "{}",
    "DELIVERY_SIGNING_KEY": "{}",
    "MIRRORS_SIGNING_KEY": "{}",
    "METRICS_TOKEN": "{}",
}
# A key of every kind: a secret of 44 characters, and 32 bytes in base64.
SHARED = FERNET_KEY.format("z")


def source(name: str) -> str:
    """Return the text of a file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def defaults_in_code() -> dict[str, str | None]:
    """Return each setting that the code reads with its default, None if it is required."""
    found: dict[str, str | None] = {}
    files = ("settings", "server/options", "mail_server", "site_identity")
    read = "".join(source(f"petition_site/{name}.py") for name in files)
    for name, arguments in READ.findall(read):
        default = re.search(r'default=("[^"]*"|\d+|os\.cpu_count)', arguments)
        found[name] = default.group(1).strip('"') if default else None
    # A flag is off unless it is set.
    found |= dict.fromkeys(("LOCAL_START", "PLAIN_HTTP", "ONION_CIRCUITS", "HSTS_ONLY_THIS_HOST", "HSTS_PRELOAD"), "")
    # Without a token or further hosts there is no access.
    found |= {"METRICS_TOKEN": "", "ALLOWED_HOSTS": ""}
    # Without certificates those of the system are trusted.
    found |= dict.fromkeys(re.findall(r'read_authorities\(read, "(\w+)"\)', read), "")
    for file in ("petition_site/settings.py", "tryout/run.py"):
        for name, default in FROM_ENVIRONMENT.findall(source(file)):
            if name not in NOT_OURS:
                found.setdefault(name, default)
    return found


def defaults_in_table() -> dict[str, str]:
    """Return each setting in the table with the content of its last column."""
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


@pytest.mark.parametrize("name", OF_THE_WEB_SERVER)
def test_the_web_server_stops_with_the_same_sentence(name: str) -> None:
    result = run_python(
        PRODUCTION | {name: WRONG[name]}, "-m", "gunicorn", "-c", "gunicorn.conf.py", "petition_site.wsgi"
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert f"  - {name}" in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgres://"),
        ("DATABASE_URL", "postgres://site:secret@host"),
        ("DATABASE_URL", "postgres://site:secret@host/"),
        ("DATABASE_OWNER_URL", "postgres:///site"),
        ("DATABASE_OWNER_URL", PRODUCTION["DATABASE_URL"]),
        ("DATABASE_OWNER_URL", "postgres://owner:secret@127.0.0.1:1/another"),
        ("EMAIL_URL", "smtp://"),
        ("EMAIL_URL", "smtp+tls://user:password@:587"),
        ("EMAIL_URL", "file://mails"),
        ("BOUNCE_ADDRESS", "bounces+{token}@"),
        ("BOUNCE_ADDRESS", 'bounces"@petition.example.org'),
        ("BOUNCE_ADDRESS", "Bounces <bounces@petition.example.org>"),
        ("BOUNCE_ADDRESS", "возврат@petition.example.org"),
        ("BOUNCE_ADDRESS", f"{'b' * 65}@petition.example.org"),
        # A letter longer than an address may be; the part before the @ and each label are as long as they may be.
        ("BOUNCE_ADDRESS", f"{'b' * 64}@{'.'.join(['d' * 63] * 2)}.{'e' * 62}"),
        ("BOUNCE_URL", "imaps://user:password@mail.example.org"),
        ("MAIL_SENDER", "подпись@example.org"),
        ("MAIL_SENDER", "no-reply@почта.рф"),
        ("MAIL_SENDER", "Petition <no-reply@example.org>"),
        ("MAIL_HELO_NAME", "https://mail.example.org"),
        ("MAIL_CA", Authority(began=2 * LIFETIME).pem),
        ("WEB_WORKERS", "-1"),
        ("WEB_WORKERS", "two"),
        ("WEB_THREADS", "0"),
        ("BIND", "127.0.0.1"),
        ("ONION_LISTENERS", "petition.example.org:8001"),
        ("ONION_CIRCUITS", "1"),
        ("SITE_LANGUAGES", ","),
        ("SITE_LANGUAGES", "ru,ru"),
        ("SITE_LANGUAGES", "Russian"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "https://www.example.org"),
    ],
)
def test_a_plausible_but_wrong_value_stops_the_start_too(name: str, value: str) -> None:
    result = manage(PRODUCTION | {name: value}, "check")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    (sentence,) = [line for line in result.stderr.splitlines() if line.startswith("  - ")]
    assert sentence.startswith(f"  - {name}")


MAILBOX = {"BOUNCE_ADDRESS": "bounces@petition.example.org", "BOUNCE_URL": "imaps://user:word@mail.example.org/INBOX"}


def test_a_mailbox_with_its_own_address_is_accepted() -> None:
    assert manage(PRODUCTION | MAILBOX, "check").returncode == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOUNCE_URL", "imaps://mail.example.org/INBOX"),
        ("BOUNCE_URL", "imaps://user@mail.example.org/INBOX"),
        ("BOUNCE_URL", "imaps://user:word@/INBOX"),
        ("BOUNCE_URL", "imaps://user:word@mail.example.org/a%22b"),
        ("BOUNCE_URL", "imaps://user:word@mail.example.org/a%0Ab"),
        # People reply to this address: the replies would be deleted.
        ("BOUNCE_ADDRESS", PRODUCTION["MAIL_SENDER"].upper()),
    ],
)
def test_a_mailbox_that_cannot_work_or_would_lose_letters_stops_the_start(name: str, value: str) -> None:
    result = manage(PRODUCTION | MAILBOX | {name: value}, "check")
    assert result.returncode == 1
    (sentence,) = [line for line in result.stderr.splitlines() if line.startswith("  - ")]
    assert sentence.startswith("  - BOUNCE_URL")
    assert "word" not in sentence.replace("password", "")


@pytest.mark.parametrize("name", sorted(set(SECRETS) - {"CODE_SECRETS"}))
def test_a_secret_that_serves_two_purposes_stops_the_start(name: str) -> None:
    shared = {key: SECRETS[key].format(SHARED) for key in (name, "CODE_SECRETS")}
    result = manage(PRODUCTION | shared, "check")
    assert result.returncode == 1
    (sentence,) = [line for line in result.stderr.splitlines() if line.startswith("  - ")]
    assert "the same secret as" in sentence
    assert "CODE_SECRETS" in sentence
    assert SHARED not in result.stderr
