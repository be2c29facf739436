"""The whole log can be taken away as lines of JSON, by those who may read all of it, and its head is in manifests."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from signatures import auditing, breaking_off
from signatures.auditing.checking import Break, check_file, check_log
from signatures.auditing.sealing import seal_entries
from signatures.models import AuditEntry, AuditSeal, Membership, Organiser, Packing, Petition
from signatures.models.choices import AuditAction
from tests.support import factories
from tests.support.database import query
from tests.support.hand_overs import grow_older, manifest_of, package_of, prepare, record, unpacked
from tests.support.name_lists import recipient_of
from tests.support.page_reading import page_of, read, words

pytestmark = pytest.mark.django_db
LOG = "/admin/signatures/auditentry/"


def exported(client: Client) -> bytes:
    """Press the button for the export, and return the file."""
    response: Any = client.post(f"{LOG}export/")
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith('attachment; filename="audit-log-')
    assert "no-store" in response.headers["Cache-Control"]
    return b"".join(response.streaming_content)


def auditor_of(petition: Petition) -> Client:
    """Return the browser of an auditor of one petition."""
    organiser = factories.make_organiser("Auditors")
    organiser.groups.clear()
    Membership.objects.create(organiser=organiser, petition=petition, role=factories.role_of("Auditors"))
    client = Client()
    client.force_login(organiser)
    return client


def test_an_auditor_takes_the_log_away_and_that_is_on_record(
    petition: Petition, organiser_client: Callable[[str], Client]
) -> None:
    auditor = organiser_client("Auditors")
    auditing.record(
        actor=Organiser.objects.get(), action=AuditAction.EXPORT_STARTED, petition=petition, reason="Сессия “А”"
    )
    assert "Export the whole log" in read(auditor, LOG)
    content = exported(auditor)
    findings = check_file(io.BytesIO(content))
    assert findings.problems == []
    end, entry = AuditEntry.objects.order_by("-pk")[:2]
    assert (end.action, end.amount) == (AuditAction.LOG_EXPORTED, findings.entries)
    assert end.details == {
        "number": findings.entries,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert (entry.action, entry.amount) == (AuditAction.LOG_EXPORTED, findings.entries)
    assert entry.details == {"number": findings.entries, "digest": findings.head}
    newest = json.loads(content.splitlines()[-1])
    assert newest["entry"]["reason"] == "Сессия “А”"
    assert newest["digest"] == AuditSeal.objects.get(number=newest["number"]).digest
    # The next one tells of the one before.
    assert b"LOG_EXPORTED" in exported(auditor)


def test_an_export_of_the_log_is_broken_off_once_the_right_is_gone_and_that_is_on_record(
    petition: Petition, organiser_client: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaking_off, "SECONDS_BETWEEN_QUESTIONS", 0)
    auditor = organiser_client("Auditors")
    for _ in range(3):
        auditing.record(actor=None, action=AuditAction.EXPORT_STARTED, petition=petition)
    response: Any = auditor.post(f"{LOG}export/")
    lines = iter(response.streaming_content)
    assert next(lines)
    Organiser.objects.get().groups.clear()
    with pytest.raises(breaking_off.BrokenOffError):
        list(lines)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.amount) == (AuditAction.LOG_EXPORTED, 1)
    assert entry.details["broken_off"] == "RIGHT_TAKEN"


def test_an_auditor_of_one_petition_reads_its_entries_alone(petition: Petition) -> None:
    other = factories.make_petition(slug="other", title_en="A secret plan")
    somebody = factories.make_organiser("Editors")
    for actor, of, reason in ((None, petition, "ours"), (somebody, other, "theirs"), (somebody, None, "of nobody")):
        auditing.record(actor=actor, action=AuditAction.EXPORT_STARTED, petition=of, reason=reason)
    auditor = auditor_of(petition)
    page = read(auditor, LOG)
    assert "ours" in page
    for hidden in ("theirs", "of nobody", "A secret plan", somebody.username, "Export the whole log", "Check the log"):
        assert hidden not in page, hidden
    for query_string in (
        f"about=petition-{other.pk}",
        f"about=account-{somebody.pk}",
        f"petition__id__exact={other.pk}",
    ):
        page = read(auditor, f"{LOG}?{query_string}")
        assert "A secret plan" not in page
        assert somebody.username not in page
    hidden_entry = AuditEntry.objects.get(reason="theirs")
    assert auditor.get(f"{LOG}{hidden_entry.pk}/change/").status_code in {302, 403, 404}
    assert auditor.post(f"{LOG}export/").status_code == 403
    assert auditor.get(f"{LOG}check/").status_code == 403
    assert auditor.post(f"{LOG}check/").status_code == 403
    assert not AuditEntry.objects.filter(action=AuditAction.LOG_EXPORTED).exists()


def test_a_manifest_names_the_newest_digest_and_no_number(petition: Petition, organiser: Client) -> None:
    factories.make_signature(petition)
    grow_older(petition)
    delivery = prepare(organiser, recipient_of(petition, "Parliament"))
    manifest = manifest_of(unpacked(package_of(organiser, delivery)))
    seal = AuditSeal.objects.get(digest=manifest["audit_log"]["sha256"])
    assert manifest["audit_log"] == {"sha256": seal.digest}
    assert seal.entry.action == AuditAction.EXPORT_STARTED
    record(organiser, delivery)
    assert seal.digest in read(Client(), f"{page_of(petition, 'deliveries')}{delivery.pk}/manifest.json")
    # It is made once: later downloads give the same.
    assert manifest_of(unpacked(package_of(organiser, delivery))) == manifest


def test_a_log_without_the_head_of_a_manifest_is_broken(
    petition: Petition, organiser: Client, organiser_client: Callable[[str], Client]
) -> None:
    factories.make_signature(petition)
    grow_older(petition)
    delivery = prepare(organiser, recipient_of(petition, "Parliament"))
    package_of(organiser, delivery)
    head = json.loads(Packing.objects.get().manifest)["audit_log"]["sha256"]
    assert check_log().problems == []
    query("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE signatures_auditseal DISABLE TRIGGER USER")
    # Whoever owns the database writes the whole chain anew.
    AuditSeal.objects.all().delete()
    query("ALTER TABLE signatures_auditseal ENABLE TRIGGER USER")
    seal_entries()
    (problem,) = check_log().problems
    assert (problem.kind, problem.number, problem.digest) == (Break.DELIVERY_UNKNOWN, delivery.pk, head)
    page = words(organiser_client("Auditors").post(reverse("admin:audit_check")).content.decode())
    assert f"which the manifest of hand-over {delivery.pk} names" in page
