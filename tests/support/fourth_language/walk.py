"""Walks through a site with an additional language, and records everything it was shown.

Runs in a process of the site's copy by ``manage.py shell``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from itertools import islice
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import reverse

from signatures.models import Batch, BounceCount, Delivery, Petition, Signature
from signatures.moderating.batches import make_batch
from signatures.texts import shown_version
from tests.support import desk, factories
from tests.support.attacks.routes import all_routes
from tests.support.database import query
from tests.support.every_page import FAILURES, paths, states
from tests.support.every_route import BOUNCE, Site, ask_for_a_list
from tests.support.fourth_language.adding import CODE
from tests.support.fourth_language.before import BODY, RUSSIAN
from tests.support.fourth_language.marking import mark
from tests.support.fourth_language.same_everywhere import FIRST, LEAD, same_in_all_languages
from tests.support.hand_overs import (
    HOUR,
    answer,
    delivery_path,
    grow_older,
    package_of,
    prepare,
    record,
    unpack_to,
    unpacked,
)
from tests.support.mailbox import Mailbox, code_in, html_of, paths_in, text_of
from tests.support.name_lists import recipient_of
from tests.support.page_reading import page_of
from tests.support.photographs import give_picture
from tests.support.recipient_checks import verify
from tests.support.releases import move_releases, release

NAME = "Ludoviko"
ADDRESS = "in-the-language@example.org"
# Upper bound of the numbers that another process used for organisers and signers.
NUMBERED = 1000
LANGUAGES = ("en", "ru", CODE)
TEXTS = ["title", "summary", "body", "consent", "responsible_body"]
TEXTS += ["safety_notice", "sharing_notice", "confidentiality"]
# Admin URLs that are not pages.
NO_PAGES = {
    "/admin/r/{content_type_id}/{object_id}/",
    "/admin/{url}",
    "/admin/jsi18n/",
    "/admin/autocomplete/",
    "/admin/second-factor/set-up/qr.png",
    # Their sentences hold texts of a draft that is not in the language.
    "/admin/signatures/petition/{pk}/online/",
    "/admin/signatures/petition/{pk}/delete-draft/",
}


@dataclass(frozen=True)
class Said:
    """Recorded output of the site.

    kind: "page" of the public site, "desk", "mail", "error" in all languages, or "data" for programs.
    """

    place: str
    kind: str
    text: str


class Walk:
    """A visitor and an organiser, and the record of what they were shown."""

    def __init__(self, folder: Path) -> None:
        """Log in."""
        next(islice(factories.NUMBERS, NUMBERED, None))
        self.folder = folder
        self.said: list[Said] = []
        self.visitor = Client(headers={"sec-fetch-site": "same-origin"})
        self.organiser = Client()
        self.account = factories.make_organiser("", language=CODE)
        self.organiser.force_login(self.account)
        self.mailbox = Mailbox(folder / "mail")

    @property
    def petition(self) -> Petition:
        """Return the petition freshly read from the database."""
        shown_version._recent.clear()
        return Petition.objects.get(slug=FIRST)

    def note(self, place: str, kind: str, text: str) -> None:
        """Record what was shown."""
        self.said.append(Said(place, kind, text))

    def open(self, path: str) -> None:
        """Open a path and record the response if it is text."""
        kind = "page" if path.startswith(f"/{CODE}/") else "desk" if path.startswith("/admin/") else "error"
        client = self.organiser if path.startswith("/admin/") else Client()
        response = cast("HttpResponse", client.get(path))
        assert response.status_code < 500, path
        content_type = response.headers.get("Content-Type", "")
        if content_type.startswith("text/html") and not 300 <= response.status_code < 400:
            self.note(path, kind, response.content.decode())
        elif "json" in content_type or "xml" in content_type:
            self.note(path, "data", response.content.decode())

    def send(self, place: str, path: str, **form: str) -> None:
        """Submit a form and record the resulting page."""
        response = cast("HttpResponse", self.visitor.post(path, form))
        assert response.status_code == 200, (path, response.status_code)
        self.note(place, "page", response.content.decode())

    def mail(self) -> EmailMessage:
        """Return and record the only mail that was sent since the last call."""
        (mail,) = self.mailbox.deliver()
        assert mail["Content-Language"] == CODE
        self.note(f"mail “{mail['Subject']}”", "mail", f"{mail['Subject']}\n{text_of(mail)}")
        self.note(f"HTML of mail “{mail['Subject']}”", "page", html_of(mail))
        return mail


def walk(folder: Path) -> None:
    """Walk through everything; store the record, and the data that is the same in all languages, in the folder."""
    setup_test_environment()
    steps = Walk(folder)
    old = {"statuses": dict(old_pages(steps)), "leads": leads(steps), "hand_over": old_hand_over(steps)}
    for step in (old_mails, write, sign, give, public_pages, desk_pages):
        step(steps)
    found = {
        "said": [asdict(one) for one in steps.said],
        "old": old,
        "data": sorted({one for one in same_in_all_languages() if one}),
    }
    (folder / "walk.json").write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


def old_pages(steps: Walk) -> Iterator[tuple[str, int]]:
    """Yield the status of every page of a petition in its languages."""
    code = (steps.folder / "code").read_text(encoding="utf-8")
    for language in ("en", "ru"):
        for path in paths(steps.petition, language, code):
            yield path, Client().get(path).status_code


def leads(steps: Walk) -> dict[str, str]:
    """Return where petitions' URLs in the new language redirect to, and open the list in it."""
    steps.open(f"/{CODE}/")
    found = (page_of(petition, language=CODE) for petition in Petition.objects.filter(slug__in=(FIRST, RUSSIAN)))
    return {path: Client().get(path).headers["Location"] for path in found}


