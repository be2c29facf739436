"""Of a field that is sent twice the last one counts, and what stands in the address is no field (ASVS 15.3.7)."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client

from signatures.models import Attempt, OutgoingMail, Petition, Signature
from tests.support import factories
from tests.support.mailbox import Mailbox, code_in
from tests.support.page_reading import page_of

FORM_TYPE = "application/x-www-form-urlencoded"
pytestmark = pytest.mark.django_db


def send(client: Client, path: str, *fields: tuple[str, str]) -> HttpResponse:
    """Send fields in this order."""
    return cast("HttpResponse", client.post(path, urlencode(fields), content_type=FORM_TYPE))


@pytest.mark.parametrize("last", ["COUNTED", "DELIVERED", "PUBLIC"])
def test_the_last_of_two_choices_and_of_two_addresses_is_what_was_sent(
    petition: Petition, visitor: Client, mailbox: Mailbox, last: str
) -> None:
    form = factories.sign_form(petition, visibility=last, email="second@example.org")
    first = "PUBLIC" if last != "PUBLIC" else "COUNTED"
    answer = send(visitor, page_of(petition), ("visibility", first), ("email", "first@example.org"), *form.items())
    assert answer.status_code == 303
    assert Attempt.objects.get().visibility == last
    (mail,) = mailbox.deliver()
    assert mail.get_all("To") == ["second@example.org"]
    path = f"/en/confirm/{code_in(mail)}/"
    assert send(visitor, path, ("visibility", "PUBLIC"), ("visibility", "COUNTED")).status_code == 303
    assert Signature.objects.get().visibility == "COUNTED"


def test_what_stands_in_the_address_is_no_field(petition: Petition, visitor: Client) -> None:
    form = factories.sign_form(petition, email="second@example.org")
    query = urlencode({**form, "visibility": "PUBLIC", "email": "first@example.org"})
    assert send(visitor, f"{page_of(petition)}?{query}").status_code == 422
    assert not Attempt.objects.exists()
    assert send(visitor, f"{page_of(petition)}?{query}", *form.items()).status_code == 303
    assert Attempt.objects.get().visibility == form["visibility"]
    assert OutgoingMail.objects.count() == 1
