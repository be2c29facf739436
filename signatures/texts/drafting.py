"""What a draft would change for those who sign next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from signatures.models import Petition, TextVersion, TextVersionBody
from signatures.models.choices import Language
from signatures.texts.difference import Paragraph, changed_paragraphs
from signatures.texts.digest import BodyContent
from signatures.texts.publishing import draft_content


@dataclass(frozen=True)
class DraftChanges:
    """What a draft changes in one language.

    :param language: its code
    :param name: its name in the language in use
    """

    language: str
    name: str
    paragraphs: list[Paragraph]


def draft_changes(petition: Petition, newest: TextVersion) -> list[DraftChanges]:
    """Return the paragraphs in which the draft differs from the newest version, for each language."""
    drafted = draft_content(petition, [], newest.number)["bodies"]
    published = {body.language: body for body in newest.bodies.all()}
    return [
        DraftChanges(
            language.value, str(language.label), list(_between(published[language.value], drafted[language.value]))
        )
        for language in Language
    ]


def _between(old: TextVersionBody, new: BodyContent) -> Iterator[Paragraph]:
    yield from changed_paragraphs(old.title, new["title"])
    yield from changed_paragraphs(old.summary, new["summary"])
    yield from changed_paragraphs(old.body, new["body"])
    yield from changed_paragraphs(old.consent, new["consent"])