def old_hand_over(steps: Walk) -> dict[str, Any]:
    """Return the result of verifying an earlier hand-over, and whether packing it again gives the same bytes."""
    package = steps.folder / "before.zip"
    again = package_of(steps.organiser, Delivery.objects.latest("pk"))
    return {"check": verify(package), "is_same": again == package.read_bytes()}


def old_mails(steps: Walk) -> None:
    """Send the queued mail, and confirm by its code and by the one sent before."""
    (mail,) = steps.mailbox.deliver()
    assert mail["Content-Language"] == "ru"
    for code in ((steps.folder / "code").read_text(encoding="utf-8"), code_in(mail)):
        assert factories.confirm(steps.visitor, code, "ru").status_code == 303


def write(steps: Walk) -> None:
    """Add the new language to the petition in the admin and publish it; then add news and the lead petitioner."""
    petition, organiser = steps.petition, steps.organiser
    path = desk.change_path(petition)
    texts = {f"{name}_{CODE}": mark(getattr(petition, f"{name}_en") or "") for name in TEXTS}
    names = {
        f"recipients-{number}-name_{CODE}": mark(recipient.name_en)
        for number, recipient in enumerate(petition.recipients.order_by("position"))
    }
    form = desk.shown_form(organiser, path) | texts | names | {"languages": list(LANGUAGES)}
    saved = desk.save(organiser, path, form)
    assert saved.status_code == 302, desk.errors_on(saved)
    steps.open(desk.publish_path(petition))
    assert desk.publish(organiser, petition).status_code == 302
    news = {f"{part}_{code}": mark("News") for part in ("title", "body") for code in LANGUAGES}
    news |= {"petition": str(petition.pk)}
    assert desk.save(organiser, reverse("admin:signatures_update_add"), news).status_code == 302
    news_page = reverse("admin:update_publish", args=[petition.updates.latest("pk").pk])
    steps.open(news_page)
    assert desk.save(organiser, news_page, {"action": "now"}).status_code == 302
    lead = {"name": LEAD, "address": "", **{f"nationality_{code}": mark("of Lithuania") for code in LANGUAGES}}
    lead_path = reverse("admin:petition_lead_petitioner", args=[petition.pk])
    assert desk.save(organiser, lead_path, lead).status_code == 302


