"""Rows that database constraints reject, whatever stores them."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from signatures.models import (
    Attempt,
    HourTally,
    MailCount,
    OutgoingMail,
    Petition,
    RemovedMark,
    Signature,
    Suppression,
    Tally,
    TextVersion,
    TextVersionBody,
    TextVersionRecipient,
)
from tests.support import factories
from tests.support.database import query, refuses

SIGNATURE_RULES: list[tuple[str, str]] = [
    ("visibility = 'COUNTED'", "signature_name_as_visible"),
    ("visibility = 'COUNTED', name = NULL, city = 'Minsk'", "signature_name_as_visible"),
    ("name = NULL", "signature_name_as_visible"),
    ("visibility = 'EVERYBODY'", "signature_name_as_visible"),
    ("name = ''", "signature_name_not_empty"),
    ("reason = 'Why'", "signature_reason_only_public"),
    ("visibility = 'PUBLIC', reason_approved = true", "signature_approved_reason_exists"),
    ("email_key = NULL", "signature_web_has_key"),
    ("source = 'FAX'", "signature_web_has_key"),
    ("state = 'HELD'", "signature_state_has_reason"),
    ("state_reason = 'ABUSIVE'", "signature_state_has_reason"),
    ("ever_counted = false", "signature_state_has_reason"),
    ("state = 'LOST', state_reason = 'ABUSIVE'", "signature_state_has_reason"),
    ("country = 'by'", "signature_country_code"),
    ("country = 'B'", "signature_country_code"),
    ("language = 'de'", "signature_language_known"),
    ("first_confirmed_at = now() + interval '1 day'", "signature_instants_in_order"),
    ("current_since = now() - interval '1 day'", "signature_instants_in_order"),
    ("text_version_id = 0", "signature"),
]


@pytest.mark.parametrize(("change", "rule"), SIGNATURE_RULES)
def test_a_signature_that_breaks_a_rule_cannot_be_stored(petition: Petition, change: str, rule: str) -> None:
    factories.make_signature(petition)
    refuses(f"UPDATE signatures_signature SET {change}", by=rule)  # noqa: S608


@pytest.mark.parametrize("state", ["CONFIRMED", "HELD", "REMOVED"])
def test_an_address_has_one_signature_in_a_petition_whatever_its_state(petition: Petition, state: str) -> None:
    reason = None if state == "CONFIRMED" else "INVENTED"
    factories.make_signature(petition, address="a@example.org", state=state, state_reason=reason)
    with pytest.raises(IntegrityError, match="signature_one_per_address"), transaction.atomic():
        factories.make_signature(petition, address="a@example.org")
    for source in ("PAPER", "IMPORT"):
        for _ in range(2):
            factories.make_signature(petition, source=source, email_key=None, domain_key=None)
    assert Signature.objects.count() == 5


VERSION = {
    "canonical_json": "{}",
    "digest": hashlib.sha256(b"{}").hexdigest(),
    "languages": ["en"],
    "protection": "GUARDED",
    "asks_city": False,
    "contact": "contact@example.org",
}


def test_a_signature_and_an_attempt_belong_to_the_petition_of_their_text(petition: Petition) -> None:
    other = factories.newest_version(factories.make_petition())
    factories.make_signature(petition)
    refuses("UPDATE signatures_signature SET text_version_id = %s", other.pk, by="signature_version_of_petition")
    make_attempt(petition)
    refuses("UPDATE signatures_attempt SET text_version_id = %s", other.pk, by="attempt_version_of_petition")


def make_attempt(petition: Petition, **values: Any) -> Attempt:
    """Store an attempt as a visitor's form does."""
    values = {
        "code_hash": b"x" * 32,
        "country": "BY",
        "visibility": "COUNTED",
        "language": "en",
        "text_version": factories.newest_version(petition),
        "email_keys": [b"k"],
        "domain_keys": [b"d"],
        **values,
    }
    return Attempt.objects.create(petition=petition, **values)


ATTEMPT_RULES: list[str] = [
    "visibility = 'DELIVERED'",
    "visibility = 'PUBLIC'",
    "name_encrypted = 'x'",
    "city_encrypted = 'x'",
    "country = NULL",
    "visibility = NULL",
    "language = NULL",
    "language = 'de'",
    "text_version_id = NULL",
    "email_keys = NULL",
    "email_keys = '{}'",
    "domain_keys = '{}'",
    "confirmed_at = now()",
    "confirmed_at = now(), country = NULL, visibility = NULL, language = NULL, text_version_id = NULL",
]


