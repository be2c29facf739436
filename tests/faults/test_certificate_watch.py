"""The operator is told before the certificate ends that visitors are shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from signatures.models.operating import TroubleKind
from signatures.operating.certificate import CertificateWatch, certificate_problems
from signatures.operating.watching import OperatorWatch
from tests.support.certificates import LIFETIME, Authority
from tests.support.mailbox import Mailbox
from tests.support.operating.ping_server import ping_server

pytestmark = pytest.mark.xdist_group("faults")


@contextmanager
def site(authority: Authority, folder: Path) -> Iterator[int]:
    """Run a server with a certificate, and yield its port."""
    with ping_server(authority.server_context(folder, "127.0.0.1")) as server:
        yield int(server.url.split(":")[2].split("/")[0])


@pytest.mark.parametrize(
    ("days_left", "sentence"),
    [(29, ""), (5.5, ""), (4.5, "ends in 4 days"), (-1, "certificate has expired")],
)
def test_a_certificate_that_is_about_to_end_or_has_ended_is_told_of(
    tmp_path: Path, days_left: float, sentence: str
) -> None:
    authority = Authority(began=LIFETIME - timedelta(days=days_left))
    with site(authority, tmp_path) as port:
        found = certificate_problems("127.0.0.1", port, authority.pem)
    assert bool(found) is bool(sentence)
    assert sentence in "".join(found)


def test_one_that_nobody_vouches_for_is_told_of_and_none_that_cannot_be_seen(tmp_path: Path) -> None:
    with site(Authority(), tmp_path) as port:
        assert "do not believe the certificate" in certificate_problems("127.0.0.1", port)[0]
    assert certificate_problems("127.0.0.1", port) == []


def has_looked(watch: OperatorWatch) -> bool:
    """Wait for the look that has begun, and return whether there is one."""
    thread = watch.certificate._thread
    if thread is not None:
        thread.join()
    return thread is not None


@pytest.mark.django_db
def test_the_worker_looks_by_the_address_of_the_site(tmp_path: Path, settings: Settings, mailbox: Mailbox) -> None:
    watch = OperatorWatch()
    watch.look(mailbox.transport)
    assert not has_looked(watch)  # the site of the tests has none
    with site(Authority(), tmp_path) as port:
        settings.SITE_ORIGIN = f"https://127.0.0.1:{port}"
        watch.look(mailbox.transport)
        assert has_looked(watch)
    watch.look(mailbox.transport)
    assert TroubleKind.CERTIFICATE in watch.found


def test_nothing_is_asked_of_the_network_before_it_is_time(settings: Settings) -> None:
    settings.SITE_ORIGIN = "http://testserver"
    watch = CertificateWatch()
    assert watch.look() == []
    assert watch._thread is None
