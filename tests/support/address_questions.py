"""Reads the question about an address that looks like a slip, and answers it."""

from __future__ import annotations

import re
from html import unescape

from django.http import HttpResponse

from signatures.models import Petition
from tests.support import factories
from tests.support.mailbox import Mailbox
from tests.support.page_reading import chosen, field_value

BUTTON = re.compile(r"<button\b([^>]*)>(.*?)</button>", re.DOTALL)
SLIP, MEANT = "anna@gmial.com", "anna@gmail.com"


def answers_on(page: HttpResponse) -> list[str]:
    """Return the addresses that the page has a button for, in their order."""
    tags = [tag for tag, _ in BUTTON.findall(page.content.decode()) if 'name="email_choice"' in tag]
    return [unescape(value) for tag in tags for value in re.findall(r'value="([^"]*)"', tag)]


def form_on(page: HttpResponse, petition: Petition) -> dict[str, str]:
    """Return what the form on the page would send, without a button."""
    form = factories.sign_form(petition)
    for name in ("name", "email", "version"):
        form[name] = field_value(page, name) or ""
    hidden = field_value(page, "email_choice")
    return form | {
        "visibility": chosen(page, "visibility") or "",
        "country": chosen(page, "country") or "",
        **({"email_choice": hidden} if hidden else {}),
    }


def sent_to(mailbox: Mailbox) -> list[str]:
    """Return where the mails go that wait."""
    return [str(mail["To"]) for mail in mailbox.deliver()]