@pytest.mark.parametrize("change", ATTEMPT_RULES)
def test_an_attempt_is_whole_or_a_stub_and_nothing_between(petition: Petition, change: str) -> None:
    make_attempt(petition)
    refuses(f"UPDATE signatures_attempt SET {change}", by="attempt_whole_or_stub")  # noqa: S608


def test_an_attempt_has_a_valid_country_and_a_unique_code(petition: Petition) -> None:
    make_attempt(petition)
    refuses("UPDATE signatures_attempt SET country = 'by'", by="attempt_country_code")
    with pytest.raises(IntegrityError, match="code_hash"), transaction.atomic():
        make_attempt(petition)
    week = query("SELECT expires_at - created_at FROM signatures_attempt")[0][0]
    assert week.days == 7


def test_a_mail_is_of_a_known_kind_and_about_an_attempt_where_it_must_be(petition: Petition) -> None:
    values = {"address_encrypted": b"", "secret_encrypted": b"", "language": "en"}
    attempt = make_attempt(petition)
    for kind, about, rule in (
        ("CONFIRM", None, "mail_about_an_attempt"),
        ("MY_SIGNATURE", attempt, "mail_about_an_attempt"),
        ("NEWS", None, "mail_"),
    ):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            OutgoingMail.objects.create(kind=kind, petition=petition, attempt=about, **values)
    with pytest.raises(IntegrityError, match="mail_about_an_attempt"), transaction.atomic():
        OutgoingMail.objects.create(kind="CONFIRM", petition=petition, attempt=attempt, email_keys=[b"k"], **values)


def test_an_attempt_at_a_large_provider_has_no_domain_mark(petition: Petition) -> None:
    assert make_attempt(petition, domain_keys=None).domain_keys is None


def test_an_address_has_one_removed_mark_with_a_known_reason(petition: Petition) -> None:
    RemovedMark.objects.create(petition=petition, email_key=b"k", reason="INVENTED")
    RemovedMark.objects.create(petition=factories.make_petition(), email_key=b"k", reason="INVENTED")
    with pytest.raises(IntegrityError, match="removed_mark_once"), transaction.atomic():
        RemovedMark.objects.create(petition=petition, email_key=b"k", reason="ABUSIVE")
    refuses("UPDATE signatures_removedmark SET reason = 'because'", by="removed_mark_reason_known")
    refuses("UPDATE signatures_removedmark SET state = 'CONFIRMED'", by="removed_mark_of_a_decision")
    refuses("UPDATE signatures_removedmark SET state = 'HELD', reason = 'HONEYPOT'", by="removed_mark_of_a_decision")


TALLY_RULES: list[tuple[dict[str, Any], str]] = [
    ({"kind": "LOST"}, "tally_kind_known"),
    ({"amount": 0}, "only_correction_is_signed"),
    ({"amount": -1}, "only_correction_is_signed"),
]


@pytest.mark.parametrize(("values", "rule"), TALLY_RULES)
def test_a_tally_row_that_breaks_a_rule_cannot_be_stored(petition: Petition, values: dict[str, Any], rule: str) -> None:
    row = {"kind": "CONFIRMED", "amount": 1, **values}
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Tally.objects.create(petition=petition, country="BY", language="en", visibility="PUBLIC", **row)
    with pytest.raises(IntegrityError, match=f"hour_{rule}|{rule}"), transaction.atomic():
        HourTally.objects.create(petition=petition, **row)


def test_only_a_removal_has_a_reason_and_only_a_correction_a_sign(petition: Petition) -> None:
    row = {"petition": petition, "country": "BY", "language": "en", "visibility": "PUBLIC"}
    with pytest.raises(IntegrityError, match="tally_reason_only_of_removal"), transaction.atomic():
        Tally.objects.create(kind="WITHDRAWN", reason="ABUSIVE", amount=1, **row)
    Tally.objects.create(kind="REMOVED", reason="ABUSIVE", amount=1, **row)
    Tally.objects.create(kind="CORRECTION", amount=-1, **row)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("status = 'LOST'", "petition_status_known"),
        ("opens_at = NULL", "petition_opens_before_it_is_public"),
        ("closes_at = opens_at", "petition_closes_after_opening"),
        ("responsible_body_ru = ''", "petition_public_has_somebody_responsible"),
        ("responsible_body_en = NULL", "petition_public_has_somebody_responsible"),
        ("contact = ''", "petition_public_has_somebody_responsible"),
        ("languages = '{}'", "petition_languages_known"),
        ("languages = '{en,de}'", "petition_languages_known"),
    ],
)
def test_a_petition_that_breaks_a_rule_cannot_be_stored(petition: Petition, change: str, rule: str) -> None:
    refuses(f"UPDATE signatures_petition SET {change}", by=rule)  # noqa: S608


