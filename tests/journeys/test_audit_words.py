"""The audit log speaks in words, and leads to what its entries are about and back again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from signatures import auditing
from signatures.admin.log_facts import FACTS, ROWS_NAMED, field_word
from signatures.admin.log_subjects import GROUPS, KINDS, OF_NOTHING, OF_PETITIONS
from signatures.models import AuditEntry, Batch, Petition, Update
from signatures.models.choices import AuditAction
from signatures.moderating.batches import make_batch
from tests.support import factories
from tests.support.audit_keys import every_key
from tests.support.page_reading import read, words

pytestmark = pytest.mark.django_db
LOG = "/admin/signatures/auditentry/"
CODE = re.compile(r"\b[A-Z]+_[A-Z_]+\b|\b[a-z]+_[a-z_]+\b")
LogIn = Callable[[str], Client]


def test_every_fact_that_is_ever_recorded_has_a_word() -> None:
    recorded = every_key()
    assert {"page", "search", "signatures", "until", "left", "kinds", "sha256", "differing", "edition"} <= recorded
    assert recorded - FACTS.keys() - ROWS_NAMED.keys() - {"filters"} == set()


def test_every_action_is_about_something_and_in_one_group() -> None:
    placed = [*KINDS, *OF_PETITIONS, *OF_NOTHING, AuditAction.NAMES_VIEWED]
    assert sorted(placed) == sorted(AuditAction)
    grouped = [action for _label, actions in GROUPS.values() for action in actions]
    assert sorted(grouped) == sorted(AuditAction)


def test_every_field_of_the_desks_forms_has_a_word() -> None:
    names = {one.name for model in (Petition, Update) for one in model._meta.concrete_fields if one.editable}
    assert {"title_en", "opens_at", "protection", "body_be"} <= names
    assert [name for name in names if CODE.search(field_word(name))] == []


def everything_done(petition: Petition) -> dict[str, str]:
    """Record something of each kind, and return what it is about with the address that it leads to."""
    signature = factories.make_signature(petition)
    account = factories.make_organiser("Editors")
    news = Update.objects.create(petition=petition, title_en="A headline", title_ru="Заголовок")
    batch = make_batch(rule=Batch(petition=petition), actor=factories.make_organiser("Moderators"))
    delivery = factories.make_delivery(petition)
    version = signature.text_version

    def record(done: AuditAction, target: int, **details: object) -> None:
        auditing.record(actor=account, action=done, petition=petition, target=target, details=details)

    record(AuditAction.SIGNATURE_HELD, signature.pk)
    record(AuditAction.UPDATE_CHANGED, news.pk, fields=["title_en", "body_ru"])
    record(AuditAction.BATCH_STARTED, batch.pk, action="REMOVE")
    record(AuditAction.DELIVERY_PREPARED, delivery.pk, recipient=delivery.recipient_id, cut_off="2026-01-02T03:04:05")
    record(AuditAction.TEXT_PUBLISHED, version.pk, number=1, digest="0" * 64)
    record(AuditAction.EXPORT_STARTED, delivery.recipient_id, delivery=delivery.pk, language="ru", names=True)
    record(AuditAction.PETITION_CHANGED, petition.pk, fields=["opens_at", "safety_notice_ru"])
    auditing.record(actor=None, action=AuditAction.ACCOUNT_ADDED, target=account.pk, details={"role": "Editors"})
    return {
        f"Signature {signature.pk}": reverse("admin:signatures_signature_change", args=[signature.pk]),
        "Update “A headline”": reverse("admin:signatures_update_change", args=[news.pk]),
        f"Rule {batch.pk}": reverse("admin:petition_batch", args=[petition.pk, batch.pk]),
        f"Hand-over {delivery.pk}": reverse("admin:signatures_delivery_change", args=[delivery.pk]),
        "Text version 1": reverse("admin:signatures_textversion_change", args=[version.pk]),
        account.username: reverse("admin:signatures_organiser_change", args=[account.pk]),
        str(petition): reverse("admin:signatures_petition_change", args=[petition.pk]),
    }


def test_entries_lead_to_what_they_are_about_and_from_there_back(petition: Petition, organiser_client: LogIn) -> None:
    places = everything_done(petition)
    administrator = organiser_client("")
    page = read(administrator, LOG)
    for named, path in places.items():
        assert f'<a href="{path}">{named}</a>' in page, named
        back = re.search(r'href="([^"]*about=[^"]*)"[^>]*>\s*What was done here', read(administrator, path))
        assert back is not None, named
        narrowed = read(administrator, back[1].replace("&amp;", "&"))
        assert "What was done with:" in narrowed
        assert named in narrowed.partition("What was done with:")[2].partition("</p>")[0]
        assert "field-done" in narrowed, named
    # An auditor opens none of the pages that show signers, and gets no links to them.
    seen = read(organiser_client("Auditors"), LOG)
    assert f"Signature {petition.signatures.get().pk}" in seen
    assert "/signatures/signature/" not in seen


def test_no_code_and_no_name_of_a_field_stands_in_the_log(petition: Petition, organiser_client: LogIn) -> None:
    everything_done(petition)
    organiser_client("Moderators").get("/admin/signatures/signature/", {"q": "Jane", "state__exact": "HELD"})
    page = read(organiser_client("Auditors"), LOG)
    table = words(page[page.index("<tbody>") : page.index("</tbody>")])
    assert CODE.findall(table) == []
    for said in (
        "Fields: title (English), text (Русский)",
        "What is done: Remove them",
        "January 2026, 03:04",
        "Language: Русский",
        "Searched: By words of the name",
        "Filter: state: Held for review",
        "Page: List of signatures",
    ):
        assert said in table, said
    assert "Jane" not in table


def test_a_deleted_draft_is_named_by_its_address(organiser_client: LogIn) -> None:
    draft = factories.make_petition(publish=False, status="DRAFT")
    auditing.record(actor=None, action=AuditAction.PETITION_CHANGED, petition=draft, target=draft.pk)
    auditing.record(
        actor=None,
        action=AuditAction.PETITION_DELETED,
        petition=draft,
        target=draft.pk,
        details={"slug": "never-public"},
    )
    Petition.objects.filter(pk=draft.pk).delete()
    page = words(read(organiser_client("Auditors"), LOG))
    assert page.count("Deleted draft: never-public") == 2


def test_the_log_is_filtered_by_kind_person_petition_and_days(petition: Petition, organiser_client: LogIn) -> None:
    everything_done(petition)
    auditor = organiser_client("Auditors")
    somebody = AuditEntry.objects.get(action=AuditAction.SIGNATURE_HELD).actor_id or 0

    def actions(**filters: str | int) -> set[str]:
        response = auditor.get(LOG, filters)
        assert response.status_code == 200
        return {entry.action for entry in response.context["cl"].result_list}

    assert actions(kind="list") == {"SIGNATURE_HELD", "BATCH_STARTED"}
    assert actions(kind="accounts") == {"ACCOUNT_ADDED"}
    assert "ACCOUNT_ADDED" not in actions(actor__id__exact=somebody)
    assert actions(actor__id__exact="0", petition__id__exact="0") == {"ACCOUNT_ADDED"}
    assert "SIGNATURE_HELD" in actions(petition__id__exact=petition.pk)
    today = f"{AuditEntry.objects.latest('pk').at:%Y-%m-%d}"
    assert "SIGNATURE_HELD" in actions(**{"from": today, "to": today})
    assert actions(**{"from": "2011-01-01", "to": "2011-12-31"}) == set()
    for wrong in ({"from": "today"}, {"to": "x"}, {"about": "x-1"}, {"about": "petition-x"}, {"actor__id__exact": "x"}):
        assert actions(**wrong) == set(), wrong
