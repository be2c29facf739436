"""Handing over again: what is new, what is the same, what cannot be made any more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db.models import F
from django.test import Client
from django.utils.formats import date_format
from django.utils.translation import override

from signatures.models import AuditEntry, Petition, Recipient, Signature
from signatures.models.choices import AuditAction, Profile, Visibility
from signatures.texts.publishing import publish_text
from tests.support import factories
from tests.support.hand_overs import (
    HOUR,
    act,
    delivery_path,
    download,
    grow_older,
    hand_over,
    look,
    manifest_of,
    package_of,
    prepare,
    record,
    unpacked,
)
from tests.support.mailbox import Mailbox, paths_in
from tests.support.name_lists import names_in, recipient_of
from tests.support.page_reading import in_language, page_of, read, words

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names, of a petition that two have signed with theirs."""
    for name in ("First", "Second"):
        factories.make_signature(petition, name=name)
    grow_older(petition)
    return recipient_of(petition, "Parliament")


def test_the_same_cut_off_gives_the_same_bytes_whatever_comes_later(parliament: Recipient, organiser: Client) -> None:
    delivery = prepare(organiser, parliament, with_workbook="on")
    before = download(organiser, delivery, "signatures.csv")
    workbook = download(organiser, delivery, "signatures.xlsx")
    record(organiser, delivery)
    factories.make_signature(parliament.petition, name="Later")
    assert download(organiser, delivery, "signatures.csv") == before
    assert download(organiser, delivery, "signatures.xlsx") == workbook
    finished = AuditEntry.objects.filter(action=AuditAction.EXPORT_FINISHED).order_by("-id")[0]
    assert "differing" not in finished.details


def test_only_what_is_new_goes_on_where_the_last_list_that_was_handed_over_ended(
    parliament: Recipient, organiser: Client
) -> None:
    petition = parliament.petition
    assert look(organiser, parliament, only_new="new").status_code == 422
    grow_older(petition, 5 * HOUR)
    first = prepare(organiser, parliament, cut_off=f"{datetime.now(UTC) - 3 * HOUR:%Y-%m-%dT%H:%M}")
    factories.make_signature(petition, name="Third")
    factories.make_signature(petition, visibility=Visibility.COUNTED)
    grow_older(petition)
    assert look(organiser, parliament, only_new="new").status_code == 422, "nothing was handed over yet"
    package_of(organiser, first)
    record(organiser, first)
    page = words(look(organiser, parliament, only_new="new"))
    assert "2 = 1 with names + 1 without" in page
    assert ": 2, of them with names: 1." in page
    second = prepare(organiser, parliament, only_new="new")
    files = unpacked(package_of(organiser, second))
    assert names_in(files["signatures.csv"]) == ["Third"]
    assert manifest_of(files)["only_new_since"] == manifest_of(unpacked(package_of(organiser, first)))["cut_off"]


def test_who_withdrew_or_lowered_the_visibility_since_is_missing_and_the_page_says_how_many(
    parliament: Recipient, organiser: Client
) -> None:
    delivery = prepare(organiser, parliament)
    package_of(organiser, delivery)
    record(organiser, delivery)
    Signature.objects.get(name="First").delete()
    page = words(read(organiser, delivery_path(delivery)))
    assert "When it was made: 2 = 2 with names + 0 without. Made now: 1 = 1 with names + 0 without." in page
    files = unpacked(package_of(organiser, delivery))
    assert names_in(files["signatures.csv"]) == ["Second"]
    finished = AuditEntry.objects.filter(action=AuditAction.EXPORT_FINISHED).order_by("-id")[0]
    assert finished.details["differing"] == ["README.txt", "signatures.csv", "totals.csv"]
    again = words(look(organiser, parliament))
    assert "1 name that was handed over then is no longer on the list." in again


