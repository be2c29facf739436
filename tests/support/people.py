"""Invites people to the desk and follows their links, as a browser does."""

from __future__ import annotations

import html
import re
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from signatures.models import AuditEntry, Organiser, Petition
from signatures.safeguarding.access_links import make_reset_link
from tests.support import factories

PASSWORD = "correct horse battery staple"
LINK = re.compile(r'class="link-to-pass-on"[^>]*>([^<]+)<')
ACCOUNTS = "/admin/signatures/organiser/"
ADD = f"{ACCOUNTS}add/"


def page_of(account: Organiser, page: str = "change") -> str:
    """Return the path of one of an account's pages."""
    return f"{ACCOUNTS}{account.pk}/{page}/"


def people_of(petition: Petition) -> str:
    """Return the path of the page of a petition's people."""
    return f"/admin/signatures/petition/{petition.pk}/people/"


def link_on(response: Any) -> str:
    """Return the path of the link that a page shows."""
    assert response.status_code == 200, response.status_code
    found = LINK.search(response.content.decode())
    assert found is not None
    return "/" + html.unescape(found.group(1)).strip().split("/", 3)[3]


def invitation(role: str = "Editors", **values: str) -> dict[str, str]:
    """Return the filled-in form that invites somebody on the page of a petition."""
    return {"action": "invite", "username": "anna", "language": "en", "role": role_number(role), **values}


def role_number(role: str) -> str:
    """Return the number of a role, as forms send it."""
    return str(factories.role_of(role).pk)


def invite(client: Client, petition: Petition, role: str = "Editors", **values: str) -> str:
    """Invite somebody to a petition, and return the path of the link."""
    return link_on(client.post(people_of(petition), invitation(role, **values)))


def reset(client: Client, account: Organiser) -> str:
    """Make a link for a new password on the page for that, and return its path."""
    return link_on(client.post(page_of(account, "link"), {"reason": "forgotten"}))


def make_link(account: Organiser) -> str:
    """Make a link for a new password as the command does, and return its path."""
    token = make_reset_link(account=account, reason="forgotten", actor=None)
    return reverse("admin:set_password", args=[token])


def follow(client: Client, link: str, password: str = PASSWORD) -> HttpResponse:
    """Choose a password on the page of a link."""
    response: HttpResponse = client.post(link, {"new_password1": password, "new_password2": password})  # type: ignore[assignment]
    return response


def log_in(username: str, password: str = PASSWORD) -> Client:
    """Return the browser of somebody who logs in by name and password."""
    client = Client()
    answer = client.post("/admin/login/?next=/admin/", {"username": username, "password": password})
    assert answer.status_code == 302, answer.status_code
    return client


def owner_of(client: Client) -> Organiser:
    """Return whoever is logged in with a browser."""
    return Organiser.objects.get(pk=client.session["_auth_user_id"])


def on_record(*actions: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return what the audit log holds of some actions, the oldest first: action, name of the actor, details."""
    entries = AuditEntry.objects.filter(action__in=actions).select_related("actor").order_by("pk")
    return [(one.action, one.actor.username if one.actor else "", one.details) for one in entries]
