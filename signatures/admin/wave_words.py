"""Says in whole sentences what a wave is, and which new signatures are held."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext, ngettext

from signatures.languages import name_of
from signatures.models import StandingHold, Wave
from signatures.models.choices import Visibility, WaveKind
from signatures.safeguarding.countries import country_names


def wave_sentence(wave: Wave) -> str:
    """Return how many there are, what they have in common, and when they came."""
    values = {"n": _number(wave.amount), "when": span_words(wave.since, wave.last_at)}
    match WaveKind(wave.kind):
        case WaveKind.DOMAIN:
            sentence = ngettext(
                "%(n)s signature from one mail domain, %(when)s", "%(n)s from one mail domain, %(when)s", wave.amount
            )
        case WaveKind.NAME:
            sentence = ngettext(
                "%(n)s signature under one name, %(when)s", "%(n)s under one name, %(when)s", wave.amount
            )
        case WaveKind.TRAP:
            sentence = ngettext(
                "%(n)s signature with the hidden field filled in, %(when)s",
                "%(n)s with the hidden field filled in, %(when)s",
                wave.amount,
            )
        case WaveKind.COUNTRY:
            sentence = ngettext(
                "%(n)s signature from one country, %(country)s, %(when)s",
                "%(n)s from one country, %(country)s, %(when)s",
                wave.amount,
            )
            values["country"] = _country(wave.country)
        case WaveKind.LANGUAGE:
            sentence = ngettext(
                "%(n)s signature in one language, %(language)s, %(when)s",
                "%(n)s in one language, %(language)s, %(when)s",
                wave.amount,
            )
            values["language"] = name_of(wave.language)
        case WaveKind.VERSION:
            sentence = ngettext(
                "%(n)s signature of an old text, version %(number)s, %(when)s",
                "%(n)s of an old text, version %(number)s, %(when)s",
                wave.amount,
            )
            values["number"] = str(wave.text_version.number if wave.text_version else "")
        case WaveKind.HOUR:
            sentence = ngettext("%(n)s signature in one hour, %(when)s", "%(n)s in one hour, %(when)s", wave.amount)
    return sentence % values


def expected_sentence(wave: Wave) -> str:
    """Return how many the campaign's own past lets one expect."""
    if not wave.expected:
        return gettext("None were to be expected.")
    sentence = ngettext("%(n)s was to be expected.", "%(n)s were to be expected.", wave.expected)
    return sentence % {"n": _number(wave.expected)}


def hold_sentence(hold: StandingHold) -> str:
    """Return which new signatures are held, and until when."""
    values = {"until": _instant(hold.ends_at), "what": ", ".join(_conditions(hold))}
    return gettext("New signatures like these are held until %(until)s UTC: %(what)s.") % values


def span_words(first: datetime | None, last: datetime) -> str:
    """Return a span in UTC; of one day without repeating it."""
    first, last = (first or last).astimezone(UTC), last.astimezone(UTC)
    values = {"first": _instant(first), "last": _instant(last), "end": f"{last:%H:%M}"}
    if f"{first:%Y%m%d%H%M}" == f"{last:%Y%m%d%H%M}":
        return gettext("%(first)s UTC") % values
    if first.date() == last.date():
        return gettext("%(first)s–%(end)s UTC") % values
    return gettext("%(first)s – %(last)s UTC") % values


def _conditions(hold: StandingHold) -> list[str]:
    words = [
        (hold.domain_key is not None, gettext("from one mail domain")),
        (hold.name_key is not None, gettext("under one name")),
        (bool(hold.country), _country(hold.country)),
        (bool(hold.language), name_of(hold.language) if hold.language else ""),
        (bool(hold.visibility), str(Visibility(hold.visibility).label) if hold.visibility else ""),
        (
            hold.text_version is not None,
            gettext("text version %(number)s") % {"number": hold.text_version.number if hold.text_version else ""},
        ),
    ]
    return [word for is_given, word in words if is_given]


def _country(code: str) -> str:
    return country_names((get_language() or "en")[:2]).get(code, code)


def _number(amount: int) -> str:
    return number_format(amount, force_grouping=True)


def _instant(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{date_format(at, 'j E Y')}, {at:%H:%M}"