@pytest.mark.parametrize("before", ["TOTALS", "NAMES"])
def test_a_profile_that_changes_after_preparing_gives_no_name_and_breaks_no_file(
    parliament: Recipient, organiser: Client, before: str
) -> None:
    Recipient.objects.filter(pk=parliament.pk).update(profile=before)
    delivery = prepare(organiser, parliament, with_document="on", with_workbook="on")
    made = unpacked(package_of(organiser, delivery))
    after = "NAMES" if before == "TOTALS" else "TOTALS"
    Recipient.objects.filter(pk=parliament.pk).update(profile=after)
    files = unpacked(package_of(organiser, delivery))
    page = words(read(organiser, delivery_path(delivery)))
    if before == "TOTALS":
        assert files == made
        assert "no name comes out" not in page
    else:
        assert names_in(made["signatures.csv"]) == ["First", "Second"]
        assert names_in(files["signatures.csv"]) == []
        assert "This recipient is given totals only now: no name comes out any more." in page
        assert "withdrew" not in page
    assert manifest_of(files)["counts"]["with_names"] is None
    assert record(organiser, delivery).status_code == 302
    assert act(organiser, delivery, "package", password="").status_code == 200
    again = words(look(organiser, parliament))
    assert ("Totals only were handed over then." in again) == (before == "TOTALS")
    Recipient.objects.filter(pk=parliament.pk).update(profile=before)
    assert unpacked(package_of(organiser, delivery))["totals.csv"] == made["totals.csv"]


def test_what_was_prepared_as_totals_counts_no_name_though_its_first_files_are_made_when_names_are_given(
    parliament: Recipient, organiser: Client
) -> None:
    Recipient.objects.filter(pk=parliament.pk).update(profile=Profile.TOTALS)
    delivery = prepare(organiser, parliament, with_document="on")
    Recipient.objects.filter(pk=parliament.pk).update(profile=Profile.NAMES)
    assert "2 = 0 with names + 2 without" in words(read(organiser, delivery_path(delivery)))
    assert "Made now" not in words(read(organiser, delivery_path(delivery)))
    counts = manifest_of(unpacked(package_of(organiser, delivery)))["counts"]
    assert set(counts.values()) == {None}
    assert record(organiser, delivery).status_code == 302
    delivery.refresh_from_db()
    assert (delivery.confirmed, delivery.named) == (2, 0)


def test_a_signer_without_a_name_who_withdraws_is_told_of_to_both_kinds_of_recipients(
    parliament: Recipient, organiser: Client
) -> None:
    petition = parliament.petition
    counted = factories.make_signature(petition, visibility=Visibility.COUNTED)
    grow_older(petition)
    named = prepare(organiser, parliament)
    totals = prepare(organiser, recipient_of(petition, "Government"))
    for delivery in (named, totals):
        assert "Made now" not in words(read(organiser, delivery_path(delivery)))
    counted.delete()
    page = words(read(organiser, delivery_path(named)))
    assert "When it was made: 3 = 2 with names + 1 without. Made now: 2 = 2 with names + 0 without." in page
    page = words(read(organiser, delivery_path(totals)))
    assert "Signatures when it was made: 3. Made now: 2." in page
    package_of(organiser, totals)
    assert "Made now" not in words(read(organiser, delivery_path(totals)))


def test_the_page_says_how_many_names_a_file_holds_now(parliament: Recipient, organiser: Client) -> None:
    delivery = prepare(organiser, parliament)
    assert "Names in this file: 2." in words(read(organiser, delivery_path(delivery)))
    Signature.objects.get(name="First").delete()
    assert "Names in this file: 1." in words(read(organiser, delivery_path(delivery)))


