"""Takes the second factor of an account, adds and removes it, and records each of it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django_otp.models import Device
from django_otp_webauthn.models import WebAuthnCredential

from signatures import auditing, tokens
from signatures.models import AuditEntry, Organiser, RecoveryCode, TotpDevice
from signatures.models.choices import AuditAction
from signatures.models.second_factor import keep_whether_factor
from signatures.safeguarding.access_links import lock_account
from signatures.safeguarding.encryption import decrypt, encrypt
from signatures.safeguarding.one_time_codes import step_of
from signatures.safeguarding.session_ending import end_sessions

RECOVERY_CODES = 10


class Kind(Enum):
    """What a second factor is, as the audit log names it."""

    APP = "app"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery code"
    PASSWORD = "password"  # noqa: S105 - a name


def take_code(*, organiser: Organiser, typed: str) -> TotpDevice | None:
    """Return the app whose code was typed, and never take that code again; record a wrong one."""
    with transaction.atomic():
        now = _database_seconds()
        apps: Iterable[TotpDevice] = (
            TotpDevice.objects.select_for_update().filter(user=organiser, confirmed=True).order_by("pk")
        )
        for device in apps:
            try:
                secret = decrypt(device.secret)
            except InvalidToken:
                # Encrypted with a key that has been taken away: a recovery code leads in.
                continue
            step = step_of(secret, typed, now, after=device.last_step)
            if step is not None:
                device.last_step = step
                device.save(update_fields=["last_step"])
                return device
        record_refused(organiser=organiser, kind=Kind.APP)
    return None


def take_recovery_code(*, organiser: Organiser, typed: str) -> int | None:
    """Spend a recovery code and return how many are left, or None if it is none; record either."""
    with transaction.atomic():
        hashes = tokens.recovery_code_hashes(organiser.pk, typed)
        mine = RecoveryCode.objects.filter(organiser=organiser)
        if not mine.filter(code_hash__in=hashes, used_at=None).update(used_at=TransactionNow()):
            record_refused(organiser=organiser, kind=Kind.RECOVERY_CODE)
            return None
        left = mine.filter(used_at=None).count()
        auditing.record(
            actor=organiser, action=AuditAction.RECOVERY_CODE_USED, target=organiser.pk, details={"codes_left": left}
        )
    return left


def record_refused(*, organiser: Organiser, kind: Kind, amount: int | None = None) -> None:
    """Record that somebody who was logged in by password could not show the rest, or not the password again.

    It need not be the owner, who stands there only as the target.

    :param amount: how many times within this hour, if not each is recorded
    """
    details = {"second_factor": kind.value}
    auditing.record(actor=None, action=AuditAction.LOGIN_REFUSED, target=organiser.pk, amount=amount, details=details)


def add_app(*, actor: Organiser, name: str, secret: str, typed: str) -> TotpDevice:
    """Add an app that has shown it knows a secret.

    :param typed: the code that it shows
    :raises ValidationError: if the code is another, or the account has this secret already
    :raises PermissionDenied: if the account was closed meanwhile
    """
    with transaction.atomic():
        lock_owner(actor)
        if secret in _secrets_of(actor):
            # The same form was sent twice.
            raise ValidationError(
                _("This is not the code that the app shows now, or it was used already. Wait for the next one.")
            )
        step = step_of(secret, typed, _database_seconds())
        if step is None:
            raise ValidationError(
                _("This is not the code that the app shows now. Look whether the phone's clock is right.")
            )
        device: TotpDevice = TotpDevice.objects.create(user=actor, name=name, secret=encrypt(secret), last_step=step)
        record_added(actor=actor, kind=Kind.APP)
    return device


def record_added(*, actor: Organiser, kind: Kind) -> None:
    """Record that somebody added a factor to their own account."""
    keep_whether_factor(actor, has_one=True)
    auditing.record(
        actor=actor, action=AuditAction.FACTOR_ADDED, target=actor.pk, details={"second_factor": kind.value}
    )


def make_recovery_codes(*, actor: Organiser) -> list[str]:
    """Return ten new recovery codes, which are stored as hashes only; earlier ones are worth nothing any more."""
    codes = [tokens.new_code() for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        _lock(actor)
        RecoveryCode.objects.filter(organiser=actor).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(organiser=actor, code_hash=tokens.recovery_code_hashes(actor.pk, code)[0]) for code in codes
        )
        auditing.record(actor=actor, action=AuditAction.RECOVERY_CODES_MADE, target=actor.pk, amount=RECOVERY_CODES)
    return codes


def factors_of(organiser: Organiser) -> list[Device]:
    """Return the apps of an account, then its passkeys, each in the order in which they were added."""
    return [
        *TotpDevice.objects.filter(user=organiser, confirmed=True).order_by("pk"),
        *WebAuthnCredential.objects.filter(user=organiser, confirmed=True).order_by("pk"),
    ]


def kind_of(device: Device) -> Kind:
    """Return what a factor is."""
    return Kind.APP if isinstance(device, TotpDevice) else Kind.PASSKEY


def remove_factor(*, actor: Organiser, device_id: str) -> None:
    """Remove one of the actor's own factors; with the last one the recovery codes go, too.

    :param device_id: its ``persistent_id``
    :raises Device.DoesNotExist: if the actor has no such factor
    :raises ValidationError: if it is the last one, and the site requires one
    """
    with transaction.atomic():
        _lock(actor)
        factors = factors_of(actor)
        found = next((one for one in factors if one.persistent_id == device_id), None)
        if found is None:
            raise TotpDevice.DoesNotExist
        if len(factors) == 1 and settings.SECOND_FACTOR_REQUIRED:
            raise ValidationError(_("This is your last second factor, and this site requires one: add another first."))
        found.delete()
        if len(factors) == 1:
            RecoveryCode.objects.filter(organiser=actor).delete()
        keep_whether_factor(actor, has_one=len(factors) > 1)
        details = {"second_factor": kind_of(found).value}
        auditing.record(actor=actor, action=AuditAction.FACTOR_REMOVED, target=actor.pk, details=details)


def remove_all_factors(*, actor: Organiser | None, account: Organiser, reason: str) -> int:
    """Remove every factor and recovery code of an account whose owner has lost them, and end its sessions.

    :param actor: an administrator, or None for the command on the server
    :returns: how many factors there were
    :raises PermissionDenied: if the account may do more than the actor by now
    """
    with transaction.atomic():
        lock_account(account, actor)
        factors = factors_of(account)
        for factor in factors:
            factor.delete()
        RecoveryCode.objects.filter(organiser=account).delete()
        end_sessions(actor=actor, organiser=account)
        auditing.record(
            actor=actor,
            action=AuditAction.FACTOR_REMOVED,
            target=account.pk,
            amount=len(factors),
            reason=reason,
            details={"second_factor": "all"},
        )
    return len(factors)


def removed_by_somebody_else(organiser: Organiser) -> AuditEntry | None:
    """Return the record of who removed all factors of an account that has added none since, or None."""
    last = (
        AuditEntry.objects.filter(
            petition=None,
            target=organiser.pk,
            action__in=[AuditAction.FACTOR_ADDED, AuditAction.FACTOR_REMOVED],
        )
        .select_related("actor")
        .first()
    )
    is_by_others = last is not None and last.action == AuditAction.FACTOR_REMOVED and last.actor_id != organiser.pk
    return last if is_by_others else None


def renew_secrets() -> None:
    """Encrypt the secrets of all apps under the newest key, so that an old one can be dropped."""
    for pk in TotpDevice.objects.values_list("pk", flat=True):
        with transaction.atomic():
            device = TotpDevice.objects.select_for_update().filter(pk=pk).first()
            if device is None:
                continue
            try:
                device.secret = encrypt(decrypt(device.secret))
            except InvalidToken:
                # The key is gone; it may come back from a backup of the settings.
                continue
            device.save(update_fields=["secret"])


def lock_owner(actor: Organiser) -> None:
    """Lock the account to which a factor is added, in the caller's transaction.

    :raises PermissionDenied: if it was closed meanwhile
    """
    locked = lock_account(actor, None)
    if not (locked.is_active and locked.is_staff):
        raise PermissionDenied


def _secrets_of(organiser: Organiser) -> set[str]:
    found = set()
    for secret in TotpDevice.objects.filter(user=organiser).values_list("secret", flat=True):
        try:
            found.add(decrypt(secret))
        except InvalidToken:
            # Encrypted with a key that has been taken away.
            continue
    return found


def _lock(account: Organiser) -> None:
    """Let nobody else change the factors of an account at the same time."""
    Organiser.objects.select_for_update().filter(pk=account.pk).first()


def _database_seconds() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        return float(cursor.fetchone()[0])
