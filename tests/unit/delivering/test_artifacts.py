"""The registry of files is complete."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from signatures.delivering.artifacts import ARTIFACTS, LIST, artifact_of, content_type_of, file_names
from signatures.delivering.writers.pdf import document
from signatures.models import Petition, Recipient
from signatures.models.packing import PROOF, SIGNATURE
from tests.support import factories
from tests.support.hand_overs import download, grow_older, package_of, prepare, texts_in, unpacked
from tests.support.name_lists import recipient_of

EVERYTHING = {"with_workbook": "on", "with_document": "on"}
MARK = "Zqkmnzq"
COMMITTED = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parliament(petition: Petition, monkeypatch: pytest.MonkeyPatch) -> Recipient:
    """Return a recipient with so many names that they need a separate file."""
    monkeypatch.setattr(document, "FILE_NAMES", 1)
    for name in (MARK, f"{MARK} again"):
        factories.make_signature(petition, name=name)
    grow_older(petition)
    return recipient_of(petition, "Parliament")


@pytest.fixture
def files(parliament: Recipient, organiser_client: Callable[[str], Client]) -> dict[str, bytes]:
    """Return every file that a hand-over can contain."""
    client = organiser_client("Organisers")
    return unpacked(package_of(client, prepare(client, parliament, **EVERYTHING)))


def test_each_file_has_one_writer_and_the_proof_is_made_last() -> None:
    assert all((artifact.write is None) != (artifact.prove is None) for artifact in ARTIFACTS)
    assert [artifact.name for artifact in ARTIFACTS if artifact.prove] == list(PROOF)
    assert [artifact.name for artifact in ARTIFACTS[-len(PROOF) :]] == list(PROOF)


@COMMITTED
def test_each_file_of_a_package_is_in_the_registry_once_and_nothing_else_is(files: dict[str, bytes]) -> None:
    for name in files:
        assert [artifact.is_called(name) for artifact in ARTIFACTS].count(True) == 1, name
    assert [one.name for one in ARTIFACTS if not any(map(one.is_called, files))] == []
    assert artifact_of("passwords.txt") is None


@COMMITTED
def test_readme_names_and_describes_every_other_file(files: dict[str, bytes]) -> None:
    lines = files["README.txt"].decode("utf-8-sig").splitlines()
    described = {name for line in lines for name in line.replace(",", " ").split() if "." in name}
    assert files.keys() - described - {"README.txt", "petition-names-2.pdf"} == set()


@COMMITTED
def test_names_occur_only_in_files_that_are_declared_to_hold_them(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        artifact = artifact_of(name)
        assert artifact is not None
        found = any(MARK in text for text in texts_in(name, content))
        # The letter contains names only if all of them fit.
        assert found == (artifact.holds_names and name != "petition.pdf"), name


@COMMITTED
def test_every_file_but_the_signature_has_a_content_type_of_its_own(files: dict[str, bytes]) -> None:
    nameless = {name for name in files if content_type_of(name) == "application/octet-stream"}
    assert nameless == {SIGNATURE}
    assert content_type_of("petition-1.json") == "application/json"
    assert content_type_of("petition-1.ru.txt").startswith("text/plain")


@COMMITTED
def test_an_unwanted_file_is_neither_offered_nor_made(
    parliament: Recipient, organiser_client: Callable[[str], Client]
) -> None:
    client = organiser_client("Organisers")
    numbers_only = prepare(client, recipient_of(parliament.petition, "Government"), with_workbook="on")
    assert file_names(numbers_only) == ["README.txt", "totals.csv"]
    assert not [name for name in unpacked(package_of(client, numbers_only)) if name.startswith("signatures.")]
    small = prepare(client, parliament)
    assert file_names(small) == ["README.txt", "totals.csv", LIST]
    assert download(client, small, LIST)
    assert set(PROOF) < set(file_names(small))
