"""Compares a draft with the newest published version."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from signatures.languages import name_of
from signatures.models import Petition, Recipient, TextVersion
from signatures.models.choices import Profile
from signatures.models.protection import Protection
from signatures.texts.difference import Paragraph
from signatures.texts.digest import TEXT_PARTS
from signatures.texts.gaps import Gap, recipient_field
from signatures.texts.publishing import changes_since, draft_content
from signatures.texts.readable import readable_paragraphs
from signatures.texts.remarks import boxes_in, remarks_on


@dataclass(frozen=True)
class DraftChanges:
    """What a draft changes in one language.

    :param language: language code
    :param name: the language's own name for itself
    :param is_new: whether the newest version lacks this language, so that there is nothing to compare
    """

    language: str
    name: str
    paragraphs: list[Paragraph]
    is_new: bool


def draft_changes(petition: Petition, newest: TextVersion) -> list[DraftChanges]:
    """Return, for each language, the paragraphs in which the draft differs from the newest version."""
    changes = changes_since(newest, draft_content(petition, [], newest.number)["bodies"])
    return [
        DraftChanges(language, name_of(language), readable_paragraphs(found), language not in newest.languages)
        for language, found in changes.items()
    ]


def remarks_by_field(petition: Petition, recipients: list[Recipient]) -> list[Gap]:
    """Return each thing in a draft that readers would not see as it was typed, with the field that it stands in."""
    found: list[Gap] = []
    for language in petition.ordered_languages:
        body = f"body_{language}"
        found += [Gap(sentence, body) for sentence in remarks_on(getattr(petition, body) or "")]
        fields: list[tuple[Petition | Recipient, str, str]] = [
            (petition, f"{part}_{language}", f"{part}_{language}") for part in TEXT_PARTS if part != "body"
        ]
        fields += [
            (one, f"name_{language}", recipient_field(place, f"name_{language}"))
            for place, one in enumerate(recipients)
        ]
        found += [Gap(sentence, field) for of, name, field in fields for sentence in boxes_in(getattr(of, name) or "")]
    return list({remark.sentence: remark for remark in reversed(found)}.values())[::-1]


def draft_remarks(petition: Petition, recipients: list[Recipient]) -> list[str]:
    """Return a distinct sentence for each thing in a draft that readers would not see as it was typed."""
    return [remark.sentence for remark in remarks_by_field(petition, recipients)]


def lacks_safety_notice(petition: Petition) -> bool:
    """Return whether a draft has no safety notice in some language, although its signers can be punished."""
    return bool(languages_without_safety_notice(petition))


def languages_without_safety_notice(petition: Petition) -> list[str]:
    """Return the languages in which a draft has none, although its signers can be punished."""
    if not Protection(petition.protection).rules.asks_for_notices:
        return []
    return [one for one in petition.ordered_languages if not getattr(petition, f"safety_notice_{one}")]


def recipient_changes(recipients: list[Recipient], newest: TextVersion) -> list[str]:
    """Return a sentence for each recipient that the draft adds, removes, or gives another profile."""
    shown = {entry.recipient_id: entry for entry in newest.recipients.select_related("recipient")}
    sentences = []
    for recipient in recipients:
        before = shown.pop(recipient.pk, None)
        gives_names = recipient.profile == Profile.NAMES
        if before is None:
            sentence = _("%(name)s: new, is given names.") if gives_names else _("%(name)s: new, is given totals only.")
        elif before.profile != recipient.profile:
            sentence = (
                _("%(name)s: is given names, no longer totals only.")
                if gives_names
                else _("%(name)s: is given totals only, no longer names.")
            )
        else:
            continue
        sentences.append(sentence % {"name": recipient})
    gone = _("%(name)s: no longer a recipient.")
    return sentences + [gone % {"name": entry.recipient} for entry in shown.values()]
