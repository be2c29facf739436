"""Accounts of the desk: whoever is added can log in, and nobody gives rights that they do not have."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from signatures.models import Organiser
from tests.support import desk, factories
from tests.support.page_reading import in_language, read, words

LogIn = Callable[[str], Client]
ACCOUNTS = "/admin/signatures/organiser/"
ADD = f"{ACCOUNTS}add/"
PASSWORD = "correct horse battery staple"
pytestmark = pytest.mark.django_db


def account_form(role: str = "Editors", **values: str) -> dict[str, str]:
    """Return a filled-in form for a new account."""
    form = {"username": "anna", "language": "en", "password1": PASSWORD, "password2": PASSWORD, **values}
    return {**form, "groups": str(factories.role_of(role).pk)} if role else form


def roles_of(username: str) -> list[str]:
    """Return the names of the roles of an account."""
    return sorted(Organiser.objects.get(username=username).groups.values_list("name", flat=True))


def page_of(account: Organiser) -> str:
    """Return the path of an account's page."""
    return f"{ACCOUNTS}{account.pk}/change/"


@pytest.mark.parametrize("actor", ["", "Administrators"])
def test_whoever_is_added_logs_in_and_does_what_the_role_may(organiser_client: LogIn, actor: str) -> None:
    assert organiser_client(actor).post(ADD, account_form("Moderators")).status_code == 302
    anna = Organiser.objects.get(username="anna")
    assert (anna.is_staff, anna.is_superuser, roles_of("anna")) == (True, False, ["Moderators"])
    client = Client()
    answer = client.post("/admin/login/?next=/admin/", {"username": "anna", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert client.get("/admin/signatures/signature/").status_code == 200
    assert client.get("/admin/signatures/update/").status_code == 403


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_pages_of_accounts_ask_for_a_role_and_for_nothing_that_is_not_there(
    organiser_client: LogIn, language: str
) -> None:
    other = factories.make_organiser("Editors")
    client = organiser_client("")
    for path in (ADD, page_of(other), f"{ACCOUNTS}{other.pk}/password/"):
        page = read(client, path, **{"accept-language": language})
        assert not [word for word in ("usable", "is_staff", "LDAP", "uthenticat", "утентифи") if word in page], path
    said = words(read(client, ADD, **{"accept-language": language}))
    assert in_language("Auditors: read what was done by whom; they see no signer", language) in said
    assert in_language("Administrator: may do everything, erasing included", language) in said


@pytest.mark.parametrize("missing", ["password1", "password2", "groups"])
def test_no_account_is_made_without_a_password_or_a_role(organiser_client: LogIn, missing: str) -> None:
    form = account_form() | {"usable_password": "false"}
    del form[missing]
    answer = desk.save(organiser_client(""), ADD, form)
    assert answer.status_code == 200
    assert len(desk.errors_on(answer)) == 1
    assert not Organiser.objects.filter(username="anna").exists()


def test_an_administrator_without_a_role_may_do_everything(organiser_client: LogIn) -> None:
    assert organiser_client("").post(ADD, account_form("", is_superuser="on")).status_code == 302
    anna = Organiser.objects.get(username="anna")
    assert (anna.is_superuser, anna.is_staff, roles_of("anna")) == (True, True, [])


def test_an_account_has_one_role_and_another_one_takes_its_place(organiser_client: LogIn) -> None:
    account = factories.make_organiser("Editors")
    client = organiser_client("Administrators")
    form = desk.shown_form(client, page_of(account))
    for role in ("Auditors", "Organisers"):
        sent = form | {"groups": str(factories.role_of(role).pk)}
        assert client.post(page_of(account), sent).status_code == 302
        assert roles_of(account.username) == [role]
    assert "Organisers" in read(client, ACCOUNTS)


def test_somebody_decides_which_role_stays_where_an_account_has_several(organiser_client: LogIn) -> None:
    account = factories.make_organiser("Editors")
    account.groups.add(factories.role_of("Auditors"))
    client = organiser_client("")
    answer = desk.save(client, page_of(account), desk.shown_form(client, page_of(account)) | {"groups": ""})
    assert "Choose a role" in " ".join(desk.errors_on(answer))
    assert roles_of(account.username) == ["Auditors", "Editors"]


def test_whoever_was_shut_out_of_the_desk_is_let_in_by_a_tick_alone(organiser_client: LogIn) -> None:
    account = factories.make_organiser("Editors", language="en")
    Organiser.objects.filter(pk=account.pk).update(is_staff=False)
    client = organiser_client("Administrators")
    form = {"username": account.username, "is_active": "on", "groups": str(account.groups.get().pk)}
    for sent, is_staff in ((form, False), (form | {"is_staff": "on"}, True), (form, True)):
        assert client.post(page_of(account), sent).status_code == 302
        account.refresh_from_db()
        assert account.is_staff == is_staff


def test_only_an_administrator_of_everything_makes_another(organiser_client: LogIn) -> None:
    client = organiser_client("Administrators")
    editor = factories.make_organiser("Editors")
    for path in (ADD, page_of(editor)):
        assert "is_superuser" not in read(client, path)
    assert client.post(ADD, account_form(is_superuser="on", is_staff="on")).status_code == 302
    form = desk.shown_form(client, page_of(editor)) | {"groups": str(editor.groups.get().pk)}
    assert client.post(page_of(editor), form | {"is_superuser": "on"}).status_code == 302
    assert not Organiser.objects.filter(is_superuser=True).exists()
    assert client.post(ADD, account_form("", username="boris", is_superuser="on")).status_code == 200


@pytest.mark.parametrize("is_active", [True, False])
def test_nobody_takes_over_changes_or_deletes_an_account_that_may_do_more(
    organiser_client: LogIn, *, is_active: bool
) -> None:
    chief = factories.make_organiser(is_active=is_active)
    auditor = factories.make_organiser("Auditors", is_active=is_active)
    auditor.user_permissions.add(Permission.objects.get(codename="delete_petition"))
    client = organiser_client("Administrators")
    for account in (chief, auditor):
        password = {"password1": PASSWORD, "password2": PASSWORD, "set-password": "on"}
        assert client.get(page_of(account)).status_code == 200
        assert 'name="_save"' not in read(client, page_of(account))
        assert client.post(page_of(account), {"username": "mine"}).status_code == 403
        assert client.get(f"{ACCOUNTS}{account.pk}/password/").status_code == 403
        assert client.post(f"{ACCOUNTS}{account.pk}/password/", password).status_code == 403
        assert client.post(f"{ACCOUNTS}{account.pk}/delete/", {"post": "yes"}).status_code == 403
        sent = {"action": "delete_selected", "_selected_action": str(account.pk), "post": "yes"}
        assert client.post(ACCOUNTS, sent).status_code in {200, 403}
        kept = Organiser.objects.get(pk=account.pk)
        assert (kept.username, kept.password) == (account.username, account.password)


def test_nobody_gives_a_role_that_may_do_more_than_they_may(organiser_client: LogIn) -> None:
    clerk = factories.make_organiser("Auditors")
    for action in ("add", "change", "view"):
        clerk.user_permissions.add(Permission.objects.get(codename=f"{action}_organiser"))
    client = Client()
    client.force_login(clerk)
    page = read(client, ADD)
    assert "Auditors:" in page
    assert not [role for role in ("Administrators:", "Organisers:", "Moderators:", "Editors:") if role in page]
    answer = desk.save(client, ADD, account_form("Organisers"))
    assert len(desk.errors_on(answer)) == 1
    assert client.post(ADD, account_form("Auditors")).status_code == 302
    assert roles_of("anna") == ["Auditors"]


def test_a_new_password_is_set_and_cannot_be_left_out(organiser_client: LogIn) -> None:
    account = factories.make_organiser("Editors")
    client = organiser_client("Administrators")
    path = f"{ACCOUNTS}{account.pk}/password/"
    for form in ({}, {"usable_password": "false", "unset-password": "on"}):
        assert len(desk.errors_on(desk.save(client, path, form))) == 2
    assert client.post(path, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 302
    account.refresh_from_db()
    assert account.check_password(PASSWORD)