def sign(steps: Walk) -> None:
    """Sign, confirm, open the my-signature page, lower and withdraw."""
    petition, visitor = steps.petition, steps.visitor
    steps.open(page_of(petition, language=CODE))
    assert factories.sign(visitor, petition, CODE, email=ADDRESS).status_code == 303
    mail = steps.mail()
    steps.open(paths_in(mail)[0])
    confirmed = factories.confirm(visitor, code_in(mail), CODE)
    assert confirmed.headers["Location"] == page_of(petition, "thanks", CODE)
    steps.send("my signature", page_of(petition, "my_signature_request", CODE), email=ADDRESS)
    link = paths_in(steps.mail())[0]
    steps.open(link)
    signed = Signature.objects.filter(language=CODE)
    assert signed.count() == 1
    steps.send("lowered", link, action="DELIVERED")
    steps.send("withdrawn", link, action="WITHDRAW")
    assert signed.count() == 0


def give(steps: Walk) -> None:
    """Hand over a list in the new language, and enter the reply."""
    petition, organiser = steps.petition, steps.organiser
    for number in range(12):
        factories.make_signature(petition, language=CODE, name=f"{NAME} {number}")
    assert release(petition)
    backdate(petition)
    layout = {"with_workbook": "on", "with_document": "on", "with_latin": "on", "order": "NAME"}
    delivery = prepare(organiser, recipient_of(petition, BODY), language=CODE, **layout)
    unpack_to(steps.folder / "files", unpacked(package_of(organiser, delivery)))
    assert record(organiser, delivery).status_code == 302
    steps.open(delivery_path(delivery))
    reply = {f"reply_{code}": mark("They heard us.") for code in LANGUAGES}
    assert answer(organiser, delivery, None, **reply).status_code == 302


def backdate(petition: Petition) -> None:
    """Move publications and signatures an hour back, since a hand-over only includes those ten minutes old."""
    query("ALTER TABLE signatures_textversion DISABLE TRIGGER frozen")
    query("UPDATE signatures_textversion SET published_at = published_at - interval '1 hour'")
    query("ALTER TABLE signatures_textversion ENABLE TRIGGER frozen")
    grow_older(petition)
    move_releases(petition, HOUR)


def public_pages(steps: Walk) -> None:
    """Open every public URL, and every page in every state."""
    petition = steps.petition
    assert factories.sign(steps.visitor, petition, CODE, email="waits@example.org").status_code == 303
    code = code_in(steps.mail())
    BounceCount.objects.create(**BOUNCE)
    make_batch(rule=Batch(petition=petition, country="LT"), actor=steps.account)
    give_picture(petition, **{f"alt_{CODE}": mark("People with flowers")})
    ask_for_a_list(petition)
    site = Site(petition, steps.organiser, code)
    site.values["language"] = CODE
    for route in all_routes():
        if not route.is_admin and not route.pattern.startswith(("/-/", "/.well-known/")):
            steps.open(site.path_of(route))
    for path in paths(petition, CODE, code):
        steps.open(path)
    for number in range(1, 4):
        steps.open(f"{page_of(petition, language=CODE)}text/{number}/")
    in_all = {f"{status} /x/" for status in FAILURES}
    for place, content in states(petition, CODE, cast("Any", settings)):
        steps.note(place, "error" if place in in_all else "page", content.decode())


def desk_pages(steps: Walk) -> None:
    """Open every admin URL."""
    site = Site(steps.petition, steps.organiser, "")
    site.values |= {"language": CODE, "id": steps.account.pk}
    for route in all_routes():
        if route.is_admin and route.pattern not in NO_PAGES:
            steps.open(site.path_of(route))
