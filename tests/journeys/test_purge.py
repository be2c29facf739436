"""When the campaign is over, everything stored of its signers goes; numbers, texts and hand-overs stay."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override

from signatures.models import Attempt, AuditEntry, LeadPetitioner, OutgoingMail, Petition, Signature
from signatures.models.choices import AuditAction, PetitionStatus, Visibility
from signatures.moderating.purging import purge_due, purge_petition
from signatures.safeguarding import keys
from signatures.signing.actions import confirm_attempt
from tests.support import factories
from tests.support.database import at_once, query, traces_of
from tests.support.desk import change_path, publish_path, save, shown_form
from tests.support.hand_overs import act, delivery_path, grow_older, look, package_of, prepare, record
from tests.support.mailbox import Mailbox, code_in, paths_in
from tests.support.name_lists import recipient_of
from tests.support.page_reading import in_language, page_of, read, words
from tests.support.tally_reading import counted

pytestmark = pytest.mark.django_db(transaction=True)
LogIn = Callable[[str], Client]
NAME = "Зянон Пазьняк-Zażółć"
CITY = "Суботнікі"
ADDRESS = "zianon@example.org"
REASON = "За свабоду"
LEAD = ("Раіса Міхайлоўская", "Сурвілы", "вуліца Доўгая 1")
PERSON = (NAME, CITY, ADDRESS, REASON, *LEAD)


@pytest.fixture
def campaign(petition: Petition, visitor: Client, mailbox: Mailbox) -> Petition:
    """Return a petition with everything in it that can be stored of people."""
    factories.ask_for_city(petition)
    factories.sign(visitor, petition, visibility="PUBLIC", name=NAME, city=CITY, email=ADDRESS)
    factories.confirm(visitor, code_in(mailbox.deliver()[0]), visibility="PUBLIC", reason=REASON)
    factories.make_signature(petition, name="Second")
    grow_older(petition)
    LeadPetitioner.objects.create(petition=petition, name=LEAD[0], nationality=LEAD[1], address=LEAD[2])
    return petition


def purge_path(petition: Petition) -> str:
    """Return the path of the page that erases."""
    return reverse("admin:petition_purge", args=[petition.pk])


def purge(client: Client, petition: Petition, **values: str) -> HttpResponse:
    """Type the petition's address and press the button."""
    form = {"typed": petition.slug, "reason": "The campaign is over", **values}
    answer = client.post(purge_path(petition), form)
    assert isinstance(answer, HttpResponse)
    return answer


def close(petition: Petition) -> None:
    """Close the petition."""
    Petition.objects.filter(pk=petition.pk).update(status=PetitionStatus.CLOSED)


def test_no_column_of_any_table_holds_a_person_afterwards_and_the_rest_stays(
    campaign: Petition, organiser_client: LogIn, visitor: Client
) -> None:
    administrator = organiser_client("Administrators")
    delivery = prepare(administrator, recipient_of(campaign, "Parliament"), with_workbook="on")
    package_of(administrator, delivery)
    record(administrator, delivery)
    factories.sign(visitor, campaign, name=NAME, email=ADDRESS, visibility="PUBLIC")
    visitor.post(page_of(campaign, "my_signature_request"), {"email": ADDRESS})
    assert traces_of(*PERSON) != []
    marks = [*keys.email_keys(campaign.pk, ADDRESS), *keys.domain_keys(campaign.pk, ADDRESS)]
    mail_key = keys.mail_key(ADDRESS)
    assert {"signatures_signature.email_key", "signatures_signature.domain_key"} <= set(traces_of(*marks))
    close(campaign)
    ledger = list(campaign.tallies.values_list("kind", "amount"))
    page = words(read(administrator, purge_path(campaign)))
    assert "marks that recognise addresses in this petition: 2" in page
    assert "not confirmed yet: 1" in page
    assert "with their addresses: 2" in page
    assert purge(administrator, campaign).status_code == 302
    assert traces_of(*PERSON) == []
    assert traces_of(*marks) == []
    # Kept beside no petition and no signature: how many mails the address was sent today, or that it asked for none.
    assert set(traces_of(mail_key)) <= {"signatures_suppression.mail_key"}
    for model in (Signature, Attempt, OutgoingMail, LeadPetitioner):
        assert not model.objects.exists(), model
    assert list(campaign.tallies.values_list("kind", "amount")) == ledger
    assert counted(campaign) == "2"
    assert delivery.packings.count() == 1
    entry = AuditEntry.objects.get(action=AuditAction.PETITION_PURGED)
    assert (entry.amount, entry.reason) == (2, "The campaign is over")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_public_pages_say_what_was_erased_and_when(
    campaign: Petition, organiser_client: LogIn, visitor: Client, language: str
) -> None:
    close(campaign)
    purge(organiser_client("Administrators"), campaign)
    campaign.refresh_from_db()
    assert campaign.purged_at is not None
    with override(language):
        day = date_format(campaign.purged_at.astimezone(UTC), "j E Y")
    sentence = in_language(
        "On %(day)s (UTC) everything stored of those who signed was erased: names, cities, reasons for signing, and the"
        " marks that recognise their addresses in this petition. The numbers, the texts and the record of hand-overs"
        " stay.",
        language,
        day=day,
    )
    for name in ("petition", "signers", "deliveries"):
        assert sentence in words(read(visitor, page_of(campaign, name, language))), name
    names = read(visitor, page_of(campaign, "signers", language))
    gone = in_language("No names stand here any more: they were erased on %(day)s (UTC).", language, day=day)
    assert gone in words(names)
    assert in_language("There are none yet.", language) not in words(names)
    request = visitor.get(page_of(campaign, "my_signature_request", language))
    assert in_language("Nothing is stored any more", language) in words(request.content.decode())


