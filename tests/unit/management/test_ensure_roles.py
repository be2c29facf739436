"""The command that creates the roles of the admin."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from signatures.management.commands.ensure_roles import ROLES

pytestmark = pytest.mark.django_db


def ensure_roles() -> tuple[str, str]:
    """Run the command and return its standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    call_command("ensure_roles", stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def held() -> dict[str, set[str]]:
    """Return the permissions of each group."""
    return {
        group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.order_by("id")
    }


def test_each_role_holds_its_permissions_and_every_one_of_them_exists() -> None:
    assert ensure_roles() == ("roles: 6\n", "")
    assert held() == ROLES
    assert list(ROLES) == ["Administrators", "Organisers", "Moderators", "Editors", "Typists", "Auditors"]


def test_a_second_run_changes_nothing_and_undoes_what_was_changed_by_hand() -> None:
    ensure_roles()
    numbers = list(Group.objects.values_list("id", flat=True))
    ensure_roles()
    assert list(Group.objects.values_list("id", flat=True)) == numbers
    editors = Group.objects.get(name="Editors")
    editors.permissions.add(Permission.objects.get(codename="export_signatures"))
    editors.permissions.remove(Permission.objects.get(codename="change_petition"))
    ensure_roles()
    assert held() == ROLES


def test_a_missing_permission_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROLES, "Auditors", {"view_petition", "view_future"})
    assert ensure_roles()[1].strip() == "Auditors: no such permission: view_future"


@pytest.mark.parametrize(
    ("codename", "roles"),
    [
        ("export_signatures", {"Administrators", "Organisers"}),
        ("hand_over_list", {"Administrators", "Organisers"}),
        ("view_signature", {"Administrators", "Organisers", "Moderators"}),
        ("moderate_signatures", {"Administrators", "Organisers", "Moderators"}),
        ("erase_signature", {"Administrators", "Organisers"}),
        ("enter_signatures", {"Administrators", "Organisers", "Typists"}),
        ("purge_petition", {"Administrators"}),
    ],
)
def test_only_roles_that_need_names_see_them_and_fewer_may_export_them(codename: str, roles: set[str]) -> None:
    assert {role for role, codenames in ROLES.items() if codename in codenames} == roles
