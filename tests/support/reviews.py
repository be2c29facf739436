"""Decides on names and reasons at the desk as an organiser does: on a page of them, with one form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from signatures.models import AuditEntry, Petition, Signature
from tests.support import factories
from tests.support.mailbox import Mailbox, code_in
from tests.support.page_reading import page_of, read, words


def names_path(petition: Petition) -> str:
    """Return the path of the page of names that wait."""
    return reverse("admin:petition_names", args=[petition.pk])


def reasons_path(petition: Petition) -> str:
    """Return the path of the page of reasons that wait."""
    return reverse("admin:petition_reasons", args=[petition.pk])


def seen_on(page: str) -> dict[str, str]:
    """Return what a page says it shows, by the number of the row."""
    return dict(re.findall(r'name="seen-(\d+)" value="(\w+)"', page))


def sent(
    client: Client, petition: Petition, choices: Mapping[Signature, str], *, of: str = "names", rest: str = ""
) -> dict[str, str]:
    """Open the page, and return the form that is sent with these choices.

    :param rest: the choice of the button for all that are left
    """
    page = read(client, names_path(petition) if of == "names" else reasons_path(petition))
    form = {f"seen-{number}": digest for number, digest in seen_on(page).items()}
    form |= {f"choice-{signature.pk}": choice for signature, choice in choices.items()}
    return form | ({"rest": rest} if rest else {})


def decide_on(
    client: Client, petition: Petition, choices: Mapping[Signature, str], *, of: str = "names", rest: str = ""
) -> HttpResponse:
    """Decide on the page that is shown, and return the page that follows."""
    path = names_path(petition) if of == "names" else reasons_path(petition)
    return press(client, path, sent(client, petition, choices, of=of, rest=rest))


def press(client: Client, path: str, form: Mapping[str, Any]) -> HttpResponse:
    """Send a form, and return the page that follows."""
    return cast("HttpResponse", client.post(path, form, follow=True))


def sign_as(
    petition: Petition, mailbox: Mailbox, name: str, address: str = "a@example.org", **values: str
) -> Signature:
    """Sign and confirm, and return the signature."""
    visitor = Client(headers={"sec-fetch-site": "same-origin"})
    form = {"visibility": "PUBLIC", "name": name, "email": address, **values}
    assert factories.sign(visitor, petition, **form).status_code == 303
    code = code_in(mailbox.deliver()[-1])
    assert factories.confirm(visitor, code, visibility=form["visibility"]).status_code == 303
    return Signature.objects.latest("last_confirmed_at", "pk")


def public_names(petition: Petition) -> str:
    """Return what everyone reads in the list of names."""
    return words(read(Client(), page_of(petition, "signers")))


def waiting(petition: Petition, amount: int, **values: Any) -> list[Signature]:
    """Store signatures whose names wait."""
    return [
        factories.make_signature(
            petition,
            visibility="PUBLIC",
            name=f"Waiting {chr(65 + n // 26)}{chr(97 + n % 26)}",
            name_review="WAITING",
            **values,
        )
        for n in range(amount)
    ]


def reviews(petition: Petition) -> list[str]:
    """Return what was decided on each name, the oldest first."""
    return list(petition.signatures.order_by("pk").values_list("name_review", flat=True))


def log_of(petition: Petition) -> list[tuple[str, int]]:
    """Return (action, amount) of the decisions in the audit log."""
    entries = AuditEntry.objects.filter(petition=petition).exclude(action="TEXT_PUBLISHED").order_by("pk")
    return [(entry.action, entry.amount or 0) for entry in entries]