def test_who_only_confirmed_again_is_not_said_to_be_gone(parliament: Recipient, organiser: Client) -> None:
    grow_older(parliament.petition, 3 * HOUR)
    hand_over(organiser, parliament, cut_off=f"{datetime.now(UTC) - 2 * HOUR:%Y-%m-%dT%H:%M}")
    assert "no longer on the list" not in words(look(organiser, parliament))
    Signature.objects.filter(name="First").update(current_since=F("current_since") + 3 * HOUR)
    page = words(look(organiser, parliament))
    assert "1 signer who had signed by then confirmed again since and is listed as confirmed last." in page
    assert "no longer on the list" not in page
    Signature.objects.get(name="Second").delete()
    page = words(look(organiser, parliament))
    assert "At least 1 name that was handed over then is no longer on the list." in page


def test_names_that_were_handed_over_before_the_recipient_was_given_totals_only_are_told_of_so(
    parliament: Recipient, organiser: Client
) -> None:
    hand_over(organiser, parliament)
    Recipient.objects.filter(pk=parliament.pk).update(profile=Profile.TOTALS)
    page = words(look(organiser, parliament))
    assert "Names were handed over then; this recipient is given totals only now." in page
    assert "no longer on the list" not in page


def test_a_text_that_is_published_later_does_not_change_what_was_made(parliament: Recipient, organiser: Client) -> None:
    petition = parliament.petition
    delivery = prepare(organiser, parliament, with_document="on")
    made = unpacked(package_of(organiser, delivery))
    Petition.objects.filter(pk=petition.pk).update(title_en="Another title", title_ru="Другое название")
    petition.refresh_from_db()
    publish_text(petition=petition, actor=None)
    assert unpacked(package_of(organiser, delivery)) == made
    assert "Freedom for all" in made["README.txt"].decode()


def test_a_recipient_that_came_later_is_given_only_those_who_were_shown_it(
    parliament: Recipient, organiser: Client
) -> None:
    petition = parliament.petition
    senate = factories.make_recipient(petition, "Senate", "Сенат")
    publish_text(petition=petition, actor=None)
    factories.make_signature(petition, name="Third")
    grow_older(petition)
    delivery = prepare(organiser, senate)
    assert (delivery.confirmed, delivery.named) == (3, 1)
    assert names_in(download(organiser, delivery, "signatures.csv")) == ["Third"]
    Recipient.objects.filter(pk=senate.pk).update(profile=Profile.TOTALS)
    assert names_in(download(organiser, delivery, "signatures.csv")) == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_my_signature_page_names_the_hand_overs_that_cannot_be_recalled(
    parliament: Recipient, organiser: Client, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    petition = parliament.petition
    hand_over(organiser, parliament)
    visitor.post(page_of(petition, "my_signature_request", language), {"email": "anyone@example.org"})
    (link,) = paths_in(mailbox.deliver()[0])[:1]
    page = words(read(visitor, link))
    assert {"en": "Parliament", "ru": "Парламент"}[language] in page
    assert in_language("Lists already made or handed over cannot be recalled:", language) in page


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_my_signature_page_does_not_say_of_files_that_were_only_made_that_they_were_handed_over(
    parliament: Recipient, organiser: Client, visitor: Client, mailbox: Mailbox, language: str
) -> None:
    petition = parliament.petition
    delivery = prepare(organiser, parliament)
    package_of(organiser, delivery)
    visitor.post(page_of(petition, "my_signature_request", language), {"email": "anyone@example.org"})
    (link,) = paths_in(mailbox.deliver()[0])[:1]
    with override(language):
        facts = {"day": date_format(datetime.now(UTC), "j E Y"), "recipient": parliament.name}
    sentence = "%(day)s: %(recipient)s (files were made; whether they were handed over has not been recorded)"
    only_made = in_language(sentence, language, **facts)
    assert only_made in words(read(visitor, link))
    record(organiser, delivery)
    recorded = "{day}: {recipient}".format(**facts)
    page = words(read(visitor, link))
    assert recorded in page
    assert only_made not in page
    # What was made besides stays on the list beside it.
    package_of(organiser, prepare(organiser, parliament))
    page = words(read(visitor, link))
    assert page.count(recorded) == 2
    assert only_made in page
