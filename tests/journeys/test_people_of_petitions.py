"""The people of one petition: invited, given a role, changed and taken away, with effect on the next request."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from signatures.models import Membership, Organiser, Petition
from tests.support import desk, factories
from tests.support.page_reading import read, words
from tests.support.people import (
    follow,
    invitation,
    invite,
    log_in,
    on_record,
    owner_of,
    people_of,
    role_number,
)

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(organiser_client: LogIn) -> Client:
    """Return the browser of somebody with the role of administrators."""
    return organiser_client("Administrators")


def roles_in(petition: Petition) -> dict[str, str]:
    """Return the roles in a petition by the names of the accounts."""
    rows = Membership.objects.filter(petition=petition).select_related("organiser", "role")
    return {row.organiser.username: row.role.name for row in rows}


def test_somebody_invited_to_a_petition_works_on_it_and_sees_no_other_and_no_account(
    chief: Client, petition: Petition
) -> None:
    other = factories.make_petition()
    assert people_of(petition) in read(chief, "/admin/")
    follow(Client(), invite(chief, petition, "Organisers"))
    anna = log_in("anna")
    assert roles_in(petition) == {"anna": "Organisers"}
    assert anna.get(desk.change_path(petition)).status_code == 200
    assert anna.get(people_of(petition)).status_code == 403
    assert anna.get(people_of(other)).status_code in {403, 404}
    for path in ("/admin/signatures/organiser/", "/admin/signatures/organiser/add/"):
        assert anna.get(path).status_code == 403
    shown = words(read(anna, "/admin/account/"))
    assert str(petition) in shown
    assert "Role in the whole site" not in shown
    name = owner_of(chief).username
    assert on_record("ACCOUNT_ADDED") == [("ACCOUNT_ADDED", name, {"account": "anna", "role": "Organisers"})]


def test_the_smallest_roles_come_first_none_is_chosen_and_administrators_are_not_offered(
    chief: Client, petition: Petition
) -> None:
    page = read(chief, people_of(petition))
    places = [page.index(f"{role}:") for role in ("Editors", "Moderators", "Auditors", "Organisers")]
    assert places == sorted(places)
    assert "checked" not in page
    assert "Administrators:" not in page
    form = invitation()
    del form["role"]
    assert chief.post(people_of(petition), form).status_code == 422


def test_a_role_is_given_changed_and_taken_away_at_once(chief: Client, petition: Petition) -> None:
    account = factories.make_organiser("Auditors")
    account.groups.clear()
    client = Client()
    client.force_login(account)
    name, path = account.username, people_of(petition)
    signers, texts = "/admin/signatures/signature/", desk.change_path(petition)
    for action, role, prefix, seen in (("give", "Moderators", "to-", 200), ("change", "Editors", "", 403)):
        sent = {"action": action, f"{prefix}account": str(account.pk), f"{prefix}role": role_number(role)}
        assert chief.post(path, sent).status_code == 302
        assert roles_in(petition) == {name: role}
        assert client.get(signers).status_code == seen
        assert client.get(texts).status_code == 200
    assert chief.post(path, {"action": "take", "account": str(account.pk)}).status_code == 302
    # Still logged in, without any right.
    assert client.get("/admin/account/").status_code == 200
    assert client.get(texts).status_code in {403, 404}
    assert roles_in(petition) == {}
    assert [(action, details["role"]) for action, _, details in on_record("RIGHTS_GIVEN", "RIGHTS_TAKEN")] == [
        ("RIGHTS_GIVEN", "Moderators"),
        ("RIGHTS_TAKEN", "Moderators"),
        ("RIGHTS_GIVEN", "Editors"),
        ("RIGHTS_TAKEN", "Editors"),
    ]


@pytest.mark.parametrize(
    "form",
    [
        {"role": "Administrators"},
        {"role": "Administrators", "is_superuser": "on", "is_staff": "on", "where": "site"},
        {"role": "no number"},
        {"username": "anna\x00"},
        {"language": "xx"},
    ],
)
def test_the_form_gives_nothing_that_it_does_not_offer(chief: Client, petition: Petition, form: dict[str, str]) -> None:
    sent = invitation() | form
    if form.get("role") == "Administrators":
        sent["role"] = role_number("Administrators")
    assert chief.post(people_of(petition), sent).status_code == 422
    assert not Organiser.objects.filter(username__startswith="anna").exists()


def test_fields_of_other_forms_change_nothing_in_what_an_invitation_gives(chief: Client, petition: Petition) -> None:
    other = factories.make_petition()
    sent = {"is_superuser": "on", "is_staff": "on", "groups": role_number("Administrators"), "petition": str(other.pk)}
    assert chief.post(people_of(petition), invitation("Editors", **sent)).status_code == 200
    anna = Organiser.objects.get(username="anna")
    assert (anna.is_superuser, anna.groups.count(), roles_in(petition), roles_in(other)) == (
        False,
        0,
        {"anna": "Editors"},
        {},
    )


def test_nobody_gives_more_than_they_have_in_this_petition(petition: Petition) -> None:
    other = factories.make_petition()
    clerk = factories.make_organiser("Auditors")
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=("add_organiser", "change_organiser")))
    Membership.objects.create(organiser=clerk, petition=petition, role=factories.role_of("Moderators"))
    client = Client()
    client.force_login(clerk)
    invite(client, petition, "Moderators")
    assert client.post(people_of(other), invitation("Moderators", username="boris")).status_code == 422
    assert client.post(people_of(petition), invitation("Organisers", username="boris")).status_code == 422
    # Nor do they change or take what is more than they have.
    writer = factories.make_organiser("Auditors")
    writer.groups.clear()
    Membership.objects.create(organiser=writer, petition=petition, role=factories.role_of("Organisers"))
    for action in ("change", "take"):
        sent = {"action": action, "account": str(writer.pk), "role": role_number("Auditors")}
        assert client.post(people_of(petition), sent).status_code == 403
    assert roles_in(petition)[writer.username] == "Organisers"


def test_nothing_is_done_to_members_of_other_petitions_or_by_unknown_words(chief: Client, petition: Petition) -> None:
    other = factories.make_petition()
    member = factories.make_organiser("Auditors")
    Membership.objects.create(organiser=member, petition=other, role=factories.role_of("Editors"))
    number = str(member.pk)
    assert chief.post(people_of(petition), {"action": "take", "account": number}).status_code == 404
    for sent in ({"action": "take", "account": "x" * 9}, {"action": "take"}, {"action": "burn"}, {}):
        assert chief.post(people_of(petition), sent).status_code == 400
    changed = chief.post(people_of(petition), {"action": "change", "account": number, "role": role_number("Auditors")})
    assert changed.status_code == 302
    assert (roles_in(petition), roles_in(other)) == ({}, {member.username: "Editors"})
    assert chief.get("/admin/signatures/petition/987654321/people/").status_code == 404


def test_those_of_the_whole_site_and_closed_ones_are_told_apart(chief: Client, petition: Petition) -> None:
    closed = factories.make_organiser("Auditors", is_active=False)
    closed.groups.clear()
    Membership.objects.create(organiser=closed, petition=petition, role=factories.role_of("Editors"))
    page = read(chief, people_of(petition))
    members, others = page.split("With a role in the whole site")
    assert closed.username in members
    assert owner_of(chief).username in others
    assert "closed" in words(members)
    assert 'value="take"' not in members
