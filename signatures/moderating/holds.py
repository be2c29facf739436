"""Standing holds: new signatures of a group are held for an organiser, until somebody ends that or its time is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.functions import TransactionNow
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from signatures import auditing
from signatures.models import Organiser, StandingHold, Wave
from signatures.models.choices import AuditAction
from signatures.models.rule import Group
from signatures.models.standing_hold import STANDING_HOLD_LIFETIME_MAX

# A flood that pauses over a weekend goes on being held; honest people from the same domain wait no longer than that.
HOLD_LIFETIME = timedelta(days=7)
# Not at each look of the worker.
EXTENDED_EVERY = timedelta(hours=1)
OWN_CONDITIONS = ("domain_key", "country", "language", "visibility", "text_version_id")


def start_hold(
    *, group: Group, lifetime: timedelta = HOLD_LIFETIME, actor: Organiser | None, name_key: bytes | None = None
) -> StandingHold:
    """Hold new signatures of a group from now on; those that are there already stay as they are.

    :param group: its conditions on new signatures; a rule or a wave may have more, which hold for stored ones only
    :param name_key: the key of a name, if only those under it are held
    :param actor: the organiser, or None for the worker
    :raises ValidationError: if that would be everybody, or longer than a hold may last
    """
    conditions = {name: getattr(group, name) for name in OWN_CONDITIONS}
    if name_key is None and not any(conditions.values()):
        raise ValidationError(_("Nothing says which new signatures are held."))
    if not timedelta() < lifetime <= STANDING_HOLD_LIFETIME_MAX:
        raise ValidationError(_("New signatures are held for thirty days at most."))
    with transaction.atomic():
        hold = StandingHold(petition_id=group.petition_id, name_key=name_key, actor=actor, **conditions)
        hold.ends_at = TransactionNow() + lifetime
        hold.save(force_insert=True)
        hold.refresh_from_db()
        _record(hold, AuditAction.HOLD_STARTED, actor, until=hold.ends_at)
    return hold


def extend_hold(*, hold: StandingHold, now: datetime) -> None:
    """Let a hold last from now on as long as a new one, in the worker's transaction; never shorten it."""
    if hold.ends_at < now + HOLD_LIFETIME - EXTENDED_EVERY:
        hold.ends_at = now + HOLD_LIFETIME
        hold.save(update_fields=["ends_at"])


def end_hold(*, pk: int, actor: Organiser) -> None:
    """Let new signatures of a group count again; its wave starts no other hold by itself.

    :raises StandingHold.DoesNotExist: if it is over already
    """
    with transaction.atomic():
        waves = _lock_waves(pk)
        hold = StandingHold.objects.select_for_update().get(pk=pk)
        Wave.objects.filter(pk__in=waves).update(may_hold=False)
        _end(hold, actor)


def hold_wave(*, pk: int, actor: Organiser) -> StandingHold:
    """Hold new signatures like those of a wave.

    :raises Wave.DoesNotExist: if it is erased already
    :raises ValidationError: if others would be held, too, or these are held already
    """
    with transaction.atomic():
        wave = Wave.objects.select_for_update(of=("self",)).get(pk=pk)
        if not wave.is_narrow:
            raise ValidationError(_("This is far too wide to be held at once: decide by a rule."))
        if wave.hold_id is not None:
            raise ValidationError(_("New ones are held already."))
        name_key = bytes(wave.name_key) if wave.name_key is not None else None
        wave.hold = start_hold(group=wave, name_key=name_key, actor=actor)
        wave.may_hold, wave.is_fine = True, False
        wave.save(update_fields=["hold", "may_hold", "is_fine"])
        return wave.hold


def note_wave(*, pk: int, is_fine: bool, actor: Organiser) -> None:
    """Note that an organiser has looked at a wave, so that it waits no longer; its hold stays, unless it is fine.

    :param is_fine: it is nothing to worry about: it is not told again, and its hold ends
    :raises Wave.DoesNotExist: if it is erased already
    """
    with transaction.atomic():
        wave = Wave.objects.select_for_update(of=("self",)).select_related("hold").get(pk=pk)
        hold = wave.hold
        wave.looked_at, wave.looked_by, wave.is_fine = TransactionNow(), actor, is_fine or wave.is_fine
        wave.save(update_fields=["looked_at", "looked_by", "is_fine"])
        if is_fine and hold is not None:
            _end(hold, actor)


def end_due_holds() -> int:
    """Delete the holds whose time is over, with their keys, and return how many."""
    ended = 0
    for pk in StandingHold.objects.all().over().values_list("pk", flat=True):
        with transaction.atomic():
            _lock_waves(pk)
            # Meanwhile another worker may have ended it, or the wave has gone on.
            hold = StandingHold.objects.all().over().select_for_update().filter(pk=pk).first()
            if hold is not None:
                _end(hold, None)
                ended += 1
    return ended


def _lock_waves(hold: int) -> list[int]:
    """Lock the waves of a hold, always before the hold itself, and return their numbers."""
    return list(Wave.objects.select_for_update(of=("self",)).filter(hold=hold).values_list("pk", flat=True))


def _end(hold: StandingHold, actor: Organiser | None) -> None:
    _record(hold, AuditAction.HOLD_ENDED, actor)
    # Nobody needs its key any more.
    hold.delete()


def _record(hold: StandingHold, action: AuditAction, actor: Organiser | None, until: datetime | None = None) -> None:
    """Record which kinds of conditions a hold has, never a key."""
    kinds = {
        "domain": hold.domain_key is not None,
        "name": hold.name_key is not None,
        "country": bool(hold.country),
        "language": bool(hold.language),
        "visibility": bool(hold.visibility),
        "text version": hold.text_version_id is not None,
    }
    details: dict[str, object] = {"by": [name for name, is_given in kinds.items() if is_given]}
    if until is not None:
        details["until"] = until.isoformat(timespec="minutes")
    auditing.record(actor=actor, action=action, petition=hold.petition, target=hold.pk, details=details)
