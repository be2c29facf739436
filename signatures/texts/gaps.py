"""What a draft lacks before it can be published, and in which field it belongs."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from signatures.languages import name_of
from signatures.models import Petition, Recipient
from signatures.normal_forms import MARKS_IN_A_ROW_MAX, without_long_runs
from signatures.texts.digest import REQUIRED_PARTS, TEXT_PARTS, normalize_text
from signatures.texts.invisible import visible_text

RECIPIENTS = "recipients"
CONTACT = "contact"


@dataclass(frozen=True)
class Gap:
    """One thing that is missing or cannot stay as it is.

    :param field: name of the petition's field, or that of a recipient's field in the form: ``recipients-0-name_en``
    """

    sentence: str
    field: str


def gaps(petition: Petition, recipients: list[Recipient]) -> list[Gap]:
    """Return everything that keeps a draft from being published, in the order of the form."""
    found = _overloaded_parts(petition, recipients)
    for language in petition.ordered_languages:
        spoken = name_of(language)
        for part in REQUIRED_PARTS:
            if not normalize_text(visible_text(getattr(petition, f"{part}_{language}") or "")):
                label = getattr(Petition._meta.get_field(part), "verbose_name", part)
                sentence = _("%(field)s (%(language)s) is empty.") % {"field": label, "language": spoken}
                found.append(Gap(sentence, f"{part}_{language}"))
        nameless = [place for place, one in enumerate(recipients) if not getattr(one, f"name_{language}")]
        if nameless:
            sentence = _("A recipient has no name (%(language)s).") % {"language": spoken}
            found.append(Gap(sentence, recipient_field(nameless[0], f"name_{language}")))
    if not petition.contact:
        found.append(Gap(_("The contact is empty."), CONTACT))
    if not recipients:
        first = recipient_field(0, f"name_{petition.ordered_languages[0]}")
        found.append(Gap(_("There is no recipient."), first))
    return found


def recipient_field(place: int, name: str) -> str:
    """Return the name that a recipient's field has in the form.

    :param place: of the recipient among those of its petition, from 0
    """
    return f"{RECIPIENTS}-{place}-{name}"


def _overloaded_parts(petition: Petition, recipients: list[Recipient]) -> list[Gap]:
    """Return the texts that our NFC would cut, so that others could not recompute the digest."""
    texts = [(petition, part, part) for part in TEXT_PARTS]
    named = [(one, "name", recipient_field(place, "name")) for place, one in enumerate(recipients)]
    overloaded = []
    for language in petition.ordered_languages:
        for of, part, field in (*texts, *named):
            text = getattr(of, f"{part}_{language}") or ""
            if without_long_runs(text) != text:
                label = getattr(type(of)._meta.get_field(part), "verbose_name", part)
                message = _("%(field)s (%(language)s) has more than %(limit)s marks on one letter.")
                values = {"field": label, "language": name_of(language), "limit": MARKS_IN_A_ROW_MAX}
                overloaded.append(Gap(message % values, f"{field}_{language}"))
    return overloaded
