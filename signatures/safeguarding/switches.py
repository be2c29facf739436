"""Emergency switches: who turns them, on record, and what every process knows of them a second later."""

from __future__ import annotations

import logging
import threading
import time

from django.db import Error as DatabaseFailure
from django.db import OperationalError, transaction
from django.http import HttpRequest

from signatures.auditing import record
from signatures.models import Organiser, Switch
from signatures.models.choices import AuditAction
from signatures.models.switch import SwitchName
from signatures.outages import refusal_of

logger = logging.getLogger(__name__)

# Pages are kept for two seconds in the process: a switch must show no later.
LOOK_SECONDS = 1.0
MARK = "switches_on"
# Mails wait while one of these is on: what they lead to is closed, or takes nothing.
NOTHING_SENT = frozenset({SwitchName.READ_ONLY, SwitchName.CLOSED})
NONE: frozenset[SwitchName] = frozenset()


class NothingTakenError(Exception):
    """A form was sent while nothing is taken."""


class SwitchesUnknownError(OperationalError):
    """No answer ever came to which switches are on; answered as the outage of the database that it is."""


class _Known:
    """What this process knows of the switches: nothing, until the database has answered once."""

    def __init__(self) -> None:
        self.names: frozenset[SwitchName] | None = None
        self.look_again = 0.0
        self.looking = threading.Lock()
        # How often something was turned here: a look that began before says nothing of that.
        self.turns = 0


_known = _Known()


def switched_on() -> frozenset[SwitchName]:
    """Return the switches that are on, as they were at most a second ago.

    While the database is away this is what it said last: nothing is shown or taken then that it would have to give.

    :raises SwitchesUnknownError: if it has said nothing yet: what a switch hides must not be shown meanwhile
    """
    # One thread looks; where something was known before, the others need not wait for the database.
    if time.monotonic() >= _known.look_again and _known.looking.acquire(blocking=not _known.look_again):
        try:
            if time.monotonic() >= _known.look_again:
                _look()
        finally:
            _known.looking.release()
    if _known.names is None:
        raise SwitchesUnknownError
    return _known.names


def are_mails_held() -> bool:
    """Return whether mails wait until an emergency switch is turned off.

    :raises SwitchesUnknownError: as above
    """
    return bool(switched_on() & NOTHING_SENT)


def _look() -> None:
    """Ask the database, and keep what was known if it does not answer."""
    turns = _known.turns
    try:
        _known.names = Switch.objects.names_on()
    except DatabaseFailure as error:
        if _known.names is None:
            logger.warning(
                "It is not known which emergency switches are on, so that nothing is served. %s", refusal_of(error)
            )
    _known.look_again = time.monotonic() + LOOK_SECONDS if turns == _known.turns else 0.0


def look_again() -> None:
    """Let the next request of this process ask the database."""
    _known.turns += 1
    _known.look_again = 0.0


def mark(request: HttpRequest, names: frozenset[SwitchName] | None) -> None:
    """Keep with a request what holds for all of it.

    :param names: None if that is not known
    """
    setattr(request, MARK, names)


def on_for(request: HttpRequest) -> frozenset[SwitchName]:
    """Return the switches that hold for a request, as far as they are known."""
    names: frozenset[SwitchName] | None = getattr(request, MARK, NONE)
    return names or NONE


def ensure_known(request: HttpRequest) -> None:
    """Let no view answer a request for which it is not known what is switched off.

    :raises SwitchesUnknownError: if it is not
    """
    if getattr(request, MARK, NONE) is None:
        raise SwitchesUnknownError


def turn_on(*, name: SwitchName, reason: str, actor: Organiser | None) -> bool:
    """Turn a switch on, and return whether it was off.

    :param actor: None for the command
    """
    with transaction.atomic():
        _, is_new = Switch.objects.get_or_create(name=name, defaults={"actor": actor, "reason": reason})
        if is_new:
            record(actor=actor, action=AuditAction.SWITCHED_ON, reason=reason, details={"switch": name.value})
    look_again()
    return is_new


def turn_off(*, name: SwitchName, reason: str, actor: Organiser | None) -> bool:
    """Turn a switch off, and return whether it was on.

    :param actor: None for the command
    """
    with transaction.atomic():
        amount, _ = Switch.objects.filter(name=name).delete()
        if amount:
            record(actor=actor, action=AuditAction.SWITCHED_OFF, reason=reason, details={"switch": name.value})
    look_again()
    return bool(amount)
