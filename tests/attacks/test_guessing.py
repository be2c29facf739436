"""Guesses of who is on a list, tried against the digests of files that anyone can read."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import pytest
from django.test import Client

from signatures.delivering.artifacts import files_of
from signatures.delivering.rows import Snapshot
from signatures.delivering.source import Source
from signatures.delivering.totals import read_totals
from signatures.delivering.watermarks import PREFIX, SECRET_LENGTH, Watermarks
from signatures.models import Delivery, Petition, Signature
from tests.support import factories
from tests.support.hand_overs import grow_older, hand_over, package_of, prepare, record, unpacked
from tests.support.name_lists import recipient_of
from tests.support.page_reading import page_of
from tests.support.recipient_checks import digest_of, watermark_in

pytestmark = pytest.mark.django_db(transaction=True)
EVERYTHING = {"with_workbook": "on", "with_document": "on", "with_latin": "on"}
GUARDED = {"README.txt", "totals.csv", "signatures.csv", "signatures.xlsx", "petition.pdf"}
TRUE, FALSE, NOBODY = ("Аня Ўлашэнка", "BY", "ru"), ("Ян Ёжыкаў", "PL", "en"), None


@dataclass(frozen=True)
class Borrowed(Watermarks):
    """Bits that somebody has seen in files."""

    seen: dict[str, str]

    def of(self, name: str) -> str:
        """Return what stood in the file of this name."""
        return self.seen[name]


def borrowed_from(files: dict[str, bytes], edition: str) -> Borrowed:
    """Take the bits out of files that somebody holds, who knows the edition of those that are guessed at."""
    own = {name: watermark_in(name, files[name])[-SECRET_LENGTH:] for name in GUARDED}
    return Borrowed(edition, b"", {name: f"{PREFIX}{edition}{bits}" for name, bits in own.items()})


def public_digests(petition: Petition, delivery: Delivery) -> dict[str, str]:
    """Return what anyone can read of a hand-over."""
    manifest = Client().get(f"{page_of(petition, 'deliveries')}{delivery.pk}/manifest.json").content
    return {entry["name"]: entry["sha256"] for entry in json.loads(manifest)["files"]}


def guessed_digests(
    delivery: Delivery, hidden: Signature, guess: tuple[str, str, str] | None, watermarks: Watermarks
) -> dict[str, str]:
    """Make the files as the site would if the guess were right: every other byte is known to the attacker."""
    kept = Signature.objects.get(pk=hidden.pk)
    if guess is None:
        Signature.objects.filter(pk=hidden.pk).delete()
    else:
        name, country, language = guess
        Signature.objects.filter(pk=hidden.pk).update(name=name, country=country, language=language)
    with closing(Snapshot()) as snapshot:
        totals = read_totals(snapshot, delivery)
        files = files_of(Source(delivery, totals, snapshot, watermarks))
        digests = {name: digest_of(b"".join(pieces)) for name, pieces in files}
    Signature.objects.filter(pk=hidden.pk).delete()
    kept.save(force_insert=True)
    return digests


def hits(public: dict[str, str], guessed: dict[str, str]) -> set[str]:
    """Return which of the files that tell of people come out as they were published."""
    return {name for name in GUARDED if public[name] == guessed[name]}


def test_public_digests_confirm_no_guess_of_a_hidden_signer(
    petition: Petition, organiser_client: Callable[[str], Client]
) -> None:
    organiser = organiser_client("Organisers")
    parliament = recipient_of(petition, "Parliament")
    factories.make_signature(petition, name="Known One", visibility="PUBLIC")
    name, country, language = TRUE
    hidden = factories.make_signature(petition, name=name, country=country, language=language)
    grow_older(petition)
    # The attacker holds a copy of an earlier list for the same recipient, of the same rows.
    own_copy = unpacked(package_of(organiser, hand_over(organiser, parliament, **EVERYTHING)))
    target = prepare(organiser, parliament, **EVERYTHING)
    files = unpacked(package_of(organiser, target))
    assert record(organiser, target).status_code == 302
    target = Delivery.objects.get(pk=target.pk)
    public, edition = public_digests(petition, target), target.packings.get().edition
    assert public.keys() >= GUARDED
    for guess in (TRUE, FALSE, NOBODY):
        guessed = guessed_digests(target, hidden, guess, borrowed_from(own_copy, edition))
        assert hits(public, guessed) == set(), guess
    # With the bits of this copy, the attack would tell who signed.
    its_own = borrowed_from(files, edition)
    assert hits(public, guessed_digests(target, hidden, TRUE, its_own)) == GUARDED
    lists = {"signatures.csv", "signatures.xlsx", "petition.pdf"}
    assert hits(public, guessed_digests(target, hidden, FALSE, its_own)) == GUARDED - lists
    assert hits(public, guessed_digests(target, hidden, NOBODY, its_own)) == GUARDED - lists
