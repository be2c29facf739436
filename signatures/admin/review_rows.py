"""Pages of names and reasons that wait: the rows that are shown, and the decisions that come back for them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from signatures.models import Petition, Signature
from signatures.models.choices import NameReview
from signatures.models.review import COUNTED_MAX
from signatures.models.signature import SignatureQuerySet
from signatures.safeguarding.countries import country_names
from signatures.safeguarding.name_review import Cause, causes

ROWS_PER_PAGE = 50
# Primary keys are numbers of eight bytes.
ID_DIGITS_MAX = 18
SHOW, HIDE, LATER, ERASE = "SHOW", "HIDE", "LATER", "ERASE"
NAME_CHOICES = (SHOW, HIDE, LATER)
REASON_CHOICES = (SHOW, ERASE, LATER)
CAUSES = {
    Cause.DIGITS: _("It has digits."),
    Cause.ADDRESS: _("It looks like an address."),
    Cause.WORD: _("It has a word of your list."),
}


@dataclass(frozen=True)
class ReviewRow:
    """A name or reason that waits.

    :param seen: a digest of what is read, by which it is recognised when the decision comes
    :param causes: sentences on why it waits
    :param choice: what is decided so far, or ""
    """

    signature: Signature
    seen: str
    country: str
    causes: list[str]
    choice: str = ""


@dataclass(frozen=True)
class Answers:
    """What an organiser sent for a page.

    :param choices: by the primary key of the signature; a row that was left as it was is missing
    :param seen: the digest of what was read, by the same key
    """

    choices: dict[int, str]
    seen: dict[int, str]

    def chosen(self, choice: str, texts: dict[int, str]) -> dict[int, str]:
        """Return the rows with a choice, as text by primary key, if they are as they were read; otherwise as "".

        No name and no reason is empty, so that these are never decided on.
        """
        return {
            pk: texts[pk] if pk in texts and digest_of(texts[pk]) == self.seen[pk] else ""
            for pk, one in self.choices.items()
            if one == choice
        }


def answers_in(request: HttpRequest, choices: tuple[str, ...]) -> Answers:
    """Return what a form sent; the rows that were left get the choice of the button for these, if it was pressed.

    :raises BadRequest: if there are more rows than on a page, or other choices
    """
    seen = {int(key): str(value) for name, value in request.POST.items() if (key := _number_in(name, "seen-"))}
    rest = request.POST.get("rest", "")
    found = {pk: str(request.POST.get(f"choice-{pk}") or rest) for pk in seen}
    if len(seen) > ROWS_PER_PAGE or not set(found.values()) <= {"", *choices}:
        raise BadRequest
    return Answers({pk: choice for pk, choice in found.items() if choice}, seen)


def _number_in(name: str, prefix: str) -> str:
    return id_in(name.removeprefix(prefix)) if name.startswith(prefix) else ""


def id_in(text: str) -> str:
    """Return the text if it can be a primary key, and otherwise ""."""
    return text if text.isascii() and text.isdigit() and len(text) <= ID_DIGITS_MAX else ""


def digest_of(text: str) -> str:
    """Return what a page carries of a text that it shows, instead of the text once more."""
    return hashlib.sha256(text.encode()).hexdigest()


def rows_of(petition: Petition, found: list[Signature], *, of: str) -> list[ReviewRow]:
    """Return the rows to show.

    :param of: the column that is read: name or reason
    """
    names = country_names((get_language() or "en")[:2])
    return [
        ReviewRow(
            signature=signature,
            seen=digest_of(getattr(signature, of) or ""),
            country=names.get(signature.country, signature.country),
            causes=_causes_of(petition, signature) if of == "name" else _beside(signature),
        )
        for signature in found
    ]


def _causes_of(petition: Petition, signature: Signature) -> list[str]:
    found = [str(CAUSES[cause]) for cause in causes(signature.name or "", petition.waiting_words)]
    return found or [gettext("Every name is looked at.") if petition.reviews_names else gettext("It waited already.")]


def _beside(signature: Signature) -> list[str]:
    """Return what keeps a reason from being seen though it is shown."""
    return {
        NameReview.WAITING.value: [gettext("The name beside it waits, too: it shows once both are allowed.")],
        NameReview.HIDDEN.value: [gettext("The name beside it is hidden, so that it does not show either.")],
    }.get(signature.name_review, [])


def next_rows(rows: SignatureQuerySet, request: HttpRequest) -> list[Signature]:
    """Return the next page of rows, the oldest first, after the one that the address names."""
    after = id_in(request.GET.get("after", ""))
    return list(rows.oldest_first(int(after or 0))[:ROWS_PER_PAGE])


def amount_shown(amount: int) -> str:
    """Return a bounded count in words that stay true."""
    return gettext("%(n)s or more") % {"n": COUNTED_MAX} if amount == COUNTED_MAX else str(amount)


def rule_link(petition: Petition, **conditions: Any) -> str:
    """Return the address at which a rule for all that meet these conditions begins."""
    return f"{reverse('admin:petition_rule', kwargs={'pk': petition.pk})}?{urlencode(conditions)}"
