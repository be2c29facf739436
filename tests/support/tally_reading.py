"""Reads the tally, and performs signers' actions that are recorded in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.test import Client

from signatures.models import Petition, Tally
from signatures.safeguarding import keys
from signatures.tokens import MySignature
from tests.support import factories
from tests.support.mailbox import Mailbox, code_in

ADDRESS = "a@example.org"
Row = tuple[str, str, str, str, str, str, int]


def tally_rows() -> Counter[Row]:
    """Return every tally row as kind, reason, source, country, language, visibility, amount."""
    return Counter(Tally.objects.values_list("kind", "reason", "source", "country", "language", "visibility", "amount"))


def written_since(before: Counter[Row]) -> list[Row]:
    """Return the rows that were added, in order."""
    added = tally_rows() - before
    assert not before - tally_rows()
    return sorted(added.elements())


def that_count(rows: Iterable[Row]) -> list[Row]:
    """Return the rows other than zero; rows of zero only exist so that every action writes equally many."""
    return [row for row in rows if row[-1] != 0]


def subject_of(petition: Petition, address: str = ADDRESS) -> MySignature:
    """Return the subject of an address's my-signature link."""
    return MySignature(petition.pk, keys.email_keys(petition.pk, address))


def sign_and_confirm(petition: Petition, mailbox: Mailbox, **values: str) -> list[Row]:
    """Sign and confirm by mail, and return the rows that the confirmation wrote."""
    client = Client()
    factories.sign(client, petition, **{"email": ADDRESS, **values})
    before = tally_rows()
    code = code_in(mailbox.deliver()[0])
    assert factories.confirm(client, code, visibility=values.get("visibility", "PUBLIC")).status_code == 303
    return written_since(before)


def counted(petition: Petition) -> str:
    """Return the exact count, which organisers see; the public page of a guarded petition shows it in steps."""
    return str(petition.tallies.all().count_signatures())