def test_it_asks_for_the_address_of_the_petition_and_for_a_closed_one(
    campaign: Petition, organiser_client: LogIn
) -> None:
    administrator = organiser_client("Administrators")
    assert purge(administrator, campaign).status_code == 422
    close(campaign)
    assert purge(administrator, campaign, typed=f"{campaign.slug}x").status_code == 422
    assert purge(administrator, campaign, reason="").status_code == 422
    assert Signature.objects.count() == 2
    assert organiser_client("Organisers").get(purge_path(campaign)).status_code == 403


def test_afterwards_nothing_can_be_handed_over_and_no_link_brings_anything_back(
    campaign: Petition, organiser_client: LogIn, visitor: Client, mailbox: Mailbox
) -> None:
    administrator = organiser_client("Administrators")
    delivery = prepare(administrator, recipient_of(campaign, "Parliament"))
    factories.sign(visitor, campaign, email=ADDRESS)
    code = code_in(mailbox.deliver()[0])
    visitor.post(page_of(campaign, "my_signature_request"), {"email": ADDRESS})
    (link,) = paths_in(mailbox.deliver()[0])[:1]
    close(campaign)
    purge(administrator, campaign)
    assert factories.confirm(visitor, code).status_code == 404
    assert look(administrator, recipient_of(campaign, "Parliament")).status_code == 422
    assert act(administrator, delivery, "package").status_code == 422
    assert "erased" in words(read(administrator, delivery_path(delivery)))
    assert visitor.get(link).status_code == 410
    assert visitor.post(page_of(campaign, "my_signature_request"), {"email": ADDRESS}).status_code == 410
    assert not Signature.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_the_day_of_erasure_closes_the_petition_and_erases_with_a_warning_before(
    campaign: Petition, organiser_client: LogIn
) -> None:
    administrator = organiser_client("Administrators")
    today = datetime.now(UTC).date()
    Petition.objects.filter(pk=campaign.pk).update(erase_on=today + timedelta(days=31))
    assert "will be erased" not in words(read(administrator, "/admin/"))
    Petition.objects.filter(pk=campaign.pk).update(erase_on=today + timedelta(days=30))
    assert "will be erased" in words(read(administrator, "/admin/"))
    assert purge_due() == 0
    assert Signature.objects.count() == 2
    Petition.objects.filter(pk=campaign.pk).update(erase_on=today)
    assert [purge_due(), purge_due(), purge_due()] == [0, 1, 0]
    assert traces_of(*PERSON) == []
    closed, purged = AuditEntry.objects.filter(actor=None, reason="retention date").order_by("id")
    assert (closed.action, purged.action) == (AuditAction.PETITION_CLOSED, AuditAction.PETITION_PURGED)


