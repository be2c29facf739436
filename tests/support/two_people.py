"""Asks a second person, and decides as one."""

from __future__ import annotations

from typing import cast

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from signatures.models import Approval, Organiser, Petition
from tests.support import factories

APPROVALS = "/admin/approvals/"
# A list of names as somebody may want to make it.
EXPORT_ACT = {"recipient": 1, "language": "en", "delimiter": ",", "order": "SIGNED", "latin": False}


def ask_for_two(petition: Petition, *, rows: int = 100) -> Petition:
    """Let a petition ask for a second person."""
    Petition.objects.filter(pk=petition.pk).update(four_eyes=True, four_eyes_from=rows)
    petition.refresh_from_db()
    return petition


def page_path(approval: Approval) -> str:
    """Return the path of the page of a request."""
    return reverse("admin:approval", args=[approval.pk])


def client_of(organiser: Organiser) -> Client:
    """Return the browser of somebody who is logged in."""
    client = Client()
    client.force_login(organiser)
    return client


def somebody(role: str = "Administrators") -> tuple[Organiser, Client]:
    """Return a new account with a role in the whole site, and its browser."""
    organiser = factories.make_organiser(role)
    return organiser, client_of(organiser)


def press(client: Client, approval: Approval, button: str, **values: str) -> HttpResponse:
    """Press a button on the page of a request, as it is shown."""
    form = {"do": button, "digest": approval.digest, **values}
    return cast("HttpResponse", client.post(page_path(approval), form))


def asked(answer: HttpResponse) -> Approval:
    """Return the request that an act was turned into."""
    assert answer.status_code == 302, answer.content.decode()
    approval = Approval.objects.latest("pk")
    assert answer["Location"] == page_path(approval)
    return approval
