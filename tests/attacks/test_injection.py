"""What is typed into a field is text wherever it comes out, whoever typed it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from petition_site.server.logs import RouteOnlyFilter, TypeOnlyFormatter
from signatures.admin.review_rows import digest_of
from signatures.models import AuditEntry, BounceCount, Petition, Picture, Update
from signatures.texts.digest import TEXT_PARTS
from signatures.tokens import new_code
from tests.support import desk, factories, hand_overs
from tests.support.attacks.desk_typing import (
    type_accounts,
    type_alerts,
    type_factors,
    type_news,
    type_refusal,
    type_rules,
)
from tests.support.attacks.hostile_values import MARK, PAYLOADS, harmless, look_everywhere
from tests.support.attacks.text_fields import text_fields
from tests.support.mailbox import Mailbox, code_in, paths_in
from tests.support.name_lists import content_of, order_list, recipient_of, rows_in
from tests.support.page_reading import page_of
from tests.unit.delivering.test_formulas import begins_as_formula

pytestmark = pytest.mark.django_db(transaction=True)
# Fields of text that are filled in somewhere else than in the loops below, or have their own tests.
ELSEWHERE = {"SignForm.favourite_bird", "PackageForm.password", "Petition.slug", "Petition.contact", "TurnForm.reason"}
WORDS = (*TEXT_PARTS, "thanks", "closing_words")


@pytest.fixture(autouse=True)
def _no_limits(settings: Settings) -> None:
    settings.FORM_RATES = ["10000/m"]


@pytest.fixture(params=PAYLOADS, ids=range(len(PAYLOADS)))
def payload(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    """Return something hostile; none of it may stand in the log."""
    rewriting, formatter = RouteOnlyFilter(), caplog.handler.formatter
    caplog.set_level(logging.INFO)
    caplog.handler.addFilter(rewriting)
    caplog.handler.setFormatter(TypeOnlyFormatter("{levelname} {name} {message}", style="{"))
    yield str(request.param)
    assert MARK not in caplog.text
    caplog.handler.removeFilter(rewriting)
    caplog.handler.setFormatter(formatter)


PERSON = ("name", *(f"nationality_{language}" for language in desk.LANGUAGES), "address")


def test_every_field_of_text_is_tried() -> None:
    tried = {f"SignForm.{name}" for name in ("name", "email", "email_choice", "city")} | {"AddressForm.email_choice"}
    tried |= {"ConfirmForm.press"}  # compared as a hash, and shown nowhere
    tried |= {"ConfirmForm.reason", "CodeForm.code", "AddressForm.email", "PurgeForm.typed", "PurgeForm.reason"}
    # The form that both of these are made from is shown nowhere by itself.
    tried |= {"ListForm.reason", "ExportForm.reason", "HandOverForm.reason", "HandedOverForm.note", *ELSEWHERE}
    tried |= {f"AnsweredForm.reply_{language}" for language in desk.LANGUAGES}
    tried |= {"AlertsForm.email", "AlertsForm.email_choice", "RuleForm.ids", "RuleForm.name"}
    # In test_injection_by_paper.py.
    tried |= {"NumberForm.sheet", "RowForm.name", "RowForm.country", "SettlingForm.seen"}
    tried |= {"BareForm.place", "BareForm.country", "BundleForm.label"}
    # In test_injection_by_news.py.
    tried |= {"NewsForm.email", "NewsForm.email_choice"}
    tried |= {f"LeadPetitionerForm.{name}" for name in PERSON} | {"DigestsForm.digests"}
    translated = {"Recipient.name", "Update.title", "Update.body", *(f"Petition.{name}" for name in WORDS)}
    tried |= {f"{name}_{language}" for name in translated for language in desk.LANGUAGES}
    tried |= {"Petition.waiting_words", "NewAccountForm.username", "InviteForm.username", "ReasonForm.reason"}
    tried |= {"AppForm.code", "AppForm.name", "RecoveryForm.recovery_code", "PasswordForm.password", "WhyForm.reason"}
    tried |= {"CheckForm.head", "RefusalForm.reason"}
    assert text_fields() == tried


def test_what_visitors_type_is_text(
    payload: str, petition: Petition, visitor: Client, mailbox: Mailbox, organiser_client: Callable[[str], Client]
) -> None:
    factories.ask_for_city(petition)
    name = payload[:120]
    answer: Any = factories.sign(
        visitor, petition, visibility="PUBLIC", name=name, city=payload[:80], email="a@example.org"
    )
    assert answer.status_code == 303
    (mail,) = mailbox.deliver()
    assert MARK not in mail.as_string()
    assert mail.get_all("To") == ["a@example.org"]
    assert not mail.get_all("Bcc")
    code = code_in(mail)
    harmless(visitor.get(paths_in(mail)[0]), "confirm page")
    assert factories.confirm(visitor, code, reason=payload).status_code == 303
    petition.signatures.update(reason_approved=True)
    for field in ("name", "email", "email_choice", "city", "country", "visibility", "version"):
        harmless(factories.sign(visitor, petition, **{"consent": "", field: payload}), f"form with {field}")
    # What is asked about is shown beside what may be meant.
    for asked in (f"{payload}@gmial.com", f"anna@{payload}.con", f"{payload} anna@gmial.com"):
        harmless(factories.sign(visitor, petition, email=asked, email_choice=asked), "question")
    asking = {"email": f"{payload}@gmial.com", "email_choice": payload}
    harmless(visitor.post(page_of(petition, "my_signature_request"), asking), "question about a link")
    for path, field in (("my_signature_request", "email"), ("confirm_entry", "code")):
        where = page_of(petition, path) if path != "confirm_entry" else reverse(path, kwargs={"language": "en"})
        answer = visitor.post(where, {field: payload})
        if answer.status_code not in {303, 404}:
            harmless(answer, path)
    for language in desk.LANGUAGES:
        harmless(visitor.get(page_of(petition, "signers", language)), "signers")
        harmless(visitor.get(page_of(petition, "deliveries", language), {"digest": payload}), "digest")
    organiser = organiser_client("")
    organisers_list = "/admin/signatures/signature/"
    harmless(organiser.get(organisers_list), "list")
    harmless(organiser.get(organisers_list, {"q": payload.replace("\r", " ")}), "search")
    harmless(organiser.get(f"{organisers_list}{petition.signatures.get().pk}/change/"), "signer")
    petition.signatures.update(name_review="WAITING", reason_approved=False)
    harmless(organiser.get(f"/admin/signatures/petition/{petition.pk}/names/"), "names that wait")
    harmless(organiser.get(f"/admin/signatures/petition/{petition.pk}/reasons/"), "reasons that wait")
    signature = petition.signatures.get()
    erasing = {f"seen-{signature.pk}": digest_of(signature.reason or ""), f"choice-{signature.pk}": "ERASE"}
    harmless(organiser.post(f"/admin/signatures/petition/{petition.pk}/reasons/", erasing), "reasons to erase")
    rows = rows_in(content_of(order_list(organiser, recipient_of(petition, "Parliament"))))
    assert len(rows) == 2
    assert not any(begins_as_formula(cell) for cell in rows[1])


def test_what_is_in_headers_is_text(payload: str, petition: Petition, visitor: Client) -> None:
    line = payload.replace("\r", " ").replace("\n", " ").encode().decode("latin-1")
    for path in (page_of(petition), "/nowhere", "/en/nowhere/", "/admin/login/"):
        for name in (
            "referer",
            "accept-language",
            "user-agent",
            "x-forwarded-for",
            "cookie",
            "origin",
            "x-requested-with",
        ):
            response = visitor.get(path, headers={name: line})
            assert response.status_code in {200, 404}
            assert MARK not in response.content.decode(), (path, name)
            assert not [value for value in response.headers.values() if MARK in value]


def test_what_organisers_type_is_text(
    payload: str, petition: Petition, visitor: Client, organiser_client: Callable[[str], Client]
) -> None:
    organiser = organiser_client("")
    fields = [f"{name}_{language}" for name in WORDS for language in desk.LANGUAGES]
    form = desk.petition_form(
        slug="hostile",
        **dict.fromkeys(fields, payload[:150]),
        waiting_words=payload,
        **desk.with_recipients((payload[:150], payload[:150], "NAMES")),
    )
    assert desk.save(organiser, desk.ADD, form).status_code == 302
    hostile = Petition.objects.get(slug="hostile")
    for language in desk.LANGUAGES:
        harmless(organiser.get(desk.preview_path(hostile, language)), "preview")
    harmless(organiser.get(desk.change_path(hostile)), "change page")
    harmless(organiser.get("/admin/signatures/petition/"), "petitions")
    assert organiser.post(desk.publish_path(hostile), {"confirm": "on"}).status_code in {200, 302, 422}
    if not hostile.text_versions.exists():
        page = organiser.get(desk.publish_path(hostile))
        names = dict(re.findall(r'<input type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', page.content.decode()))
        assert organiser.post(desk.publish_path(hostile), names).status_code == 302
    Petition.objects.filter(pk=hostile.pk).update(status="OPEN")
    factories.make_signature(hostile)
    hand_overs.grow_older(hostile)
    recipient = hostile.recipients.get()
    type_alerts(organiser, payload)
    type_factors(organiser, payload)
    type_refusal(organiser, hostile, payload)
    lead = reverse("admin:petition_lead_petitioner", args=[hostile.pk])
    person = dict.fromkeys(PERSON, payload[:80])
    assert organiser.post(lead, person).status_code == 302
    harmless(organiser.post(reverse("admin:audit_check"), {"head": payload}), "check of the log")
    harmless(organiser.get("/admin/signatures/auditentry/", {"about": payload, "from": payload}), "audit log")
    checked = organiser.post(reverse("admin:check_files"), {"digests": f"{'0' * 64} {payload}"})
    assert checked.status_code == 200
    harmless(checked, "check of files")
    harmless(organiser.get(lead), "lead petitioner")
    harmless(hand_overs.look(organiser, recipient, reason=payload[:150]), "checklist")
    delivery = hand_overs.prepare(organiser, recipient, reason=payload[:150], with_document="on", with_workbook="on")
    files = hand_overs.unpacked(hand_overs.package_of(organiser, delivery))
    assert json.loads(files["manifest.json"])["counts"]["signatures"] is None, "fewer than ten"
    assert files["petition.pdf"].startswith(b"%PDF")
    assert hand_overs.record(organiser, delivery, note=payload[:400]).status_code == 302
    assert hand_overs.answer(organiser, delivery, datetime.now(UTC).date(), reply_en=payload, reply_ru=payload)
    harmless(organiser.get(hand_overs.delivery_path(delivery)), "hand-over")
    order_list(organiser, recipient, reason=payload[:150]).getvalue()
    type_rules(organiser, hostile, payload)
    type_news(organiser, hostile, payload)
    type_accounts(organiser, hostile, payload)
    other = factories.make_organiser("Editors")
    version = hostile.text_versions.get()
    examples: dict[str, list[object]] = {
        "language": [*desk.LANGUAGES],
        "slug": [hostile.slug],
        "number": [version.number],
        "digest": ["0123456789abcdef", Picture.objects.get().digest],
        "size": ["wide"],
        "name": ["qr.svg", "poster-a4.pdf"],
        "page": ["fakes"],
        "kind": ["app"],
        "code": [new_code()],
        "token": ["nothing"],
        "petition": [hostile.pk],
        "delivery": [delivery.pk],
        "textversion": [version.pk],
        "update": [Update.objects.get().pk],
        "organiser": [other.pk],
        "bouncecount": [BounceCount.objects.create(kind="PERMANENT", amount=30).pk],
        "auditentry": list(AuditEntry.objects.values_list("pk", flat=True)),
        "signature": [hostile.signatures.get().pk],
        "app_label": ["signatures"],
        "url": ["nowhere"],
        "content_type_id": [1],
        "object_id": [1],
        "pk": [1],
    }
    shown = look_everywhere(visitor, organiser, examples)
    assert {
        "/{language}/petitions/{slug}/updates/",
        "/{language}/petitions/{slug}/ledger/",
        "/{language}/petitions/{slug}/text/{number}/",
        "/{language}/petitions/{slug}/deliveries/",
        "/{language}/petitions/{slug}/card.png",
        "/{language}/petitions/{slug}/qr.png",
        "/{language}/petitions/{slug}/badge.png",
        "/{language}/petitions/{slug}/feed.atom",
        "/admin/signatures/petition/{pk}/export/",
        "/admin/signatures/petition/{pk}/hand-over/",
        "/admin/signatures/update/{object_id}/change/",
        "/admin/signatures/auditentry/{object_id}/change/",
    } <= shown
    harmless(
        organiser.post(reverse("admin:petition_purge", args=[hostile.pk]), {"typed": payload, "reason": payload[:150]}),
        "purge",
    )
    answer = visitor.get("/api/petitions/hostile.json")
    assert MARK in str(json.loads(answer.content)["titles"])
