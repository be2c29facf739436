"""Takes away again what let organisers in, or let them do something, and was taken away since a backup."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet

from signatures.models import AlertWish, Membership, Organiser, RecoveryCode
from signatures.restoring.latest import Rows, facts_now, other_than_noted


def _gone(rows: Rows) -> list[int]:
    return [number for number, entry in rows.items() if entry.is_gone]


def _end_passwords(accounts: set[int]) -> int:
    """Let these accounts log in only after an administrator has made a link for them."""
    ended = 0
    for account in Organiser.objects.filter(pk__in=accounts).select_for_update().order_by("pk"):
        if account.has_usable_password():
            account.password = make_password(None)
            account.save(update_fields=["password"])
            ended += 1
    return ended


def _lower_accounts(rows: Rows) -> int:
    """Close what was closed, take rights away that were taken away, and end passwords that were changed."""
    table = Organiser._meta.db_table
    found, now = other_than_noted(table, rows), facts_now(table, rows.keys())
    names = ("is_active", "is_staff", "is_superuser")
    changed = 0
    for account in Organiser.objects.filter(pk__in=found.keys()).select_for_update().order_by("pk"):
        noted = found[account.pk].facts
        before = [getattr(account, name) for name in names]
        for name in names:
            setattr(account, name, getattr(account, name) and noted[name])
        if before != [getattr(account, name) for name in names]:
            account.save(update_fields=names)
            changed += 1
    return changed + _end_passwords(
        {number for number, entry in found.items() if entry.facts["password"] != now[number]["password"]}
    )


def _take_roles(rows: Rows) -> int:
    found = other_than_noted(Membership._meta.db_table, rows)
    # One that was changed may have been the greater of the two.
    return Membership.objects.filter(pk__in=found.keys()).delete()[0]


def _delete_from(model_name: str) -> Callable[[Rows], int]:
    def apply(rows: Rows) -> int:
        return int(QuerySet(apps.get_model(model_name)).filter(pk__in=_gone(rows)).delete()[0])

    return apply


def _remove_factors(model_name: str) -> Callable[[Rows], int]:
    """Return what removes factors that were removed, and ends the password where a factor was added or removed."""

    def apply(rows: Rows) -> int:
        stored: QuerySet[Any] = QuerySet(apps.get_model(model_name))
        there = set(stored.filter(pk__in=rows.keys()).values_list("pk", flat=True))
        removed = {number for number in there if rows[number].is_gone}
        added = {number for number, entry in rows.items() if not entry.is_gone and number not in there}
        stored.filter(pk__in=removed).delete()
        return len(removed) + _end_passwords({rows[number].facts["user_id"] for number in removed | added})

    return apply


def _use_codes(rows: Rows) -> int:
    found = other_than_noted(RecoveryCode._meta.db_table, rows)
    # Those that were used are worth as little as those that were removed.
    return RecoveryCode.objects.filter(pk__in=found.keys()).delete()[0]


def _end_alerts(rows: Rows) -> int:
    found = other_than_noted(AlertWish._meta.db_table, rows)
    AlertWish.objects.filter(pk__in=found.keys()).delete()
    return len(found)


ACCOUNTS: dict[str, Callable[[Rows], int]] = {
    "signatures_membership": _take_roles,
    "signatures_organiser_groups": _delete_from("signatures.Organiser_groups"),
    "signatures_organiser_user_permissions": _delete_from("signatures.Organiser_user_permissions"),
    "signatures_recoverycode": _use_codes,
    "signatures_totpdevice": _remove_factors("signatures.TotpDevice"),
    "django_otp_webauthn_webauthncredential": _remove_factors("django_otp_webauthn.WebAuthnCredential"),
    "signatures_organiser": _lower_accounts,
    "signatures_alertwish": _end_alerts,
}
