"""The paths of all kinds of pages of the desk, with rows that they show."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from signatures.approving.actions import ask_second_person
from signatures.approving.gate import Act
from signatures.models import AuditEntry, Batch, BounceCount, Petition
from signatures.models.choices import ApprovalKind
from signatures.moderating.batches import make_batch
from tests.support import factories
from tests.support.desk import change_path, preview_path, publish_path
from tests.support.name_lists import export_path
from tests.support.people import make_link
from tests.support.rules import path_of
from tests.support.sheets import bundle_path, make_sheets, paper_path, sheet_path

NOWHERE = "/admin/nowhere/"
NEVER_MADE = "/admin/set-password/never-made/"


def desk_pages(petition: Petition) -> Iterator[str]:
    """Return the paths of all kinds of pages of the desk."""
    signature = factories.make_signature(petition, name="Аня Ўлашэнка", visibility="PUBLIC", reason="Because")
    held = factories.make_signature(petition, state="HELD", state_reason="HONEYPOT")
    draft = factories.make_petition(publish=False)
    empty = Petition.objects.create(slug="empty")
    other = factories.make_organiser("Editors")
    yield "/admin/"
    yield "/admin/signatures/"
    for model, row in (
        ("petition", petition.pk),
        ("signature", signature.pk),
        ("textversion", signature.text_version_id),
        ("auditentry", AuditEntry.objects.latest("id").pk),
        ("bouncecount", BounceCount.objects.create(provider="gmail.com", kind="PERMANENT", amount=30).pk),
        ("organiser", other.pk),
        ("update", petition.updates.get().pk),
        ("delivery", petition.deliveries.get().pk),
    ):
        for page in ("", f"{row}/change/", f"{row}/history/", "add/", f"{row}/delete/", "?q=a", "999999999/change/"):
            yield f"/admin/signatures/{model}/{page}"
    yield "/admin/signatures/signature/?country=PL&day=2011-01-01&state__exact=HELD"
    yield "/admin/signatures/auditentry/?action__exact=TEXT_PUBLISHED"
    yield "/admin/signatures/auditentry/check/"
    yield f"/admin/signatures/auditentry/?about=petition-{petition.pk}"
    for page in ("link", "close", "open"):
        yield f"/admin/signatures/organiser/{other.pk}/{page}/"
    yield make_link(other)
    yield NEVER_MADE
    yield "/admin/switches/"
    yield "/admin/guide/"
    yield "/admin/guide/fakes/"
    yield "/admin/account/"
    yield "/admin/alerts/"
    yield "/admin/sessions/"
    yield "/admin/logged-in/"
    yield f"/admin/signatures/organiser/{other.pk}/sessions/"
    yield "/admin/approvals/"
    act = Act(petition.pk, ApprovalKind.ERASE_ALL, {}, reason="It is over")
    yield reverse("admin:approval", args=[ask_second_person(act=act, actor=factories.make_organiser()).pk])
    for page in ("", "mine/", "set-up/", "password/", "codes/", "remove/app/1/", f"of/{other.pk}/"):
        yield f"/admin/second-factor/{page}"
    yield "/admin/password_change/"
    yield "/admin/password_change/done/"
    yield f"/admin/signatures/signature/{held.pk}/change/"
    yield f"/admin/signatures/signature/{signature.pk}/erase/"
    yield "/admin/signatures/signature/?reasons=waiting"
    yield reverse("admin:check_files")
    names = ("hand_over", "lead_petitioner", "names", "people", "picture", "purge", "reasons", "rule", "rules", "waves")
    for name in names:
        yield reverse(f"admin:petition_{name}", args=[petition.pk])
    yield reverse("admin:update_publish", args=[petition.updates.get().pk])
    yield reverse("admin:update_preview", args=[petition.updates.get().pk, "ru"])
    yield path_of(make_batch(rule=Batch(petition=petition), actor=other))
    for sheet in (*make_sheets(petition), *make_sheets(petition, lines=1)):
        yield sheet_path(sheet)
        yield bundle_path(sheet.bundle)
    for one in (petition, draft, empty):
        yield paper_path(one)
        yield change_path(one)
        yield publish_path(one)
        for name in ("online", "link", "duplicate", "delete_draft", "close", "archive"):
            yield reverse(f"admin:petition_{name}", args=[one.pk])
        yield export_path(one)
        yield preview_path(one, "en")
        yield preview_path(one, "ru")
    yield NOWHERE
