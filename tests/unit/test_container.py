"""The image and compose.yaml: nobody is root, nothing is writable, no layer has a secret, every library has a hash."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from petition_site.version import VERSION
from tests.support.production import ROOT

FOLDER = ROOT / "deploy" / "container"
SECRET = re.compile(r"password|secret|token|_key|_url", re.IGNORECASE)
# A variable of .env that must be set, whatever the sentence that asks for it.
FROM_ENV_FILE = re.compile(r"\$\{[A-Z_]+:\?[^}]+\}")


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Containerfile with their words."""
    text = re.sub(r"(?m)^#.*\n", "", (FOLDER / "Containerfile").read_text(encoding="utf-8")).replace("\\\n", " ")
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in text.splitlines() if line.strip()]


def words_of(name: str) -> list[str]:
    """Return the words of each instruction of a name, in order."""
    return [words for instruction, words in instructions() if instruction == name]


@pytest.fixture
def services() -> dict[str, dict[str, Any]]:
    """Return the services of compose.yaml."""
    found: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert set(found) == {"database", "migrate", "rewrite", "web", "worker"}
    return found


def test_the_image_runs_as_nobody_in_particular_and_its_code_belongs_to_root() -> None:
    assert instructions()[-1][0] == "CMD"
    assert words_of("USER") == ["10001:10001"]
    last = [name for name, _ in instructions()].index("USER")
    assert not [name for name, _ in instructions()[last:] if name in {"RUN", "COPY", "ADD"}]
    assert not [words for words in words_of("COPY") if "--chown" in words]


def test_every_library_in_the_image_has_its_hash_and_none_is_built_there() -> None:
    (install,) = [words for words in words_of("RUN") if "pip install" in words]
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
    assert "--requirement requirements.txt" in install


def test_the_image_can_make_a_backup_of_the_server_beside_it(services: dict[str, dict[str, Any]]) -> None:
    (install,) = [words for words in words_of("RUN") if "apt-get install" in words]
    (client,) = re.findall(r"postgresql-client-(\d+)", install)
    assert services["database"]["image"].startswith(f"postgres:{client}-")


def test_nothing_gets_into_the_image_but_what_is_named_and_there() -> None:
    copied = [word for words in words_of("COPY") for word in words.split()[:-1] if not words.startswith("--from")]
    assert words_of("ADD") == []
    assert set(copied) >= {"requirements.txt", "manage.py", "gunicorn.conf.py", "petition_site", "signatures", "locale"}
    assert {word for word in copied if not (ROOT / word).exists() or word in {".", "var", "tests"}} == set()


def test_no_layer_knows_a_secret_or_a_setting() -> None:
    assert words_of("ARG") == []
    names = [name for words in words_of("ENV") for name in re.findall(r"(\w+)=", words)]
    assert [name for name in names if SECRET.search(name)] == []
    assert [words for words in words_of("RUN") if SECRET.search(words)] == []


def test_bases_are_named_by_version(services: dict[str, dict[str, Any]]) -> None:
    bases = [words.split()[0] for words in words_of("FROM")] + [service["image"] for service in services.values()]
    assert [base for base in bases if ":" not in base or base.endswith(":latest")] == []
    assert len({words.split()[0] for words in words_of("FROM")}) == 1
    assert {services[name]["image"] for name in ("migrate", "rewrite", "web", "worker")} == {f"petition:{VERSION}"}


@pytest.mark.parametrize("name", ["database", "migrate", "rewrite", "web", "worker"])
def test_each_container_is_shut_in(services: dict[str, dict[str, Any]], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["ulimits"] == {"core": 0}
    assert not re.match(r"(0|root)\b", service["user"])
    assert {"privileged", "cap_add", "ports", "network_mode", "pid"}.isdisjoint(service)
    # To whom else could it speak? The database to nobody, the web server to nobody but the database.
    assert service["networks"] == (["inside", "outside"] if name == "worker" else ["inside"])


def test_what_serves_is_never_told_how_to_become_the_owner(services: dict[str, dict[str, Any]]) -> None:
    for name in ("web", "worker"):
        environment = services[name]["environment"]
        # Whatever petition.env says.
        assert environment["DATABASE_OWNER_URL"] == ""
        assert environment["DATABASE_URL"].startswith("postgres://petition:")
    for name in ("migrate", "rewrite"):
        assert services[name]["environment"]["DATABASE_OWNER_URL"].startswith("postgres://petition_owner:")
    assert "rewrite_tables" in services["rewrite"]["command"][-1]


def test_compose_holds_no_secret_and_stops_where_one_is_missing(services: dict[str, dict[str, Any]]) -> None:
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if SECRET.search(name) and value:
                assert FROM_ENV_FILE.search(value), name
                assert SECRET.search(FROM_ENV_FILE.sub("", value)) is None, name


def test_what_must_outlive_a_container_lies_in_a_volume_and_nothing_else_does(
    services: dict[str, dict[str, Any]],
) -> None:
    kept = ["/run/petition:/run/petition", "journal:/var/lib/petition/journal", "backups:/var/lib/petition/backups"]
    for name in ("web", "worker"):
        assert services[name]["volumes"] == kept
        assert services[name]["environment"]["ERASURE_JOURNAL"] == "/var/lib/petition/journal"
    assert [words for words in words_of("RUN") if "-m 0700 /var/lib/petition/journal" in words]


def test_the_database_does_not_write_down_what_it_is_told(services: dict[str, dict[str, Any]]) -> None:
    command = set(services["database"]["command"])
    for setting in ("log_min_error_statement=panic", "log_error_verbosity=terse", "log_min_duration_statement=-1"):
        assert f"-c{setting}" in command
