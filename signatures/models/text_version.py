"""TextVersion: what signers were shown, frozen and numbered."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, When
from django.utils.translation import gettext_lazy as _

from signatures.languages import Language, in_site_order, page_languages, shipped_choices
from signatures.models.choices import DeliveryState, PetitionStatus, Phase, Profile
from signatures.models.petition import Petition
from signatures.models.petition_sql import PHASE, PHASE_NOW
from signatures.models.protection import Protection, ProtectionRules
from signatures.models.recipient import Recipient

DIGEST_LENGTH = 64
RESERVED_DOMAINS = r"example\.(com|net|org)|example|invalid|localhost|test"


# Run for every submitted form: raw SQL, since composing the query takes longer than running it.
NEWEST_PUBLIC = f"""
SELECT version.*, {PHASE} AS phase
FROM signatures_textversion AS version JOIN signatures_petition ON signatures_petition.id = version.petition_id
WHERE {{}} = %s AND signatures_petition.status <> 'DRAFT'
ORDER BY version.number DESC
LIMIT 1
"""  # noqa: S608 - the phase is a constant

# Run for every mail.
NEWEST_OF = """
SELECT id, petition_id, number, published_at, digest, languages, protection, asks_city, contact
FROM signatures_textversion
WHERE petition_id = %s ORDER BY number DESC LIMIT 1
"""
CLOSING_WORDS = [f"closing_words_{language}" for language in Language.values]
LISTED_OF_PETITION = ("slug", "opens_at", "closes_at", "erase_on", "goal", *CLOSING_WORDS)
LISTED = ("number", "languages", "protection", "contact", *(f"petition__{name}" for name in LISTED_OF_PETITION))


class TextVersionQuerySet(models.QuerySet["TextVersion"]):
    """Queries for text versions."""

    def newest_first(self) -> TextVersionQuerySet:
        """Order them by number, newest first."""
        return self.order_by("-number")

    def newest_public(self, slug: str) -> TextVersion | None:
        """Return a petition's newest public text, or None.

        It is annotated with ``phase``, the petition's current phase.
        """
        return next(iter(self.raw(NEWEST_PUBLIC.format("signatures_petition.slug"), [slug])), None)

    def newest_public_of(self, petition_id: int) -> TextVersion | None:
        """Return the same as newest_public, by the petition's id."""
        return next(iter(self.raw(NEWEST_PUBLIC.format("signatures_petition.id"), [petition_id])), None)

    def newest_of(self, petition_id: int) -> TextVersion:
        """Return a petition's newest text, without its canonical JSON, which is long.

        :raises TextVersion.DoesNotExist: if none was published
        """
        for version in self.raw(NEWEST_OF, [petition_id]):
            return version
        raise self.model.DoesNotExist

    def newest_of_public(self) -> TextVersionQuerySet:
        """Keep the newest text of each public petition, with the data for a list.

        Each is annotated with ``phase``, and with ``is_answered``, whether a recipient has replied. Those that can be
        signed come first, then those that open later; within each group, those that opened last. Texts are not loaded,
        since they are long.
        """
        newer = TextVersion.objects.filter(petition=OuterRef("petition"), number__gt=OuterRef("number"))
        shown = self.exclude(petition__status=PetitionStatus.DRAFT).filter(~Exists(newer)).select_related("petition")
        answered = Petition.objects.filter(pk=OuterRef("petition"), deliveries__state=DeliveryState.ANSWERED)
        phased = shown.annotate(phase=PHASE_NOW, is_answered=Exists(answered))  # type: ignore[no-redef]
        can_be_signed, opens_later = Q(phase=Phase.OPEN), Q(phase=Phase.UPCOMING)
        place = Case(When(can_be_signed, then=0), When(opens_later, then=1), default=2)
        return phased.only(*LISTED).order_by(place, "-petition__opens_at", "petition")

    def listed(self) -> TextVersionQuerySet:
        """Keep those of petitions that are not archived."""
        return self.filter(petition__archived_at__isnull=True)

    def to_be_erased(self) -> TextVersionQuerySet:
        """Keep those of petitions with a day of erasure, soonest first."""
        coming = self.filter(petition__erase_on__isnull=False, petition__purged_at__isnull=True)
        return coming.order_by("petition__erase_on", "petition")

    def giving_names_to(self, recipient: Recipient) -> TextVersionQuerySet:
        """Keep those that showed this recipient to signers as getting names; none if it doesn't get names now."""
        names = Profile.NAMES
        return self.filter(
            recipients__recipient=recipient, recipients__profile=names, recipients__recipient__profile=names
        )

    def contact_of_newest_petition(self) -> str | None:
        """Return the contact of the public petition that opened last, or None if none is public."""
        public = self.exclude(petition__status=PetitionStatus.DRAFT).order_by("-petition__opens_at", "-number")
        return public.values_list("contact", flat=True).first()

    def with_placeholder_contact(self) -> TextVersionQuerySet:
        """Keep the newest texts of public petitions whose contact is in a reserved example domain (RFC 2606)."""
        newer = TextVersion.objects.filter(petition=OuterRef("petition"), number__gt=OuterRef("number"))
        shown = self.exclude(petition__status=PetitionStatus.DRAFT).filter(~Exists(newer))
        return shown.filter(contact__iregex=rf"[@.]({RESERVED_DOMAINS})$")

    def shown_by(self, instant: datetime) -> TextVersionQuerySet:
        """Keep those published by then, and in any case the first one; oldest first."""
        return self.filter(Q(published_at__lte=instant) | Q(number=1)).order_by("number")

    def asking_city(self) -> TextVersionQuerySet:
        """Keep those whose signers were asked for their city."""
        return self.filter(asks_city=True)


