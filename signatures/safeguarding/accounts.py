"""What becomes of accounts: added, changed, closed and opened again, each on record; never deleted."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from signatures import auditing
from signatures.models import Membership, Organiser, Petition
from signatures.models.access_link import LinkKind
from signatures.models.choices import AuditAction
from signatures.safeguarding.access_links import (
    add_link,
    end_link,
    end_links_made_by,
    lock_account,
    void_password,
    void_password_and_link,
)

# How the audit log calls an account that may do everything; roles stand there under their stored names.
EVERYTHING = "SUPERUSER"


def invite(
    *, username: str, language: str, role: Group | None, petition: Petition | None, actor: Organiser
) -> tuple[Organiser, str]:
    """Add an account with one role, and return it with the token of the link that sets its password.

    :param role: in the petition, or in the whole site; None for an account that may do everything
    :param petition: None for the whole site
    :raises ValidationError: if there is an account of this name
    :raises PermissionDenied: if the actor does not have what is given
    """
    _check_given(actor, role, petition)
    with transaction.atomic():
        account = Organiser(username=username, language=language, is_staff=True, is_superuser=role is None)
        account.set_unusable_password()
        try:
            with transaction.atomic():
                account.save()
        except IntegrityError as error:
            raise ValidationError({"username": _("There is an account of this name already.")}) from error
        if role is not None and petition is not None:
            Membership.objects.create(organiser=account, petition=petition, role=role)
        elif role is not None:
            account.groups.set([role])
        auditing.record(
            actor=actor,
            action=AuditAction.ACCOUNT_ADDED,
            petition=petition,
            target=account.pk,
            details={"account": username, "role": role.name if role is not None else EVERYTHING},
        )
        return account, add_link(account=account, kind=LinkKind.INVITATION, actor=actor)


def record_first_account(*, account: Organiser) -> None:
    """Record, in the caller's transaction, that a command has added an account that may do everything."""
    auditing.record(
        actor=None,
        action=AuditAction.ACCOUNT_ADDED,
        target=account.pk,
        details={"account": account.username, "role": EVERYTHING},
    )


def change_account(*, account: Organiser, language: str, let_in: bool = False, actor: Organiser) -> None:
    """Change the language of an account, and let it in again if it was shut out of the desk.

    :raises PermissionDenied: if it may do more than the actor, who is not its owner
    """
    with transaction.atomic():
        locked = lock_account(account, None if account.pk == actor.pk else actor)
        fields = []
        if locked.language != language:
            locked.language = language
            fields.append("language")
        if let_in and not locked.is_staff:
            locked.is_staff = True
            fields.append("is_staff")
        if fields:
            locked.save(update_fields=fields)
            auditing.record(
                actor=actor,
                action=AuditAction.ACCOUNT_CHANGED,
                target=locked.pk,
                details={"account": locked.username, "fields": fields},
            )


def change_own_password(*, account: Organiser, password: str) -> Organiser:
    """Set the password that the owner of an account has chosen, and return the account as it stands now.

    :param account: as it was when the request began, which may be long ago
    :param password: that its form has found good enough
    :raises PermissionDenied: if the account was closed since, or its password changed or taken away
    """
    with transaction.atomic():
        locked = Organiser.objects.select_for_update().get(pk=account.pk)
        is_same = constant_time_compare(locked.password, account.password)
        if not (locked.is_active and locked.is_staff and is_same):
            raise PermissionDenied
        locked.set_password(password)
        # The password alone: nothing else may come back as it was.
        locked.save(update_fields=["password"])
        auditing.record(actor=locked, action=AuditAction.PASSWORD_CHANGED, target=locked.pk)
    return locked


def give_site_role(*, account: Organiser, role: Group | None, everything: bool, actor: Organiser) -> None:
    """Give an account one role in the whole site, in place of what it had there.

    :param role: None for no role
    :param everything: whether the account may do everything, whatever its role
    :raises ValidationError: if nobody else could do everything then
    :raises PermissionDenied: if it may do more than the actor, or would then
    """
    with transaction.atomic():
        _lock_administrators()
        locked = lock_account(account, actor)
        before = _site_roles(locked)
        after = ({role.name} if role is not None else set()) | ({EVERYTHING} if everything else set())
        if before == after:
            return
        if after - before:
            if everything and not locked.is_superuser:
                _check_given(actor, None, None)
            if role is not None and role.name not in before:
                _check_given(actor, role, None)
        if not everything:
            _keep_an_administrator(locked)
        locked.is_superuser = everything
        locked.save(update_fields=["is_superuser"])
        locked.groups.set([role] if role is not None else [])
        if before - after and not everything:
            end_links_made_by(locked)
        for action, names in ((AuditAction.RIGHTS_TAKEN, before - after), (AuditAction.RIGHTS_GIVEN, after - before)):
            for name in sorted(names):
                _record_rights(action, locked, name, None, actor)


