"""A test that fails while a download is open does not block the run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.database import query
from tests.support.open_streams import LOCK_SECONDS

ROOT = Path(__file__).resolve().parents[2]
RUN_SECONDS_MAX = 120
# Variables that the inner run inherits from the outer one, whose database it must leave alone.
OF_THIS_RUN = ("TEST_DATABASE_URL", "TEST_TEMPLATE", "DATABASE_URL", "PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS")
TESTS = """
import pytest

from signatures.delivering import rows
from signatures.delivering.downloads import start_export
from signatures.delivering.columns import Layout
from signatures.delivering.rows import Snapshot
from signatures.models import Petition, Signature
from tests.support import factories
from tests.support.name_lists import add_signatures, order_list, recipient_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parliament(monkeypatch):
    monkeypatch.setattr(rows, "BLOCK_ROWS", 1)
    petition = factories.make_petition()
    add_signatures(petition, ["One", "Two", "Three"])
    return recipient_of(petition, "Parliament")


def test_fails_with_an_open_answer(parliament, organiser_client):
    answer = order_list(organiser_client("Organisers"), parliament)
    assert next(iter(answer)) == b""


def test_fails_with_an_open_list(parliament):
    pieces = start_export(recipient=parliament, layout=Layout("en", ","), reason="x", actor=None)
    assert [next(pieces), next(pieces)] == []


def test_finds_everything_empty(db):
    assert not Petition.objects.exists()


def test_fails_with_a_lock_that_nobody_lets_go(parliament):
    snapshot = Snapshot()
    assert snapshot.count(Signature.objects.named_for(parliament)) == 0
"""


@pytest.mark.django_db
def test_no_statement_of_the_tests_waits_for_a_lock_for_ever() -> None:
    assert query("SHOW lock_timeout") == [(f"{LOCK_SECONDS}s",)]
    assert LOCK_SECONDS <= 60


@pytest.mark.xdist_group("servers")
def test_a_test_that_fails_with_an_open_download_ends_within_seconds(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import flushing, organiser_client\n")
    (tmp_path / "test_failing.py").write_text(TESTS)
    environment = {name: value for name, value in os.environ.items() if name not in OF_THIS_RUN}
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-q"]
    command += ["-p", "no:cacheprovider", "-p", "no:xdist", str(tmp_path / "test_failing.py")]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment | {"TEST_LOCK_SECONDS": "2"},
        check=False,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS_MAX,
    )
    assert "3 failed, 1 passed, 1 error" in done.stdout, done.stdout + done.stderr
    # The only error is the lock timeout.
    assert "ERROR" in done.stdout
    assert "couldn't be flushed" in done.stdout