def test_two_petitions_cannot_have_the_same_slug(petition: Petition) -> None:
    with pytest.raises(IntegrityError, match="slug"), transaction.atomic():
        factories.make_petition(slug=petition.slug)


def test_a_text_that_breaks_a_rule_cannot_be_stored(petition: Petition) -> None:
    draft = factories.make_petition(publish=False)
    with pytest.raises(IntegrityError, match="text_version_digest_hex"), transaction.atomic():
        TextVersion.objects.create(petition=draft, number=1, **{**VERSION, "digest": "XYZ"})
    with pytest.raises(IntegrityError, match="text_version_digest_of_its_bytes"), transaction.atomic():
        TextVersion.objects.create(petition=draft, number=1, **{**VERSION, "canonical_json": "{ }"})
    with pytest.raises(IntegrityError, match="text_version_protection_known"), transaction.atomic():
        TextVersion.objects.create(petition=draft, number=1, **{**VERSION, "protection": "NONE"})
    for languages in ([], ["de"], ["en", "de"]):
        with pytest.raises(IntegrityError, match="text_version_languages_known"), transaction.atomic():
            TextVersion.objects.create(petition=draft, number=1, **{**VERSION, "languages": languages})
    version = TextVersion.objects.create(petition=draft, number=1, **VERSION)
    body = {"version": version, "language": "en", "title": "t", "summary": "s", "body": "b", "consent": "c"}
    for field in ("title", "summary", "body", "consent"):
        with pytest.raises(IntegrityError, match="text_version_body_not_empty"), transaction.atomic():
            TextVersionBody.objects.create(**{**body, field: ""})
    with pytest.raises(IntegrityError, match="text_version_body_language_known"), transaction.atomic():
        TextVersionBody.objects.create(**{**body, "language": "de"})
    TextVersionBody.objects.create(**body)
    with pytest.raises(IntegrityError, match="text_version_body_per_language"), transaction.atomic():
        TextVersionBody.objects.create(**body)
    with pytest.raises(IntegrityError, match="text_version_recipient_profile"), transaction.atomic():
        TextVersionRecipient.objects.create(
            version=version, recipient=draft.recipients.earliest("id"), profile="ALL", position=0
        )


def test_a_text_is_numbered_once_and_names_a_recipient_once(petition: Petition) -> None:
    version = factories.newest_version(petition)
    with pytest.raises(IntegrityError, match="text_version_numbered"), transaction.atomic():
        TextVersion.objects.create(petition=petition, number=version.number, **VERSION)
    with pytest.raises(IntegrityError, match="text_version_recipient_once"), transaction.atomic():
        TextVersionRecipient.objects.create(
            version=version, recipient=petition.recipients.earliest("id"), profile="NAMES", position=9
        )


def test_there_is_one_row_per_counter_and_per_suppressed_address(db: None) -> None:
    MailCount.objects.create(key=b"x", ends_at="2011-01-01T00:00Z", amount=1)
    with pytest.raises(IntegrityError, match="mailcount_key"), transaction.atomic():
        MailCount.objects.create(key=b"x", ends_at="2011-01-02T00:00Z", amount=1)
    Suppression.objects.create(mail_key=b"x")
    with pytest.raises(IntegrityError, match="mail_key"), transaction.atomic():
        Suppression.objects.create(mail_key=b"x")


def test_the_string_of_a_row_reveals_nothing_about_a_person(petition: Petition) -> None:
    signature = factories.make_signature(petition, name="Somebody Named")
    rows = [signature, make_attempt(petition), Suppression.objects.create(mail_key=b"x")]
    for row in rows:
        assert str(row) == str(row.pk)


def test_a_petition_with_signatures_cannot_be_deleted(petition: Petition) -> None:
    factories.make_signature(petition)
    refuses("DELETE FROM signatures_petition", by="ever published is not deleted")
