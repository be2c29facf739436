"""Links, valid once, by which the owners of accounts set their passwords: nobody else ever knows one."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from signatures import auditing, tokens
from signatures.models import AccessLink, Organiser
from signatures.models.access_link import LIFETIMES, AccessLinkQuerySet, LinkKind
from signatures.models.choices import AuditAction


class LinkOverError(Exception):
    """There is no such link, or it was used, has expired, or was replaced by another."""


def make_reset_link(*, account: Organiser, reason: str, actor: Organiser | None) -> str:
    """Make a link for a new password, and return its token; the old password and all sessions end.

    :param actor: None for the command
    :raises ValidationError: if the account is closed
    :raises PermissionDenied: if the account may do more than the actor, or is the actor's own
    """
    # One's own password is changed with the old one: a session that was left open must not do without.
    if actor is not None and actor.pk == account.pk:
        raise PermissionDenied
    with transaction.atomic():
        locked = lock_account(account, actor)
        if not locked.is_active or not locked.is_staff:
            raise ValidationError(_("This account is closed. Open it first."))
        return void_password_and_link(account=locked, reason=reason, actor=actor)


def void_password_and_link(*, account: Organiser, reason: str, actor: Organiser | None) -> str:
    """Take an account's password away, which ends its sessions, and make a link for a new one."""
    void_password(account)
    return add_link(account=account, kind=LinkKind.RESET, reason=reason, actor=actor)


def void_password(account: Organiser) -> None:
    """Take an account's password away: every session is bound to it, and ends."""
    account.set_unusable_password()
    account.save(update_fields=["password"])


def add_link(*, account: Organiser, kind: LinkKind, reason: str = "", actor: Organiser | None) -> str:
    """Add a link to a locked account, in the caller's transaction; it ends the one before. Return its token."""
    end_link(account)
    token = tokens.new_access_token()
    AccessLink.objects.create(
        account=account,
        kind=kind,
        token_hash=tokens.access_token_hashes(token)[0],
        made_by=actor,
        expires_at=TransactionNow() + LIFETIMES[kind],
    )
    auditing.record(
        actor=actor,
        action=AuditAction.LINK_MADE,
        target=account.pk,
        reason=reason,
        details={"account": account.username, "link": kind.value},
    )
    return token


def end_link(account: Organiser) -> None:
    """End the link of an account that was not used yet, if there is one."""
    AccessLink.objects.filter(account=account, used_at__isnull=True).delete()


def end_links_made_by(maker: Organiser) -> None:
    """End the links for others that an account, which loses rights, has made and that were not used yet."""
    AccessLink.objects.filter(made_by=maker, used_at__isnull=True).delete()


def owner_of_link(token: str) -> Organiser:
    """Return the account that a link is for.

    :raises LinkOverError: if it cannot be used, for whatever reason
    """
    return _link_of(token, AccessLink.objects.all()).account


def use_link(*, token: str, password: str) -> Organiser:
    """Set the password of the account that a link is for; every session of it ends, and so does the link.

    :param password: that its form has found good enough
    :raises LinkOverError: if it cannot be used, for whatever reason
    """
    with transaction.atomic():
        # Whatever ends a link locks its account first, or else, where the maker loses rights, the link alone.
        Organiser.objects.select_for_update().get(pk=owner_of_link(token).pk)
        link = _link_of(token, AccessLink.objects.select_for_update(of=("self",)))
        account = link.account
        account.set_password(password)
        account.save(update_fields=["password"])
        AccessLink.objects.filter(pk=link.pk).update(used_at=TransactionNow())
        auditing.record(
            actor=account,
            action=AuditAction.LINK_USED,
            target=account.pk,
            details={
                "account": account.username,
                "link": link.kind,
                "made_by": link.made_by.username if link.made_by is not None else "",
            },
        )
    return account


def lock_account(account: Organiser, actor: Organiser | None) -> Organiser:
    """Return an account as it stands now, locked until the transaction ends.

    :raises PermissionDenied: if it may do more than the actor
    """
    # What merely refers to the account, such as its entries in the audit log, need not wait.
    locked = Organiser.objects.select_for_update(no_key=True).get(pk=account.pk)
    if actor is not None and not actor.may_change(locked):
        raise PermissionDenied
    return locked


def _link_of(token: str, links: AccessLinkQuerySet) -> AccessLink:
    valid = links.valid().select_related("account", "made_by")
    link = valid.filter(token_hash__in=tokens.access_token_hashes(token)).first()
    if link is None:
        raise LinkOverError
    return link
