"""The words in which the desk speaks of a signature: short in the list, whole on its own page."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from signatures.models import Signature
from signatures.models.choices import SignatureState, Visibility
from signatures.safeguarding.countries import country_names

VISIBILITY_WORDS = {
    Visibility.COUNTED: _("No one"),
    Visibility.DELIVERED: _("Recipients"),
    Visibility.PUBLIC: _("Everyone"),
}
STATE_WORDS = {
    SignatureState.CONFIRMED: _("Counts"),
    SignatureState.HELD: _("Held"),
    SignatureState.REMOVED: _("Removed"),
}


def visibility_word(signature: Signature) -> str:
    """Return in a word who may see the name."""
    return str(VISIBILITY_WORDS[Visibility(signature.visibility)])


def state_word(signature: Signature) -> SafeString:
    """Return the state in a word, marked so that it gets the colour of its role."""
    state = SignatureState(signature.state)
    return format_html('<span class="state state-{}">{}</span>', state.value.lower(), STATE_WORDS[state])


def country_word(signature: Signature) -> str:
    """Return the country in the organiser's language."""
    return country_names((get_language() or "en")[:2]).get(signature.country, signature.country)
