"""Asks about addresses that look mistyped, without a script and without losing any input."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from signatures.models import Relay
from signatures.safeguarding.address_homoglyphs import odd_letters
from signatures.safeguarding.domain_scripts import as_read
from signatures.safeguarding.public_suffixes import ending_of
from signatures.safeguarding.typed_addresses import Doubt, Reading, read_address
from signatures.signing.fields import WRONG_ADDRESS

NOT_TAKEN = gettext_lazy(
    "We cannot send mail to an address with letters other than a–z before the @. Enter another address of yours."
)
# By the alphabet of the first odd letter.
SENTENCES = {
    "CYRILLIC": ngettext_lazy(
        "Character {places} of what you typed is a Cyrillic letter that only looks like a Latin one: {letters}.",
        "Characters {places} of what you typed are Cyrillic letters that only look like Latin ones: {letters}.",
        "number",
    ),
    "GREEK": ngettext_lazy(
        "Character {places} of what you typed is a Greek letter that only looks like a Latin one: {letters}.",
        "Characters {places} of what you typed are Greek letters that only look like Latin ones: {letters}.",
        "number",
    ),
    "": ngettext_lazy(
        "Character {places} of what you typed only looks like the letter that is meant: {letters}.",
        "Characters {places} of what you typed only look like the letters that are meant: {letters}.",
        "number",
    ),
}
# Top-level domains of the countries where signing can be punished.
ENDINGS_ADVISED_AGAINST = {"by", "ru", "su", "xn--90ais", "xn--p1ai"}
# Name of the field with the address that was chosen by pressing its button.
CHOICE = "email_choice"


@dataclass(frozen=True)
class Offer:
    """An address on a button.

    :param value: the value to submit, its domain in ASCII
    :param shown: the address for display, with confusable letters marked
    """

    value: str
    shown: SafeString


@dataclass(frozen=True)
class Question:
    """The addresses that the buttons offer.

    :param suggestions: likely corrections, the likeliest first
    :param kept: the address as typed, or None if it is invalid
    """

    suggestions: tuple[Offer, ...]
    kept: Offer | None


class AskingForm(forms.Form):
    """A form with an address; it asks before sending to a mailbox that probably doesn't exist or isn't the visitor's.

    Its own fields are ``email`` and, before it, ``email_choice``. A choice counts only for the address that is in the
    field now, so that a button doesn't overrule somebody who has corrected the address by hand.
    """

    question: Question | None = None

    def clean_email(self) -> str:
        """Return the address to send to, its domain in ASCII.

        :raises ValidationError: if it is not an address, or the visitor has to be asked about it
        """
        reading = read_address(self.cleaned_data["email"])
        choice = self.cleaned_data.get(CHOICE) or ""
        if choice in reading.suggestions:
            # If another field is wrong, the form is shown again with the chosen address.
            changed = QueryDict(mutable=True)
            changed.update(self.data)
            changed[self.add_prefix("email")] = choice
            self.data = changed
            return _sendable(str(choice))
        if reading.address is not None and (reading.doubt is None or choice == reading.address):
            return _sendable(reading.address)
        if reading.doubt is not Doubt.NO_ADDRESS or reading.suggestions:
            self.question = _offered(reading)
        raise forms.ValidationError(_question(reading), code="invalid" if reading.address is None else "doubtful")


def _sendable(address: str) -> str:
    """Return the address if the mail server can send to it.

    :raises ValidationError: if it cannot
    """
    if not address.rpartition("@")[0].isascii() and not Relay.objects.takes_international():
        raise forms.ValidationError(NOT_TAKEN, code="international")
    return address


def _offered(reading: Reading) -> Question:
    # The notice above the form advises against these domains, so they are not offered first.
    ordered = sorted(reading.suggestions, key=lambda one: ending_of(one) in ENDINGS_ADVISED_AGAINST)
    suggestions = tuple(Offer(one, marked(one)) for one in ordered)
    return Question(suggestions, Offer(reading.address, marked(reading.address)) if reading.address else None)


def marked(address: str) -> SafeString:
    """Return an address as HTML, with marks around the letters that look like others."""
    read = as_read(address)
    odd = {one.place for one in odd_letters(read)}
    pieces = [format_html("<mark>{}</mark>", c) if place in odd else c for place, c in enumerate(read, start=1)]
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _question(reading: Reading) -> str:
    """Return one or two sentences on what is or may be wrong."""
    suggested = _suggestion(reading.suggestions)
    if reading.address is None:
        return format_html("{}. {}", WRONG_ADDRESS, suggested) if suggested else str(WRONG_ADDRESS)
    odd = _odd(as_read(reading.address))
    if suggested:
        return format_html("{} {}", suggested, odd) if odd else suggested
    if reading.doubt is Doubt.ENDING:
        ending = format_html('<bdi translate="no">.{}</bdi>', as_read(reading.address).rpartition(".")[2])
        return format_html(_("We know of no address that ends in {ending}. Is it right?"), ending=ending)
    if reading.doubt is Doubt.LENGTH:
        return _("What stands before the @ is longer than most mail servers take. Is it right?")
    sentence = _("There are letters in this address that hardly any address has. Is it right?")
    return format_html("{} {}", sentence, odd) if odd else sentence


def _odd(read: str) -> str:
    """Return a sentence on the letters that look like others, or nothing if there are none."""
    found = odd_letters(read)
    if not found:
        return ""
    sentences = SENTENCES.get(found[0].script, SENTENCES[""])
    letters = ", ".join(dict.fromkeys(one.letter for one in found))
    return format_html(
        sentences % {"number": len(found)},
        places=", ".join(str(one.place) for one in found),
        letters=format_html('<bdi translate="no">{}</bdi>', letters),
    )


def _suggestion(suggestions: tuple[str, ...]) -> str:
    if len(suggestions) > 1:
        return _("Did you mean another address?")
    address = [format_html('<bdi translate="no">{}</bdi>', as_read(one)) for one in suggestions]
    return format_html(_("Did you mean {address}?"), address=address[0]) if address else ""
