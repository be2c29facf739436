"""The settings at a start: the defaults are for production, and a wrong value is reported in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.environment import FERNET_KEY
from tests.support.production import PRODUCTION, manage, run_python

SHOW = """
import json, django
django.setup()
from petition_site import settings
print(json.dumps({name: getattr(settings, name) for name in dir(settings) if name.isupper()}, default=repr))
"""


def test_a_complete_production_passes_the_deployment_check() -> None:
    result = manage(PRODUCTION, "check", "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def test_an_empty_environment_names_every_missing_value_and_shows_no_traceback() -> None:
    result = manage({}, "check")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    for name in PRODUCTION:
        assert f"{name} is not set: " in result.stderr


def test_all_wrong_values_are_reported_at_once() -> None:
    wrong = {
        "DATABASE_URL": "sqlite:///site.db",
        "EMAIL_URL": "http://mail.example.org",
        "MAIL_SENDER": "The petition <no-reply@example.org>",
        "REDIS_URL": "127.0.0.1:6379",
        "SITE_ORIGIN": "http://petition.example.org",
        "FORM_RATES": "30/0m",
        "SIGN_RATES": "30/m",
        "CONFIRM_RATES": "30/m",
        "MY_SIGNATURE_RATES": "30/m",
        "LOGIN_RATES": "five",
        "LOGIN_ACCOUNT_RATES": "ten",
        "ONION_RATES": "0/m",
        "TRUSTED_PROXIES": "all",
        "BACKUP_DAYS": "-1",
        "ENCRYPTION_KEYS": "short",
        "CODE_SECRETS": "short",
        "DELIVERY_SIGNING_KEY": FERNET_KEY.format("e") + "AAAA",
        "NETWORK_SECRET_FILE": "/nowhere/secret",
    }
    result = manage(PRODUCTION | wrong, "check")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    sentences = [line for line in result.stderr.splitlines() if line.startswith("  - ")]
    for name in wrong:
        assert sum(line.startswith(f"  - {name}") for line in sentences) == 1, name
    assert len(sentences) == len(wrong)
    assert PRODUCTION["SECRET_KEY"] not in result.stderr


def test_the_web_server_says_the_same_sentence() -> None:
    result = run_python(PRODUCTION | {"SITE_ORIGIN": "HTTP://petition.example.org"}, "-c", "import petition_site.wsgi")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "SITE_ORIGIN must begin with https://" in result.stderr


@pytest.mark.parametrize("name", ["SIGN_RATES", "CONFIRM_RATES", "MY_SIGNATURE_RATES"])
def test_a_removed_setting_stops_the_start_and_names_its_replacement(name: str, tmp_path: Path) -> None:
    file = tmp_path / "rates"
    file.write_text("1/m", encoding="utf-8")
    for given in ({name: "1/m"}, {f"{name}_FILE": str(file)}):
        result = manage(PRODUCTION | given, "check")
        assert result.returncode == 1
        assert f"  - {name} is read no more: FORM_RATES limits all public forms" in result.stderr


# Variables that test runners, CI or frameworks may leave in a production environment.
OF_TEST_RUNS = (
    "PYTEST_VERSION",
    "PYTEST_CURRENT_TEST",
    "PYTEST_XDIST_WORKER",
    "CI",
    "DEBUG",
    "DJANGO_DEBUG",
    "TESTING",
)


def test_test_configuration_never_makes_production_use_plain_http() -> None:
    plain = PRODUCTION | {"SITE_ORIGIN": "http://petition.example.org", **dict.fromkeys(OF_TEST_RUNS, "1")}
    result = manage(plain, "check")
    assert result.returncode == 1
    assert "SITE_ORIGIN must begin with https://" in result.stderr
    assert manage(plain | {"PLAIN_HTTP": "1"}, "check").returncode == 0


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Return complete production settings with the secret key in a file."""
    file: Path = tmp_path_factory.mktemp("secrets") / "secret_key"
    file.write_text(PRODUCTION["SECRET_KEY"] + "\n", encoding="utf-8")
    environment = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}
    result = run_python(environment | {"SECRET_KEY_FILE": str(file)}, "-c", SHOW)
    assert result.returncode == 0, result.stderr
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_a_secret_may_be_in_a_file(production: dict[str, object]) -> None:
    assert production["SECRET_KEY"] == PRODUCTION["SECRET_KEY"]


def test_production_uses_only_https(production: dict[str, object]) -> None:
    assert production["SECURE_SSL_REDIRECT"] is True
    assert production["SECURE_SSL_HOST"] == "petition.example.org"
    assert production["SECURE_HSTS_SECONDS"] == 63_072_000
    assert production["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
    assert production["SECURE_HSTS_PRELOAD"] is False
    assert production["ALLOWED_HOSTS"] == ["petition.example.org"]
    assert "SECURE_PROXY_SSL_HEADER" not in production


@pytest.mark.parametrize(
    ("name", "remembered"), [("HSTS_ONLY_THIS_HOST", [False, False]), ("HSTS_PRELOAD", [True, True])]
)
def test_browsers_remember_https_as_far_as_the_operator_says(name: str, remembered: list[bool]) -> None:
    show = "from petition_site.settings import *; print([SECURE_HSTS_INCLUDE_SUBDOMAINS, SECURE_HSTS_PRELOAD])"
    result = run_python(PRODUCTION | {name: "1"}, "-c", show)
    assert result.stdout == f"{remembered}\n"
    assert manage(PRODUCTION | {name: "1"}, "check", "--deploy", "--fail-level", "WARNING").returncode == 0


def test_no_list_of_browsers_can_hold_a_host_without_its_subdomains() -> None:
    result = manage(PRODUCTION | {"HSTS_ONLY_THIS_HOST": "1", "HSTS_PRELOAD": "1"}, "check")
    assert result.returncode == 1
    assert "  - HSTS_PRELOAD is for a domain with all its subdomains" in result.stderr


def test_production_cookies_are_limited_to_the_admin(production: dict[str, object]) -> None:
    for cookie in ("SESSION", "CSRF"):
        assert production[f"{cookie}_COOKIE_PATH"] == "/admin/"
        assert production[f"{cookie}_COOKIE_SAMESITE"] == "Strict"
        assert production[f"{cookie}_COOKIE_SECURE"] is True
        assert str(production[f"{cookie}_COOKIE_NAME"]).startswith("__Secure-")


def test_nothing_local_is_on_by_default(production: dict[str, object]) -> None:
    assert production["LOCAL_START"] is False
    assert production["PLAIN_HTTP"] is False
    assert production["ONION_CIRCUITS"] is False
    assert production["TRUSTED_PROXIES"] == 0
    assert production["ONION_LISTENERS"] == []
    assert production["METRICS_TOKEN"] == ""
    assert production["BIND"] == ["127.0.0.1:8000"]


def test_the_limits_are_those_of_the_design(production: dict[str, object]) -> None:
    assert production["FORM_RATES"] == ["30/m", "600/h"]
    assert production["LOGIN_RATES"] == ["5/m"]
    assert production["LOGIN_ACCOUNT_RATES"] == ["10/h"]


def test_the_content_security_policy_allows_nothing_unsafe(production: dict[str, object]) -> None:
    policy = json.dumps(production["CONTENT_SECURITY_POLICY"])
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "data:" not in policy
