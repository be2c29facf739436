"""Accounts of the desk: whoever is invited can log in, and nobody gives rights that they do not have."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from signatures.models import AccessLink, Membership, Organiser, Petition, TotpDevice
from tests.support import desk, factories
from tests.support.page_reading import read, words
from tests.support.people import (
    ACCOUNTS,
    ADD,
    follow,
    link_on,
    log_in,
    on_record,
    owner_of,
    page_of,
    people_of,
    role_number,
)
from tests.support.second_factor import grow_old

LogIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db


def account_form(role: str = "Editors", **values: str) -> dict[str, str]:
    """Return a filled-in form for a new account with a role in the whole site."""
    form = {"username": "anna", "language": "en", "where": "site", **values}
    return {**form, "role": role_number(role)} if role else form


def roles_of(username: str) -> list[str]:
    """Return the names of the roles of an account in the whole site."""
    return sorted(Organiser.objects.get(username=username).groups.values_list("name", flat=True))


@pytest.mark.parametrize("actor", ["", "Administrators"])
def test_whoever_is_added_chooses_a_password_logs_in_and_does_what_the_role_may(
    organiser_client: LogIn, actor: str
) -> None:
    client = organiser_client(actor)
    link = link_on(client.post(ADD, account_form("Moderators")))
    anna = Organiser.objects.get(username="anna")
    assert (anna.is_staff, anna.is_superuser, roles_of("anna")) == (True, False, ["Moderators"])
    assert not anna.has_usable_password()
    assert follow(Client(), link)["Location"] == "/admin/login/"
    hers = log_in("anna")
    assert hers.get("/admin/signatures/signature/").status_code == 200
    assert hers.get("/admin/signatures/update/").status_code == 403
    name = owner_of(client).username
    assert on_record("ACCOUNT_ADDED", "LINK_MADE", "LINK_USED") == [
        ("ACCOUNT_ADDED", name, {"account": "anna", "role": "Moderators"}),
        ("LINK_MADE", name, {"account": "anna", "link": "INVITATION"}),
        ("LINK_USED", "anna", {"account": "anna", "link": "INVITATION", "made_by": name}),
    ]


def test_a_new_account_is_for_one_petition_and_for_the_whole_site_only_as_an_exception(
    organiser_client: LogIn, petition: Petition
) -> None:
    client = organiser_client("Administrators")
    page = read(client, ADD)
    assert page.index('value="petition"') < page.index('value="site"')
    assert page.count("checked") == 1
    sent = account_form("Editors", where="petition")
    assert "Choose the petition." in desk.errors_on(desk.save(client, ADD, sent))
    sent["petition"] = str(petition.pk)
    whole = desk.save(client, ADD, sent | {"role": role_number("Administrators")})
    assert "This role is possible for the whole site only." in desk.errors_on(whole)
    assert not Organiser.objects.filter(username="anna").exists()
    link_on(client.post(ADD, sent))
    anna = Organiser.objects.get(username="anna")
    assert roles_of("anna") == []
    assert [(one.petition_id, one.role.name) for one in anna.memberships.all()] == [(petition.pk, "Editors")]
    listed = words(read(client, ACCOUNTS))
    assert f"{petition}: Editors" in listed


@pytest.mark.parametrize("missing", ["username", "role", "where"])
def test_no_account_is_made_without_a_name_a_role_or_a_place(organiser_client: LogIn, missing: str) -> None:
    form = account_form()
    del form[missing]
    answer = desk.save(organiser_client(""), ADD, form)
    assert answer.status_code == 422
    assert desk.errors_on(answer)
    assert not Organiser.objects.filter(username="anna").exists()
    assert not AccessLink.objects.exists()


def test_names_that_differ_in_case_alone_are_one(organiser_client: LogIn) -> None:
    client = organiser_client("")
    link_on(client.post(ADD, account_form(username="Алесь")))
    answer = desk.save(client, ADD, account_form(username="алесь"))
    assert desk.errors_on(answer) == ["There is an account of this name already."]


def test_an_administrator_without_a_role_may_do_everything(organiser_client: LogIn) -> None:
    link_on(organiser_client("").post(ADD, account_form("", is_superuser="on")))
    anna = Organiser.objects.get(username="anna")
    assert (anna.is_superuser, anna.is_staff, roles_of("anna")) == (True, True, [])
    assert on_record("ACCOUNT_ADDED")[0][2]["role"] == "SUPERUSER"


def test_an_account_has_one_role_in_the_site_and_another_one_takes_its_place(organiser_client: LogIn) -> None:
    account = factories.make_organiser("Editors")
    client = organiser_client("Administrators")
    form = desk.shown_form(client, page_of(account))
    for role in ("Auditors", "Organisers"):
        assert client.post(page_of(account), form | {"groups": role_number(role)}).status_code == 302
        assert roles_of(account.username) == [role]
    assert [(action, details["role"]) for action, _, details in on_record("RIGHTS_TAKEN", "RIGHTS_GIVEN")] == [
        ("RIGHTS_TAKEN", "Editors"),
        ("RIGHTS_GIVEN", "Auditors"),
        ("RIGHTS_TAKEN", "Auditors"),
        ("RIGHTS_GIVEN", "Organisers"),
    ]


def test_the_role_in_the_site_can_go_where_one_in_a_petition_stays(organiser_client: LogIn, petition: Petition) -> None:
    account = factories.make_organiser("Editors")
    client = organiser_client("Administrators")
    form = desk.shown_form(client, page_of(account)) | {"groups": ""}
    assert "Choose a role" in " ".join(desk.errors_on(desk.save(client, page_of(account), form)))
    Membership.objects.create(organiser=account, petition=petition, role=factories.role_of("Auditors"))
    assert client.post(page_of(account), form).status_code == 302
    assert roles_of(account.username) == []


def test_whoever_was_shut_out_of_the_desk_is_let_in_by_a_tick_alone(organiser_client: LogIn) -> None:
    account = factories.make_organiser("Editors", language="en")
    Organiser.objects.filter(pk=account.pk).update(is_staff=False)
    client = organiser_client("Administrators")
    form = {"language": "en", "groups": str(account.groups.get().pk)}
    for sent, is_staff in ((form, False), (form | {"is_staff": "on"}, True), (form, True)):
        assert client.post(page_of(account), sent).status_code == 302
        account.refresh_from_db()
        assert account.is_staff == is_staff
    assert [details["fields"] for _, _, details in on_record("ACCOUNT_CHANGED")] == [["is_staff"]]


def test_only_an_administrator_of_everything_makes_another(organiser_client: LogIn) -> None:
    client = organiser_client("Administrators")
    editor = factories.make_organiser("Editors")
    for path in (ADD, page_of(editor)):
        assert "is_superuser" not in read(client, path)
    link_on(client.post(ADD, account_form(is_superuser="on", is_staff="on")))
    form = desk.shown_form(client, page_of(editor)) | {"groups": str(editor.groups.get().pk)}
    assert client.post(page_of(editor), form | {"is_superuser": "on"}).status_code == 302
    assert not Organiser.objects.filter(is_superuser=True).exists()
    assert client.post(ADD, account_form("", username="boris", is_superuser="on")).status_code == 422


@pytest.mark.parametrize("is_active", [True, False])
def test_nobody_takes_over_changes_or_closes_an_account_that_may_do_more(
    organiser_client: LogIn, petition: Petition, *, is_active: bool
) -> None:
    chief = factories.make_organiser(is_active=is_active)
    auditor = factories.make_organiser("Auditors", is_active=is_active)
    auditor.user_permissions.add(Permission.objects.get(codename="delete_petition"))
    clerk = factories.make_organiser("Auditors")
    clerk.user_permissions.set(Permission.objects.filter(codename__in=("change_organiser", "view_organiser")))
    member = factories.make_organiser("Auditors", is_active=is_active)
    Membership.objects.create(organiser=member, petition=petition, role=factories.role_of("Moderators"))
    clerks = Client()
    clerks.force_login(clerk)
    for client, account in ((organiser_client("Administrators"), chief), (clerks, member), (clerks, auditor)):
        before = Organiser.objects.filter(pk=account.pk).values().get()
        assert 'name="_save"' not in read(client, page_of(account))
        assert client.post(page_of(account), {"language": "ru"}).status_code == 403
        for page in ("link", "close", "open", "delete"):
            assert client.get(page_of(account, page)).status_code == 403
            assert client.post(page_of(account, page), {"reason": "mine", "post": "yes"}).status_code == 403
        assert Organiser.objects.filter(pk=account.pk).values().get() == before


def test_nobody_gives_a_role_that_may_do_more_than_they_may(organiser_client: LogIn) -> None:
    clerk = factories.make_organiser("Auditors")
    for action in ("add", "change", "view"):
        clerk.user_permissions.add(Permission.objects.get(codename=f"{action}_organiser"))
    client = Client()
    client.force_login(clerk)
    page = read(client, ADD)
    assert "Auditors:" in page
    assert not [role for role in ("Administrators:", "Organisers:", "Moderators:", "Editors:") if role in page]
    assert len(desk.errors_on(desk.save(client, ADD, account_form("Organisers")))) == 1
    link_on(client.post(ADD, account_form("Auditors")))
    assert roles_of("anna") == ["Auditors"]


def test_the_owner_alone_chooses_the_language_of_an_account(organiser_client: LogIn) -> None:
    client = organiser_client("Editors")
    assert "Editors" in words(read(client, "/admin/account/"))
    assert client.post("/admin/account/", {"language": "ru"}).status_code == 302
    assert client.get("/admin/")["Content-Language"] == "ru"
    assert client.post("/admin/account/", {"language": "xx"}).status_code == 422
    name = owner_of(client).username
    assert on_record("ACCOUNT_CHANGED") == [("ACCOUNT_CHANGED", name, {"account": name, "fields": ["language"]})]


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_gives_or_takes_access_asks_for_a_fresh_proof(
    organiser_client: LogIn, petition: Petition, method: str
) -> None:
    client, account = organiser_client(""), factories.make_organiser("Editors")
    TotpDevice.objects.create(user=account, name="app", secret=b"")
    before = Organiser.objects.order_by("pk").values_list("pk", "password", "is_active", "language")
    known = list(before)
    grow_old(client)
    pages = [page_of(account, page) for page in ("link", "close", "open", "change")]
    for path in [*pages, ADD, people_of(petition), f"/admin/second-factor/of/{account.pk}/"]:
        answer = getattr(client, method)(path, account_form("Moderators", reason="x", action="invite"))
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/admin/second-factor/password/?next="), path
    assert list(before.all()) == known
    assert TotpDevice.objects.exists()
