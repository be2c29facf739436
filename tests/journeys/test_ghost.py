"""A ghost account, another's password, names looked at in her name, and no trace: each step is refused or on record."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from signatures.models import AuditEntry, Organiser, Petition
from signatures.safeguarding.accounts import close_account, give_site_role
from tests.support import desk, factories
from tests.support.database import at_once, query, refuses
from tests.support.page_reading import read, words
from tests.support.people import ADD, follow, link_on, log_in, on_record, owner_of, page_of, reset, role_number

LogIn = Callable[[str], Client]
SIGNATURES = "/admin/signatures/signature/"


@pytest.mark.django_db
def test_the_ghosts_way_leaves_its_maker_on_record_at_each_step(
    organiser_client: LogIn, petition: Petition, settings: Settings
) -> None:
    settings.LOGIN_RATES = ["1000/m"]
    victim = factories.make_organiser("Organisers", language="en")
    maker = organiser_client("Administrators")
    name = owner_of(maker).username
    # The ghost is added.
    form = {"username": "ghost", "language": "en", "where": "site", "role": role_number("Administrators")}
    follow(Client(), link_on(maker.post(ADD, form)))
    ghost = log_in("ghost")
    # It cannot set her password, only make a link, which ends her sessions and is told to her.
    assert ghost.post(page_of(victim, "password"), {"password1": "x", "password2": "x"}).status_code == 302
    assert Organiser.objects.get(pk=victim.pk).password == victim.password
    follow(Client(), reset(ghost, victim))
    as_her = log_in(victim.username)
    assert "ghost made a link for a new password" in words(read(as_her, "/admin/"))
    assert as_her.get(SIGNATURES).status_code == 200
    # It cannot be deleted or renamed, by nobody.
    account = Organiser.objects.get(username="ghost")
    assert maker.post(page_of(account, "delete"), {"post": "yes"}).status_code == 403
    maker.post("/admin/signatures/organiser/", {"action": "delete_selected", "_selected_action": str(account.pk)})
    sent = desk.shown_form(maker, page_of(account)) | {"username": "angel", "groups": role_number("Administrators")}
    maker.post(page_of(account), sent)
    maker.post(page_of(account, "close"), {"reason": "no trace"})
    assert Organiser.objects.get(pk=account.pk).username == "ghost"
    # Whoever looked at names as her had a password that the ghost's link set, and the ghost was the maker's.
    her = victim.username
    assert on_record("ACCOUNT_ADDED", "LINK_MADE", "LINK_USED", "NAMES_VIEWED", "ACCOUNT_CLOSED") == [
        ("ACCOUNT_ADDED", name, {"account": "ghost", "role": "Administrators"}),
        ("LINK_MADE", name, {"account": "ghost", "link": "INVITATION"}),
        ("LINK_USED", "ghost", {"account": "ghost", "link": "INVITATION", "made_by": name}),
        ("LINK_MADE", "ghost", {"account": her, "link": "RESET"}),
        ("LINK_USED", her, {"account": her, "link": "RESET", "made_by": "ghost"}),
        ("NAMES_VIEWED", her, AuditEntry.objects.get(action="NAMES_VIEWED").details),
        ("ACCOUNT_CLOSED", name, {"account": "ghost"}),
    ]
    log = words(read(maker, "/admin/signatures/auditentry/"))
    assert "Password set by such a link" in log


@pytest.mark.django_db
def test_with_a_second_factor_her_password_alone_opens_nothing(
    organiser_client: LogIn, petition: Petition, settings: Settings
) -> None:
    victim = factories.make_organiser("Organisers")
    follow(Client(), reset(organiser_client("Administrators"), victim))
    as_her = log_in(victim.username)
    settings.SECOND_FACTOR_REQUIRED = True
    assert as_her.get(SIGNATURES).status_code == 302
    assert not AuditEntry.objects.filter(action="NAMES_VIEWED").exists()


@pytest.mark.django_db
def test_the_database_keeps_every_account_under_its_name() -> None:
    account = factories.make_organiser("Auditors")
    query("SET CONSTRAINTS ALL IMMEDIATE")
    refuses("DELETE FROM signatures_organiser", by="cannot be changed or del")
    refuses("TRUNCATE signatures_organiser CASCADE", by="cannot be emptied")
    refuses("UPDATE signatures_organiser SET username = 'other'", by="an account keeps its name")
    query("UPDATE signatures_organiser SET language = 'ru', username = username")
    assert Organiser.objects.get().username == account.username


@pytest.mark.django_db
def test_the_last_administrator_is_neither_closed_nor_made_less(organiser_client: LogIn) -> None:
    client = organiser_client("")
    last = owner_of(client)
    assert client.post(page_of(last, "close"), {"reason": "tired"}).status_code == 422
    sent = desk.shown_form(client, page_of(last)) | {"groups": role_number("Administrators")}
    del sent["is_superuser"]
    answer = desk.save(client, page_of(last), sent)
    assert "This is the last account that may do everything" in " ".join(desk.errors_on(answer))
    kept = Organiser.objects.get(pk=last.pk)
    assert (kept.is_superuser, kept.is_active) == (True, True)
    factories.make_organiser()
    assert client.post(page_of(last), sent).status_code == 302
    assert not Organiser.objects.get(pk=last.pk).is_superuser


@pytest.mark.django_db(transaction=True)
def test_two_last_administrators_who_end_each_other_at_once_leave_one() -> None:
    first, second = factories.make_organiser(), factories.make_organiser()
    role = factories.role_of("Auditors")

    def close() -> bool:
        try:
            close_account(account=second, reason="mine", actor=Organiser.objects.get(pk=first.pk))
        except ValidationError:
            return False
        return True

    def demote() -> bool:
        try:
            give_site_role(account=first, role=role, everything=False, actor=Organiser.objects.get(pk=second.pk))
        except ValidationError:
            return False
        return True

    assert sorted(at_once(close, demote)) == [False, True]
    assert Organiser.objects.filter(is_superuser=True, is_active=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_a_link_at_once_one_sets_the_password() -> None:
    account = factories.make_organiser("Auditors")
    chief = Client()
    chief.force_login(factories.make_organiser())
    link = reset(chief, account)
    first, second = "correct horse battery staple", "purple monkey dishwasher lamp"
    answers = at_once(
        lambda: follow(Client(), link, first).status_code, lambda: follow(Client(), link, second).status_code
    )
    assert sorted(answers) == [302, 404]
    account.refresh_from_db()
    assert account.check_password(first if answers[0] == 302 else second)
    assert len(on_record("LINK_USED")) == 1
