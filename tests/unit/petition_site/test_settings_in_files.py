"""A setting may stand in a file whose path is in ``NAME_FILE``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.environment import FERNET_KEY
from tests.support.production import PRODUCTION, manage, run_python

EARLIER = FERNET_KEY.format("z")


@pytest.mark.parametrize("name", sorted(name for name in PRODUCTION if name not in {"SITE_ORIGIN", "MAIL_SENDER"}))
def test_a_secret_or_address_may_be_in_a_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "value"
    file.write_text(PRODUCTION[name] + "\n", encoding="utf-8")
    environment = {key: value for key, value in PRODUCTION.items() if key != name}
    assert manage(environment | {f"{name}_FILE": str(file)}, "check").returncode == 0


IN_FILES = {
    "METRICS_TOKEN": "a token that stands in a file",
    "REDIS_URL": "redis://127.0.0.1:6379/3",
    "SECRET_KEY_FALLBACKS": f"{EARLIER},{EARLIER[::-1]}",
    "BIND": "unix:///run/petition/web.sock,localhost:8000",
    "ONION_LISTENERS": "[0:0::1]:8001",
    "WEB_WORKERS": "3",
    "WEB_THREADS": "7",
    "REQUEST_SECONDS": "9",
    "MAIL_CA": Authority().pem.strip(),
}


@pytest.fixture
def in_files(tmp_path: Path) -> dict[str, str]:
    """Return a production environment with some settings in files."""
    files = {}
    for name, value in IN_FILES.items():
        files[f"{name}_FILE"] = str(tmp_path / name)
        (tmp_path / name).write_text(f"{value}\n", encoding="utf-8")
    return PRODUCTION | files


def test_values_from_files_arrive_in_the_settings(in_files: dict[str, str]) -> None:
    names = "METRICS_TOKEN, SECRET_KEY_FALLBACKS, CACHES['ratelimits']['LOCATION'], ONION_LISTENERS, MAIL_CA"
    code = f"import json; from petition_site.settings import *; print(json.dumps([{names}]))"
    result = run_python(in_files, "-c", code)
    assert json.loads(result.stdout) == [
        IN_FILES["METRICS_TOKEN"],
        IN_FILES["SECRET_KEY_FALLBACKS"].split(","),
        IN_FILES["REDIS_URL"],
        ["[::1]:8001"],
        IN_FILES["MAIL_CA"],
    ]


def test_values_from_files_arrive_in_the_web_server(in_files: dict[str, str]) -> None:
    code = (
        "import json, runpy; found = runpy.run_path('gunicorn.conf.py');"
        "print(json.dumps([found[name] for name in ('bind', 'workers', 'threads')]"
        " + [found['WebWorker'].request_seconds]))"
    )
    result = run_python(in_files, "-c", code)
    assert json.loads(result.stdout) == [
        ["unix:/run/petition/web.sock", "127.0.0.1:8000", "[::1]:8001"],
        3,
        7,
        9,
    ]