def give_role(*, account: Organiser, petition: Petition, role: Group, actor: Organiser) -> None:
    """Give an account a role in a petition, in place of the one it had there; it holds from the next request on.

    :raises ValidationError: if the account is closed
    :raises PermissionDenied: if the actor does not have what is given, or the account may do more than the actor
    """
    _check_given(actor, role, petition)
    with transaction.atomic():
        locked = lock_account(account, actor)
        if not locked.is_active:
            raise ValidationError(_("This account is closed. Open it first."))
        membership = Membership.objects.filter(organiser=locked, petition=petition).select_related("role").first()
        if membership is not None:
            if membership.role_id == role.pk:
                return
            membership.delete()
            end_links_made_by(locked)
            _record_rights(AuditAction.RIGHTS_TAKEN, locked, membership.role.name, petition, actor)
        Membership.objects.create(organiser=locked, petition=petition, role=role)
        _record_rights(AuditAction.RIGHTS_GIVEN, locked, role.name, petition, actor)


def take_role(*, account: Organiser, petition: Petition, actor: Organiser) -> None:
    """Take an account's role in a petition away, from the next request on.

    :raises PermissionDenied: if the account may do more than the actor
    """
    with transaction.atomic():
        locked = lock_account(account, actor)
        membership = Membership.objects.filter(organiser=locked, petition=petition).select_related("role").first()
        if membership is not None:
            membership.delete()
            end_links_made_by(locked)
            _record_rights(AuditAction.RIGHTS_TAKEN, locked, membership.role.name, petition, actor)


def close_account(*, account: Organiser, reason: str, actor: Organiser) -> None:
    """Close an account: its sessions, password, alerts and links, also those it made, end; its roles have no effect.

    :raises ValidationError: if it is the actor's own, or nobody else could do everything then
    :raises PermissionDenied: if it may do more than the actor
    """
    with transaction.atomic():
        _lock_administrators()
        locked = lock_account(account, actor)
        if locked.pk == actor.pk:
            raise ValidationError(_("Nobody closes their own account: ask another administrator."))
        _keep_an_administrator(locked)
        if not locked.is_active:
            return
        locked.is_active = False
        locked.save(update_fields=["is_active"])
        void_password(locked)
        end_link(locked)
        end_links_made_by(locked)
        _record_account(AuditAction.ACCOUNT_CLOSED, locked, reason, actor)


def open_account(*, account: Organiser, reason: str, actor: Organiser) -> str:
    """Open a closed account again with the roles it had, and return the token of the link that sets its password.

    :raises ValidationError: if it is open
    :raises PermissionDenied: if it may do more than the actor
    """
    with transaction.atomic():
        locked = lock_account(account, actor)
        if locked.is_active:
            raise ValidationError(_("This account is open."))
        locked.is_active = True
        locked.save(update_fields=["is_active"])
        _record_account(AuditAction.ACCOUNT_OPENED, locked, reason, actor)
        return void_password_and_link(account=locked, reason=reason, actor=actor)


def _check_given(actor: Organiser, role: Group | None, petition: Petition | None) -> None:
    """Refuse to let anybody give more than they have."""
    if role is None:
        allowed = actor.is_superuser
    elif petition is None:
        allowed = actor.roles_to_give().filter(pk=role.pk).exists()
    else:
        allowed = actor.roles_to_give_in(petition.pk).filter(pk=role.pk).exists()
    if not allowed:
        raise PermissionDenied


def _lock_administrators() -> None:
    """Lock all that may do everything, so that no two of them end each other's rights at once."""
    administrators = Organiser.objects.select_for_update(no_key=True).filter(is_superuser=True)
    list(administrators.order_by("pk").values_list("pk", flat=True))


def _keep_an_administrator(account: Organiser) -> None:
    if account.is_active and account.is_last_administrator():
        raise ValidationError(
            _("This is the last account that may do everything. Let another one do everything before that.")
        )


def _site_roles(account: Organiser) -> set[str]:
    names = set(account.groups.values_list("name", flat=True))
    return names | {EVERYTHING} if account.is_superuser else names


def _record_rights(
    action: AuditAction, account: Organiser, role: str, petition: Petition | None, actor: Organiser
) -> None:
    details = {"account": account.username, "role": role}
    auditing.record(actor=actor, action=action, petition=petition, target=account.pk, details=details)


def _record_account(action: AuditAction, account: Organiser, reason: str, actor: Organiser) -> None:
    details = {"account": account.username}
    auditing.record(actor=actor, action=action, target=account.pk, reason=reason, details=details)
