"""Fills a site with data from before the language: published texts, signers, queued mails, a hand-over.

Runs in a separate process by ``manage.py shell``.
"""

from __future__ import annotations

from pathlib import Path

from django.test import Client
from django.test.utils import setup_test_environment

from signatures.models.protection import Protection
from tests.support import factories
from tests.support.every_page import make_full_petition
from tests.support.hand_overs import package_of, prepare, record
from tests.support.mailbox import Mailbox, code_in
from tests.support.name_lists import recipient_of
from tests.support.releases import release

BODY = "European Parliament, Committee on Petitions"
RUSSIAN = "in-russian"


def fill(folder: Path) -> None:
    """Create a petition in two languages with something of everything, and an ordinary one only in Russian.

    :param folder: where to store the ZIP of the hand-over and the code of an attempt
    """
    setup_test_environment()
    organiser = Client()
    organiser.force_login(factories.make_organiser("Organisers"))
    petition = make_full_petition(organiser)
    assert release(petition)
    files = {"with_workbook": "on", "with_document": "on", "language": "ru"}
    delivery = prepare(organiser, recipient_of(petition, BODY), **files)
    (folder / "before.zip").write_bytes(package_of(organiser, delivery))
    assert record(organiser, delivery).status_code == 302
    factories.make_petition(languages=["ru"], protection=Protection.ORDINARY, slug=RUSSIAN)
    visitor = Client(headers={"sec-fetch-site": "same-origin"})
    assert factories.sign(visitor, petition, "ru", email="confirms-later@example.org").status_code == 303
    (mail,) = Mailbox(folder / "mail").deliver()
    (folder / "code").write_text(code_in(mail), encoding="utf-8")
    assert factories.sign(visitor, petition, "ru", email="is-written-to-later@example.org").status_code == 303
