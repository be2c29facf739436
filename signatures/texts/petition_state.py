"""Words when a petition takes signatures; the only source for all pages, lists and pictures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from signatures.models.choices import Phase

MINUTE = timedelta(minutes=1)


def signing_period(phase: str, opens_at: datetime | None, closes_at: datetime | None) -> str:
    """Return a sentence on when signatures are taken, or "" if there is no time to give.

    :param phase: the petition's current phase
    :param opens_at: start of signing
    :param closes_at: end of signing, or None if there is none
    """
    if phase == Phase.UPCOMING and opens_at is not None:
        opening = _in_words(_whole_minute_after(opens_at))
        if closes_at is None:
            return _("You can sign from %(instant)s UTC.") % {"instant": opening}
        times = {"instant": opening, "end": _in_words(closes_at)}
        return _("You can sign from %(instant)s UTC to %(end)s UTC.") % times
    if closes_at is None:
        return ""
    if phase == Phase.OPEN:
        return _("Open until %(instant)s UTC.") % {"instant": _in_words(closes_at)}
    if phase == Phase.CLOSED and closes_at <= datetime.now(UTC):
        return _("Closed on %(instant)s UTC.") % {"instant": _in_words(closes_at)}
    return ""


def _whole_minute_after(instant: datetime) -> datetime:
    """Round up to a whole minute, so that nobody comes a few seconds too early."""
    whole = instant.replace(second=0, microsecond=0)
    return whole if whole == instant else whole + MINUTE


def _in_words(instant: datetime) -> str:
    return date_format(instant.astimezone(UTC), "DATETIME_FORMAT")
