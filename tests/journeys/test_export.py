"""Who is on the list that a recipient is given, and who can make one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from signatures.delivering.columns import Layout
from signatures.delivering.downloads import NotGivenNamesError, start_export
from signatures.delivering.preview import preview_exports
from signatures.models import AuditEntry, Petition, Recipient, Signature
from signatures.models.choices import Profile, SignatureState, StateReason, Visibility
from signatures.texts.publishing import publish_text
from tests.support import factories
from tests.support.mailbox import Mailbox, code_in
from tests.support.name_lists import (
    add_signatures,
    content_of,
    export_path,
    names_given_to,
    order_list,
    recipient_of,
    recorded_exports,
    rows_in,
)
from tests.support.page_reading import in_language, read, words

# A list is read over a connection of its own, which sees only what is committed.
COMMITTED = pytest.mark.django_db(transaction=True)
LogIn = Callable[[str], Client]


@pytest.fixture
def parliament(petition: Petition) -> Recipient:
    """Return the recipient that is given names."""
    return recipient_of(petition, "Parliament")


@pytest.fixture
def government(petition: Petition) -> Recipient:
    """Return the recipient that is given totals."""
    return recipient_of(petition, "Government")


def change_profile(recipient: Recipient, profile: Profile) -> None:
    """Give a recipient another profile, without publishing it."""
    recipient.profile = profile
    recipient.save()


def publish_profile(recipient: Recipient, profile: Profile) -> None:
    """Give a recipient another profile and publish it."""
    change_profile(recipient, profile)
    publish_text(petition=recipient.petition, actor=None)


def sign_as(petition: Petition, *names: str) -> None:
    """Sign the newest text under each name."""
    for name in names:
        factories.make_signature(petition, name=name)


def test_the_desk_says_what_a_list_would_hold_before_it_is_made(petition: Petition, organiser_client: LogIn) -> None:
    add_signatures(petition, [f"Signer {number}" for number in range(3871)] + [None] * 1343)
    page = read(organiser_client("Organisers"), export_path(petition))
    assert "5,214 confirmed = 3,871 with names + 1,343 without" in words(page)
    assert "Names in this file: 3,871. Give it only to Parliament." in words(page)
    assert words(page).count("confirmed =") == 1
    assert "Totals only: there is no list of names for it." in words(page)
    assert "Signer 1" not in page
    assert recorded_exports() == []


def test_the_desk_says_it_in_russian_with_russian_numbers(petition: Petition) -> None:
    add_signatures(petition, [f"Signer {number}" for number in range(1000)] + [None] * 21)
    client = Client()
    client.force_login(factories.make_organiser("Organisers", language="ru"))
    page = words(read(client, export_path(petition)))
    sentence = "%(confirmed)s confirmed = %(named)s with names + %(unnamed)s without"
    assert in_language(sentence, "ru", confirmed="1 021", named="1 000", unnamed="21") in page
    assert "confirmed =" not in page
    assert "Парламент" in page


@COMMITTED
def test_a_list_has_exactly_the_confirmed_who_let_this_recipient_see_their_name(
    petition: Petition, parliament: Recipient, organiser_client: LogIn
) -> None:
    factories.make_signature(petition, name="Delivered", visibility=Visibility.DELIVERED)
    factories.make_signature(petition, visibility=Visibility.COUNTED)
    factories.make_signature(petition, name="Public", visibility=Visibility.PUBLIC)
    for state in (SignatureState.HELD, SignatureState.REMOVED):
        factories.make_signature(petition, name=state.value, state=state, state_reason=StateReason.INVENTED)
    sign_as(factories.make_petition(), "Of another petition")
    assert names_given_to(organiser_client("Organisers"), parliament) == ["Delivered", "Public"]


@COMMITTED
def test_a_name_goes_to_nobody_but_those_whom_its_signer_was_shown_as_given_names(
    petition: Petition, parliament: Recipient, government: Recipient, organiser_client: LogIn
) -> None:
    sign_as(petition, "First")
    court = factories.make_recipient(petition, "Court", "Суд", Profile.NAMES)
    publish_text(petition=petition, actor=None)
    sign_as(petition, "Second")
    publish_profile(parliament, Profile.TOTALS)
    sign_as(petition, "Third")
    publish_profile(parliament, Profile.NAMES)
    sign_as(petition, "Fourth")
    publish_profile(government, Profile.NAMES)
    sign_as(petition, "Fifth")

    expected = {
        parliament: ["First", "Second", "Fourth", "Fifth"],
        court: ["Second", "Third", "Fourth", "Fifth"],
        government: ["Fifth"],
    }
    client = organiser_client("Organisers")
    previews = {preview.recipient: preview.named for preview in preview_exports(petition)}
    for recipient, names in expected.items():
        assert names_given_to(client, recipient) == names
        assert previews[recipient] == len(names)
        assert list(Signature.objects.named_for(recipient).order_by("id").values_list("name", flat=True)) == names


@COMMITTED
def test_a_profile_raised_without_publishing_gives_no_name(
    petition: Petition, government: Recipient, organiser_client: LogIn
) -> None:
    sign_as(petition, "Signer")
    change_profile(government, Profile.NAMES)
    content = content_of(order_list(organiser_client("Organisers"), government))
    assert len(rows_in(content)) == 1
    assert b"Signer" not in content


def test_a_profile_lowered_without_publishing_is_obeyed_at_once(
    petition: Petition, parliament: Recipient, organiser_client: LogIn
) -> None:
    sign_as(petition, "Signer")
    change_profile(parliament, Profile.TOTALS)
    client = organiser_client("Organisers")
    assert "confirmed =" not in words(read(client, export_path(petition)))
    assert order_list(client, parliament).status_code == 422
    assert recorded_exports() == []


@COMMITTED
def test_signing_again_is_signing_the_newer_text(
    petition: Petition, parliament: Recipient, visitor: Client, mailbox: Mailbox, organiser_client: LogIn
) -> None:
    factories.make_signature(petition, address="a@example.org", name="Earlier")
    publish_profile(parliament, Profile.TOTALS)
    factories.sign(visitor, petition, email="a@example.org", name="Later")
    factories.confirm(visitor, code_in(mailbox.deliver()[0]))
    change_profile(parliament, Profile.NAMES)
    assert names_given_to(organiser_client("Organisers"), parliament) == []


def test_a_recipient_of_totals_is_refused_a_list_by_form_and_by_action(
    petition: Petition, government: Recipient, organiser_client: LogIn
) -> None:
    sign_as(petition, "Signer")
    refused = order_list(organiser_client("Organisers"), government)
    assert refused.status_code == 422
    assert "This recipient is given totals only: there is no list of names for it." in words(refused)
    with pytest.raises(NotGivenNamesError):
        start_export(recipient=government, layout=Layout("en", ","), reason="Hand-over", actor=None)
    assert recorded_exports() == []


def test_no_list_is_made_for_a_recipient_that_no_signer_was_shown(petition: Petition, organiser_client: LogIn) -> None:
    court = factories.make_recipient(petition, "Court", "Суд")
    refused = order_list(organiser_client("Organisers"), court)
    assert refused.status_code == 422
    assert "No signer has been shown this recipient yet: publish the text first." in words(refused)
    with pytest.raises(NotGivenNamesError):
        start_export(recipient=court, layout=Layout("en", ","), reason="Hand-over", actor=None)
    assert recorded_exports() == []


def test_a_profile_lowered_while_the_form_was_open_is_refused(petition: Petition, parliament: Recipient) -> None:
    Recipient.objects.filter(pk=parliament.pk).update(profile=Profile.TOTALS)
    assert parliament.profile == Profile.NAMES
    with pytest.raises(NotGivenNamesError):
        start_export(recipient=parliament, layout=Layout("en", ","), reason="Hand-over", actor=None)


@COMMITTED
def test_a_profile_lowered_before_the_first_row_is_read_gives_no_name(
    petition: Petition, parliament: Recipient
) -> None:
    sign_as(petition, "Signer")
    pieces = start_export(recipient=parliament, layout=Layout("en", ","), reason="Hand-over", actor=None)
    Recipient.objects.filter(pk=parliament.pk).update(profile=Profile.TOTALS)
    assert b"Signer" not in b"".join(pieces)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": ""},
        {"reason": "   "},
        {"reason": "x" * 201},
        {"delimiter": "\t"},
        {"language": "de"},
        {"recipient": ""},
        {"recipient": "0"},
    ],
)
def test_nothing_is_made_without_a_reason_or_from_a_broken_form(
    parliament: Recipient, organiser_client: LogIn, wrong: dict[str, str]
) -> None:
    assert order_list(organiser_client("Organisers"), parliament, **wrong).status_code == 422
    assert recorded_exports() == []


def test_a_recipient_of_another_petition_is_not_offered(petition: Petition, organiser_client: LogIn) -> None:
    other = recipient_of(factories.make_petition(), "Parliament")
    form = {"recipient": other.pk, "language": "en", "delimiter": ",", "reason": "Hand-over"}
    assert organiser_client("Organisers").post(export_path(petition), form).status_code == 422
    assert recorded_exports() == []


@COMMITTED
@pytest.mark.parametrize(
    ("role", "allowed"),
    [("", True), ("Administrators", True), ("Organisers", True), ("Editors", False), ("Auditors", False)],
)
def test_a_list_is_made_by_those_alone_whose_role_allows_it(
    petition: Petition, parliament: Recipient, organiser_client: LogIn, role: str, allowed: bool
) -> None:
    sign_as(petition, "Signer")
    client = organiser_client(role)
    assert client.get(export_path(petition)).status_code == (200 if allowed else 403)
    answer = order_list(client, parliament)
    assert answer.status_code == (200 if allowed else 403)
    assert (b"Signer" in answer.getvalue()) == allowed
    assert bool(recorded_exports()) == allowed
    linked = export_path(petition) in client.get(f"/admin/signatures/petition/{petition.pk}/change/").content.decode()
    assert linked == allowed


def test_nobody_and_an_account_without_a_role_get_no_list(petition: Petition, parliament: Recipient) -> None:
    sign_as(petition, "Signer")
    client = Client()
    assert client.get(export_path(petition))["Location"].startswith("/admin/login/")
    assert order_list(client, parliament).status_code == 403
    organiser = factories.make_organiser("Auditors")
    organiser.groups.clear()
    client.force_login(organiser)
    assert client.get(export_path(petition)).status_code == 404
    assert order_list(client, parliament).status_code == 404
    assert not AuditEntry.objects.filter(actor=organiser).exists()


def test_a_form_that_another_site_sends_makes_no_list(petition: Petition, parliament: Recipient) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.make_organiser())
    assert order_list(client, parliament).status_code == 403
    assert recorded_exports() == []
