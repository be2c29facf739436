"""Looks at the tally, and lets signers do what is written into it."""

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
    """Return every tally row: kind, reason, source, country, language, visibility, amount."""
    return Counter(Tally.objects.values_list("kind", "reason", "source", "country", "language", "visibility", "amount"))


def written_since(before: Counter[Row]) -> list[Row]:
    """Return the rows that were added, in order."""
    added = tally_rows() - before
    assert not before - tally_rows()
    return sorted(added.elements())


def that_count(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that are not of zero: those are written so that everybody's deed writes as many."""
    return [row for row in rows if row[-1] != 0]


def subject_of(petition: Petition, address: str = ADDRESS) -> MySignature:
    """Return what an address's my-signature link stands for."""
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
    """Return the exact count, which organisers see; the public page of a guarded petition tells it in steps."""
    return str(petition.tallies.all().count_signatures())
