"""Files of another petition are not known to the page that checks files."""

from __future__ import annotations

import hashlib

import pytest

from signatures.delivering.columns import Layout
from signatures.delivering.downloads import start_export
from signatures.delivering.watermarks import editions_in
from signatures.models import Petition
from tests.support import factories
from tests.support.desk_clients import client_of, make_member, said
from tests.support.name_lists import recipient_of

PATH = "/admin/signatures/delivery/check/"
pytestmark = pytest.mark.django_db(transaction=True)


def test_the_digest_and_the_watermark_of_a_foreign_file_are_as_unknown_as_any_other(petition: Petition) -> None:
    factories.make_signature(petition)
    recipient = recipient_of(petition, "Parliament")
    content = b"".join(start_export(recipient=recipient, layout=Layout("en", ","), reason="Look", actor=None))
    digest = hashlib.sha256(content).hexdigest()
    (edition,) = editions_in(content.decode())
    (watermark,) = (word for word in content.decode().split("\n", 1)[0].split(",") if edition in word)
    other = factories.make_petition()
    theirs, strange = client_of(make_member("Auditors", petition)), client_of(make_member("Auditors", other))
    pasted = f"{digest}  signatures.csv\n{watermark}"
    unknown = pasted.replace(digest, "0" * 64).replace(edition, edition[::-1])
    assert editions_in(unknown) == [edition[::-1]] != [edition]
    known, told, nothing = (
        said(client.post(PATH, {"digests": text}), PATH)[3].replace(text, "…")
        for client, text in ((theirs, pasted), (strange, pasted), (strange, unknown))
    )
    for text in (digest, "0" * 64, edition, edition[::-1]):
        known, told, nothing = (page.replace(text, "…") for page in (known, told, nothing))
    assert told == nothing != known