@pytest.mark.parametrize(("days", "is_taken"), [(-1, False), (0, False), (29, False), (30, True), (400, True)])
def test_a_day_of_erasure_leaves_time_for_warnings(
    campaign: Petition, organiser_client: LogIn, days: int, *, is_taken: bool
) -> None:
    administrator = organiser_client("Administrators")
    today = datetime.now(UTC).date()
    form = shown_form(administrator, change_path(campaign)) | {"erase_on": str(today + timedelta(days=days))}
    answer = save(administrator, change_path(campaign), form)
    campaign.refresh_from_db()
    assert (answer.status_code, campaign.erase_on is not None) == ((302, True) if is_taken else (200, False))
    if is_taken:
        entry = AuditEntry.objects.get(action=AuditAction.PETITION_CHANGED)
        assert entry.details == {"fields": ["erase_on"], "erase_on": str(today + timedelta(days=days))}
        # What was set stays possible, however near it has come.
        Petition.objects.filter(pk=campaign.pk).update(erase_on=today + timedelta(days=1))
        form = shown_form(administrator, change_path(campaign)) | {"goal": "500"}
        assert save(administrator, change_path(campaign), form).status_code == 302
    else:
        earliest = (today + timedelta(days=30)).strftime("%-d %B %Y")
        assert f"Choose {earliest} or a later day" in words(answer).replace("\xa0", " ")


@pytest.mark.parametrize("role", ["Organisers", "Editors"])
def test_nobody_erases_by_a_day_who_may_not_erase_by_hand(
    campaign: Petition, organiser_client: LogIn, role: str
) -> None:
    client = organiser_client(role)
    form = shown_form(client, change_path(campaign))
    assert "erase_on" not in form
    day = str(datetime.now(UTC).date() + timedelta(days=60))
    assert save(client, change_path(campaign), form | {"erase_on": day}).status_code == 302
    campaign.refresh_from_db()
    assert campaign.erase_on is None


def test_the_desk_keeps_an_erased_petition_closed(campaign: Petition, organiser_client: LogIn) -> None:
    Petition.objects.update(status=PetitionStatus.CLOSED)
    purge_petition(petition=campaign, reason="Over", actor=None)
    administrator = organiser_client("Administrators")
    form = shown_form(administrator, change_path(campaign)) | {"contact": "later@example.org"}
    opened = {"status": "OPEN", "erase_on": "2099-01-01"}
    assert save(administrator, change_path(campaign), form | opened).status_code == 302
    campaign.refresh_from_db()
    assert (campaign.status, campaign.contact, campaign.erase_on) == ("CLOSED", "later@example.org", None)
    assert "nobody can sign another text" in words(read(administrator, publish_path(campaign)))


def test_a_confirmation_under_way_leaves_nothing_when_the_purge_comes_between(
    petition: Petition, visitor: Client, mailbox: Mailbox
) -> None:
    factories.sign(visitor, petition, email=ADDRESS, name=NAME, visibility="PUBLIC")
    code = code_in(mailbox.deliver()[0])
    close(petition)
    stored, waits = (
        threading.Event(),
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'DELETE'",
    )

    def confirm() -> None:
        with transaction.atomic():
            confirm_attempt(code=code, visibility=Visibility.PUBLIC, reason=None)
            stored.set()
            deadline = time.monotonic() + 20
            while not query(waits) and time.monotonic() < deadline:
                time.sleep(0.01)

    def purge_meanwhile() -> None:
        assert stored.wait(20)
        purge_petition(petition=petition, reason="Over", actor=None)

    at_once(confirm, purge_meanwhile)
    assert not Signature.objects.exists()
    assert not Attempt.objects.exists()
    assert traces_of(*PERSON) == []


def test_the_command_asks_twice_and_says_how_much(campaign: Petition) -> None:
    close(campaign)
    out = io.StringIO()
    call_command("purge", campaign.slug, "--dry-run", stdout=out)
    assert "signatures: 2" in out.getvalue()
    with pytest.raises(CommandError, match=f"--confirm {campaign.slug}"):
        call_command("purge", campaign.slug, "--reason", "over", stdout=out)
    with pytest.raises(CommandError, match="--reason"):
        call_command("purge", campaign.slug, "--confirm", campaign.slug, stdout=out)
    assert Signature.objects.count() == 2
    call_command("purge", campaign.slug, "--confirm", campaign.slug, "--reason", "over", stdout=out)
    assert traces_of(*PERSON) == []
    with pytest.raises(CommandError, match="already"):
        call_command("purge", campaign.slug, "--confirm", campaign.slug, "--reason", "over", stdout=out)