class TextVersion(models.Model):
    """A published text; its row and those of its bodies and recipients can't be changed (triggers)."""

    petition = models.ForeignKey(
        Petition, on_delete=models.PROTECT, related_name="text_versions", verbose_name=_("petition")
    )
    number = models.PositiveIntegerField(_("number"))
    published_at = models.DateTimeField(_("published at"), db_default=TransactionNow(), editable=False)
    digest = models.CharField(_("SHA-256"), max_length=DIGEST_LENGTH)
    # The exact bytes that the digest was computed from, whatever later versions of the format contain.
    canonical_json = models.TextField(editable=False)
    # The languages of its bodies, unordered (trigger).
    languages = ArrayField(models.CharField(max_length=2), editable=False)
    protection = models.CharField(_("protection"), max_length=8, choices=Protection.choices)
    asks_city = models.BooleanField(_("ask for the city"))
    contact = models.EmailField(_("contact"))

    objects = TextVersionQuerySet.as_manager()

    phase: str
    is_answered: bool

    class Meta:
        verbose_name = _("text version")
        verbose_name_plural = _("text versions")
        constraints = [
            models.UniqueConstraint(fields=["petition", "number"], name="text_version_numbered"),
            models.UniqueConstraint(fields=["petition", "id"], name="text_version_of_petition"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="text_version_digest_hex"),
            models.CheckConstraint(condition=Q(protection__in=Protection.values), name="text_version_protection_known"),
            models.CheckConstraint(
                condition=Q(languages__len__gt=0, languages__contained_by=Language.values),
                name="text_version_languages_known",
            ),
        ]

    def __str__(self) -> str:
        """Return the number, which reveals nothing about any signer."""
        return f"{self.number}"

    @property
    def open_now(self) -> bool:
        """Return whether the petition took signatures when this was read."""
        return self.phase == Phase.OPEN

    @property
    def rules(self) -> ProtectionRules:
        """Return the rules of the level of protection under which this text is signed."""
        return Protection(self.protection).rules

    @property
    def page_languages(self) -> list[str]:
        """Return the languages of its pages in the order of the site; see signatures.languages."""
        return page_languages(self.languages)

    @property
    def ordered_languages(self) -> list[str]:
        """Return its languages in the order of the site; the first is the fallback for other readers."""
        return in_site_order(self.languages)

    def language_for(self, language: str) -> str:
        """Return the language of the text for readers of a language: this one, or else the text's first."""
        return language if language in self.languages else self.ordered_languages[0]

    def body_in(self, language: str) -> TextVersionBody:
        """Return the text in a language, or else in its first language."""
        return self.bodies.get(language=self.language_for(language))

    @property
    def content(self) -> dict[str, Any]:
        """Return the content that signers were shown, decoded from the canonical JSON."""
        return dict(json.loads(self.canonical_json))


class TextVersionBodyQuerySet(models.QuerySet["TextVersionBody"]):
    """Queries for published texts."""

    def titled(self, version_id: int, language: str) -> TextVersionBody:
        """Return the text of a version in a language, or else in its first, with only the title loaded."""
        bodies = self.filter(version=version_id).select_related("version")
        found = {body.language: body for body in bodies.only("title", "language", "version__languages")}
        return found[next(iter(found.values())).version.language_for(language)]


class TextVersionBody(models.Model):
    """A published text in one language."""

    version = models.ForeignKey(TextVersion, on_delete=models.PROTECT, related_name="bodies")
    language = models.CharField(max_length=2, choices=shipped_choices)
    title = models.CharField(max_length=160)
    summary = models.TextField()
    body = models.TextField()
    consent = models.TextField()
    responsible_body = models.CharField(max_length=160)
    safety_notice = models.TextField(blank=True, default="", db_default="")
    sharing_notice = models.TextField(blank=True, default="", db_default="")
    confidentiality = models.TextField(blank=True, default="", db_default="")
    # By part of the text; written and read by signatures.texts.difference. Stored, since computing it may take long.
    changes = models.JSONField(editable=False, default=dict)

    objects = TextVersionBodyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "language"], name="text_version_body_per_language"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="text_version_body_language_known"),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(summary="") & ~Q(body="") & ~Q(consent=""),
                name="text_version_body_not_empty",
            ),
        ]

    def __str__(self) -> str:
        """Return the language code."""
        return self.language


class TextVersionRecipient(models.Model):
    """A recipient with its profile as shown to signers of this version; its names are frozen on the recipient."""

    version = models.ForeignKey(TextVersion, on_delete=models.PROTECT, related_name="recipients")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="in_versions")
    profile = models.CharField(max_length=6, choices=Profile.choices)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "recipient"], name="text_version_recipient_once"),
            models.CheckConstraint(condition=Q(profile__in=Profile.values), name="text_version_recipient_profile"),
        ]

    def __str__(self) -> str:
        """Return the label of the profile."""
        return self.profile
