"""A rule in whole sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext

from signatures.languages import name_of
from signatures.models import Batch
from signatures.safeguarding.countries import country_names

# More spans than these are told as a number.
SPANS_MAX = 12


def sentences(rule: Batch) -> list[str]:
    """Return the conditions of a rule, a sentence each; what was erased since is told as such."""
    return list(_sentences(rule)) or [gettext("They are all signatures of this petition.")]


def _sentences(rule: Batch) -> Iterator[str]:
    if rule.has_domain:
        yield gettext("Their addresses are at one mail domain.")
    if rule.signature_ids is not None:
        yield _numbers(rule.signature_ids)
    yield from _span(rule)
    if rule.country:
        country = country_names((get_language() or "en")[:2]).get(rule.country, rule.country)
        yield gettext("The country is: %(country)s.") % {"country": country}
    if rule.language:
        yield gettext("They were signed in: %(language)s.") % {"language": name_of(rule.language)}
    if rule.text_version is not None:
        yield gettext("Version %(number)s of the text was signed.") % {"number": rule.text_version.number}
    if rule.visibility:
        yield gettext("The name may be seen by: %(who)s.") % {"who": rule.get_visibility_display()}
    yield from _of_name_and_state(rule)


def _of_name_and_state(rule: Batch) -> Iterator[str]:
    if rule.name:
        yield gettext("The name has words that begin with: %(words)s.") % {"words": rule.name}
    elif rule.has_name:
        yield gettext("The name has certain words, which were erased when the rule was over.")
    if rule.state:
        yield gettext("The state is: %(state)s.") % {"state": rule.get_state_display()}
    if rule.state_reason:
        yield gettext("The reason of the state is: %(reason)s.") % {"reason": rule.get_state_reason_display()}
    if rule.name_review:
        yield gettext("Before everyone the name: %(review)s.") % {"review": rule.get_name_review_display()}


def _span(rule: Batch) -> Iterator[str]:
    since, until = (date_format(time, "DATETIME_FORMAT") if time else "" for time in (rule.since, rule.until))
    if since and until:
        sentence = gettext("They were signed from %(since)s on and before %(until)s (UTC).")
        yield sentence % {"since": since, "until": until}
    elif since:
        yield gettext("They were signed from %(since)s on (UTC).") % {"since": since}
    elif until:
        yield gettext("They were signed before %(until)s (UTC).") % {"until": until}


def _numbers(numbers: list[int]) -> str:
    spans = list(spans_of(numbers))
    if len(spans) <= SPANS_MAX:
        told = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)
        return gettext("Their row numbers are: %(numbers)s.") % {"numbers": told}
    sentence = ngettext("It is %(n)s chosen row.", "They are %(n)s chosen rows.", len(numbers))
    return sentence % {"n": len(numbers)}


def spans_of(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each run of consecutive numbers."""
    for _, run in groupby(enumerate(sorted(numbers)), lambda pair: pair[1] - pair[0]):
        found = [number for _, number in run]
        yield found[0], found[-1]
