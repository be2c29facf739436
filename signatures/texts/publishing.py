"""Publishes a petition's draft as the next text version."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from signatures import auditing
from signatures.canonical import canonical_json
from signatures.models import Organiser, Petition, Recipient, TextVersion, TextVersionBody, TextVersionRecipient
from signatures.models.choices import AuditAction
from signatures.models.protection import Protection
from signatures.texts.difference import PARTS, changes_by_part
from signatures.texts.digest import (
    REQUIRED_PARTS,
    TEXT_PARTS,
    BodyContent,
    VersionContent,
    digest_of,
    normalize_text,
)
from signatures.texts.gaps import gaps


def missing_parts(petition: Petition, recipients: list[Recipient]) -> list[str]:
    """Return a sentence for each missing part that keeps the draft from being published."""
    return [gap.sentence for gap in gaps(petition, recipients)]


def is_as_published(petition: Petition, recipients: list[Recipient], newest: TextVersion) -> bool:
    """Return whether the draft has the same content and recipients as the newest version."""
    return digest_of(draft_content(petition, recipients, newest.number)) == newest.digest


def draft_content(petition: Petition, recipients: list[Recipient], number: int) -> VersionContent:
    """Return the content that the draft would have as a version of this number."""
    return {
        "petition": petition.slug,
        "version": number,
        "protection": petition.protection,
        "asks_city": petition.asks_city,
        "contact": petition.contact,
        "bodies": {language: _draft_body(petition, language) for language in petition.ordered_languages},
        "recipients": [
            {
                "name": {
                    code: normalize_text(getattr(recipient, f"name_{code}") or "")
                    for code in petition.ordered_languages
                },
                "profile": recipient.profile,
            }
            for recipient in recipients
        ],
    }


def _draft_body(petition: Petition, language: str) -> BodyContent:
    parts = {part: normalize_text(getattr(petition, f"{part}_{language}") or "") for part in TEXT_PARTS}
    return cast("BodyContent", {part: text for part, text in parts.items() if text or part in REQUIRED_PARTS})


def lowers_protection(level: str, newest: TextVersion) -> bool:
    """Return whether a level protects signers less than the newest version, which may never be published."""
    return Protection(level).is_below(Protection(newest.protection))


def changes_since(newest: TextVersion | None, bodies: dict[str, BodyContent]) -> dict[str, dict[str, list[Any]]]:
    """Return for each language the changes since the newest version, in their stored form.

    A language that the newest version lacks is left out: all of it is new.
    """
    found: dict[str, dict[str, list[Any]]] = {language: {} for language in bodies}
    for before in newest.bodies.filter(language__in=bodies) if newest is not None else ():
        old = {part: getattr(before, part) for part in PARTS}
        found[before.language] = changes_by_part(old, bodies[before.language])
    return found


def next_digest(petition: Petition, recipients: list[Recipient], newest: TextVersion | None) -> str:
    """Return the digest that the draft would have as the next version."""
    return digest_of(draft_content(petition, recipients, newest.number + 1 if newest is not None else 1))


def publish_text(*, petition: Petition, actor: Organiser | None, seen: str | None = None) -> TextVersion:
    """Freeze the draft in each of its languages, with its recipients and their profiles, as the next version.

    :param seen: the digest of the draft that the organiser reviewed, or None if nobody reviewed it
    :raises ValidationError: if something is missing, nothing has changed, nobody can sign any more, or the draft is not
        the one that was reviewed; the messages say which
    """
    with transaction.atomic():
        petition = Petition.objects.select_for_update().get(pk=petition.pk)
        recipients = list(petition.recipients.all())
        missing = missing_parts(petition, recipients)
        if missing:
            raise ValidationError(missing)
        if petition.purged_at is not None:
            raise ValidationError(_("The personal data of its signers was erased: nobody can sign another text."))
        newest = petition.text_versions.all().newest_first().first()
        if newest is not None and is_as_published(petition, recipients, newest):
            raise ValidationError(_("Nothing has changed since version %(number)s.") % {"number": newest.number})
        if newest is not None and lowers_protection(petition.protection, newest):
            raise ValidationError(_("The protection of a published petition cannot be lowered."))
        if seen is not None and seen != next_digest(petition, recipients, newest):
            raise ValidationError(_("The draft has changed since you looked. Look at it again."))
        number = newest.number + 1 if newest is not None else 1
        content = draft_content(petition, recipients, number)
        version = TextVersion.objects.create(
            petition=petition,
            number=number,
            digest=digest_of(content),
            canonical_json=canonical_json(content).decode(),
            languages=list(content["bodies"]),
            protection=content["protection"],
            asks_city=content["asks_city"],
            contact=content["contact"],
        )
        changes = changes_since(newest, content["bodies"])
        TextVersionBody.objects.bulk_create(
            TextVersionBody(version=version, language=language, changes=changes[language], **body)
            for language, body in content["bodies"].items()
        )
        TextVersionRecipient.objects.bulk_create(
            TextVersionRecipient(version=version, recipient=recipient, profile=recipient.profile, position=position)
            for position, recipient in enumerate(recipients)
        )
        auditing.record(
            actor=actor,
            action=AuditAction.TEXT_PUBLISHED,
            petition=petition,
            target=version.pk,
            details={"number": number, "digest": version.digest},
        )
    return version
