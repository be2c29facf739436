"""What organisers want to be told by mail: enter an address, confirm it by a code, end it, and its end by refusal."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from cryptography.fernet import InvalidToken
from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from signatures import auditing, tokens
from signatures.mailing.envelopes import Envelope, open_envelope
from signatures.models import AlertNews, AlertWish, Organiser, OutgoingMail
from signatures.models.alert import AlertWishQuerySet
from signatures.models.choices import AlertKind, AuditAction, MailKind
from signatures.models.clock import UtcDay, lately
from signatures.safeguarding.addresses import canonical_address
from signatures.safeguarding.encryption import encrypt

CODE_LIFETIME = timedelta(days=7)
# Nobody has this site write to a row of strangers.
CODES_A_DAY = 3


def wish_for_alerts(*, kinds: Sequence[AlertKind], address: str | None, language: str, actor: Organiser) -> None:
    """Store what an organiser wants to be told; a new address is sent a code, and nothing else until it is typed.

    :param address: a new one, or None to keep the one that is stored
    :param language: of the mails, where the account has none
    :raises ValidationError: if there is no address, or too many were entered today
    """
    with transaction.atomic():
        wish = _locked(actor, language)
        if address is not None:
            _enter(wish, address)
        elif wish.address_encrypted is None:
            raise ValidationError(_("Enter an address."))
        is_changed = set(wish.kinds) != set(kinds)
        wish.kinds, wish.language = [kind.value for kind in kinds], language
        wish.save()
        if is_changed:
            _record(wish, actor)


def _locked(organiser: Organiser, language: str) -> AlertWish:
    AlertWish.objects.bulk_create([AlertWish(organiser=organiser, language=language)], ignore_conflicts=True)
    return AlertWish.objects.select_for_update().get(organiser=organiser)


def _enter(wish: AlertWish, address: str) -> None:
    """Replace the address, and queue a mail with a code to it; none to one that was sent a code that still works."""
    if _is_there(wish, address):
        return
    today = AlertWish.objects.filter(pk=wish.pk).values_list(UtcDay(TransactionNow()), flat=True).get()
    sent = wish.codes_sent if wish.codes_on == today else 0
    if sent >= CODES_A_DAY:
        raise ValidationError(_("Three addresses were entered today. Try again tomorrow."))
    code = tokens.new_code()
    _forget(wish)
    wish.codes_on, wish.codes_sent = today, sent + 1
    wish.address_encrypted = Envelope(address, "").seal()
    wish.code_hash = tokens.code_hashes(code)[0]
    wish.asked_at = TransactionNow()
    wish.save()
    OutgoingMail.objects.create(
        kind=MailKind.ALERT_CHECK,
        wish=wish,
        language=wish.organiser.language or wish.language,
        address_encrypted=wish.address_encrypted,
        secret_encrypted=encrypt(code),
    )


def _is_there(wish: AlertWish, address: str) -> bool:
    """Return whether this address is confirmed already, or was sent a code that still works."""
    stored = address_of(wish)
    if stored is None or canonical_address(stored) != canonical_address(address):
        return False
    return wish.confirmed_at is not None or _of_pending(wish).exists()


def _of_pending(wish: AlertWish) -> AlertWishQuerySet:
    return AlertWish.objects.filter(lately("asked_at", CODE_LIFETIME), pk=wish.pk, code_hash__isnull=False)


def address_of(wish: AlertWish) -> str | None:
    """Return the stored address, or None if there is none, or its key is gone."""
    if wish.address_encrypted is None:
        return None
    try:
        return open_envelope(wish.address_encrypted).address
    except InvalidToken:
        return None


def confirm_alerts(*, code: str, actor: Organiser) -> None:
    """Confirm the address by the code that was sent to it.

    :param code: in its normal form
    :raises ValidationError: if it is another one, or older than seven days
    """
    with transaction.atomic():
        wishes = AlertWish.objects.filter(
            lately("asked_at", CODE_LIFETIME), organiser=actor, code_hash__in=tokens.code_hashes(code)
        )
        wish = wishes.select_for_update().first()
        if wish is None:
            raise ValidationError(_("This is not the code that we sent, or it is older than seven days."))
        AlertWish.objects.filter(pk=wish.pk).update(confirmed_at=TransactionNow(), code_hash=None)
        OutgoingMail.objects.filter(wish=wish, kind=MailKind.ALERT_CHECK).delete()


def end_alerts(*, actor: Organiser) -> None:
    """End an organiser's alerts, and delete the address with everything that waits to be told to it."""
    with transaction.atomic():
        wish = AlertWish.objects.select_for_update().filter(organiser=actor).first()
        if wish is not None:
            _end(wish, actor)


def end_alerts_by_link(*, mark: uuid.UUID) -> None:
    """End the alerts to the address that a link was sent to; does nothing if they ended already."""
    with transaction.atomic():
        wish = AlertWish.objects.select_for_update().filter(mark=mark).first()
        if wish is not None:
            _end(wish, None)


def _end(wish: AlertWish, actor: Organiser | None) -> None:
    _forget(wish)
    wish.kinds, wish.refused_at = [], None
    wish.save()
    _record(wish, actor)


def note_refused(wish_id: int, address: str) -> None:
    """Forget an address that its mail server has refused for good, and remember that, so that its owner learns of it.

    :param address: that was refused, in case another was entered meanwhile
    """
    wish = AlertWish.objects.select_for_update().filter(pk=wish_id).first()
    if wish is not None and address_of(wish) == address:
        _forget(wish)
        wish.refused_at = TransactionNow()
        wish.save()


def renew_addresses() -> None:
    """Encrypt all addresses under the newest key, so that an old one can be dropped; forget those without a key."""
    for pk in AlertWish.objects.filter(address_encrypted__isnull=False).values_list("pk", flat=True):
        with transaction.atomic():
            wish = AlertWish.objects.select_for_update().filter(pk=pk, address_encrypted__isnull=False).first()
            if wish is None:
                continue
            address = address_of(wish)
            if address is None:
                _forget(wish)
            else:
                wish.address_encrypted = Envelope(address, "").seal()
            wish.save()


def _forget(wish: AlertWish) -> None:
    """Drop the address and whatever waits to be sent to it, without saving; what was ticked stays."""
    OutgoingMail.objects.filter(wish=wish).delete()
    AlertNews.objects.filter(wish=wish).delete()
    wish.address_encrypted = wish.code_hash = wish.asked_at = wish.confirmed_at = wish.refused_at = None
    wish.mark = uuid.uuid4()


def _record(wish: AlertWish, actor: Organiser | None) -> None:
    auditing.record(
        actor=actor,
        action=AuditAction.ALERTS_CHANGED,
        target=wish.organiser_id,
        details={"kinds": sorted(wish.kinds)},
    )
