"""Petition: one campaign with its draft text."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from signatures.languages import Language, complete_in, in_site_order, page_languages, site_languages, text_in
from signatures.models.choices import PetitionStatus, SharePlace
from signatures.models.clock import UtcDay
from signatures.models.petition_sql import PHASE_NOW, TEXT_LANGUAGES, exact_count
from signatures.models.protection import Protection

if TYPE_CHECKING:
    # mypy has to know this module before the models whose managers it makes, or it fails on what it has kept of a run.
    import modeltranslation.manager  # noqa: F401


def usual_share_places() -> list[str]:
    """Return the share links of a new petition: all except the one whose operator passes user data to a state."""
    return [place for place in SharePlace.values if place != SharePlace.VK]


class PetitionQuerySet(models.QuerySet["Petition"]):
    """Queries for petitions."""

    def public(self) -> PetitionQuerySet:
        """Keep those that anyone may read: published and not a draft any more."""
        return self.exclude(status=PetitionStatus.DRAFT).filter(text_versions__isnull=False).distinct()

    def listed(self) -> PetitionQuerySet:
        """Keep the public ones that are listed: an archived one has its pages, and no list leads there."""
        return self.public().filter(archived_at__isnull=True)

    def mailing_news(self) -> PetitionQuerySet:
        """Keep those whose news anybody can ask for by mail."""
        return self.filter(news_by_mail=True, purged_at__isnull=True)

    def with_text_languages(self) -> PetitionQuerySet:
        """Annotate ``text_languages``, those of the newest text, or None before the first; see TextVersion."""
        return self.annotate(text_languages=TEXT_LANGUAGES)  # type: ignore[no-redef]

    def only_one(self) -> tuple[str, list[str]] | None:
        """Return the only one of these petitions, or None if there are none or several.

        :returns: its slug, and the languages of its pages
        """
        found = list(self.with_text_languages().only("slug")[:2])
        return (found[0].slug, page_languages(found[0].text_languages or [])) if len(found) == 1 else None

    def with_count(self) -> PetitionQuerySet:
        """Annotate ``exact_count``, the number of signatures that count now; see TallySum."""
        return self.annotate(exact_count=exact_count())

    def with_phase(self) -> PetitionQuerySet:
        """Annotate ``phase``, the current Phase."""
        return self.annotate(phase=PHASE_NOW)

    def to_erase_within(self, time: timedelta) -> PetitionQuerySet:
        """Keep those with personal data whose day of erasure is within this time or past."""
        return self.filter(purged_at__isnull=True, erase_on__lte=UtcDay(TransactionNow() + time)).order_by("erase_on")


class Petition(models.Model):  # type: ignore[django-manager-missing]
    """A campaign: when it runs, who is responsible for it, and the draft of its text."""

    slug = models.SlugField(
        _("address"), max_length=80, unique=True, help_text=_("The last part of the page's address.")
    )
    status = models.CharField(_("status"), max_length=6, choices=PetitionStatus.choices, default=PetitionStatus.DRAFT)
    protection = models.CharField(
        _("protection"),
        max_length=8,
        choices=Protection.choices,
        default=Protection.GUARDED,
        help_text=_("It can be raised with a new text, and never lowered once the text was published."),
    )
    languages = ArrayField(
        models.CharField(max_length=2), verbose_name=_("languages of the petition"), default=site_languages
    )
    opens_at = models.DateTimeField(_("opens at (UTC)"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes at (UTC)"), null=True, blank=True)
    goal = models.PositiveIntegerField(
        _("goal"),
        null=True,
        blank=True,
        help_text=_(
            "The public page shows the next step on the way: 100, 250, 500, 1,000, 2,500 and so on. Your goal stands"
            " there once it is nearer than the next of these; after it they go on. May stay empty."
        ),
    )
    title = models.CharField(_("title"), max_length=160, blank=True)
    summary = models.TextField(
        _("summary"), max_length=600, blank=True, help_text=_("Two sentences: who asks whom for what.")
    )
    body = models.TextField(_("text"), blank=True, help_text=_("Markdown."))
    consent = models.TextField(_("consent statement"), max_length=600, blank=True)
    responsible_body = models.CharField(_("responsible body"), max_length=160, blank=True)
    contact = models.EmailField(_("contact"), blank=True)
    safety_notice = models.TextField(
        _("safety notice"),
        max_length=1000,
        blank=True,
        help_text=_("Markdown. It stands above the form: who must take care, and how. Empty: none."),
    )
    sharing_notice = models.TextField(
        _("sharing notice"),
        max_length=300,
        blank=True,
        help_text=_("It stands above the links for passing the petition on. Empty: none."),
    )
    confidentiality = models.TextField(
        _("why names are confidential"),
        max_length=600,
        blank=True,
        help_text=_("It stands in the letter and in README.txt of lists with names. Empty: none."),
    )
    thanks = models.TextField(
        _("words of thanks"),
        max_length=600,
        blank=True,
        help_text=_("They stand on the page after confirming. Empty: none."),
    )
    closing_words = models.TextField(
        _("closing words"),
        max_length=1000,
        blank=True,
        help_text=_("Once it is closed they stand above the text and in the list: what has come of it. Empty: none."),
    )
    countries_first = ArrayField(
        models.CharField(max_length=2), verbose_name=_("countries shown first"), default=list, blank=True
    )
    share_places = ArrayField(
        models.CharField(max_length=8, choices=SharePlace.choices),
        verbose_name=_("places to share"),
        default=usual_share_places,
        blank=True,
    )
    asks_city = models.BooleanField(_("ask for the city"), default=False)
    reviews_names = models.BooleanField(
        _("look at names before everyone sees them"),
        default=False,
        db_default=False,
        help_text=_(
            "Names that everyone may see appear only after one of you has looked at them. Switched off, it lets new"
            " names appear at once; those that wait already go on waiting."
        ),
    )
    waiting_words = models.TextField(
        _("words that make a name wait"),
        max_length=4000,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "One on each line, or how it begins. A name with one of them waits until one of you has looked at it, as"
            " do names with addresses or digits. It holds for names from now on."
        ),
    )
    erase_on = models.DateField(
        _("erase personal data on (UTC)"),
        null=True,
        blank=True,
        help_text=_(
            "On this day the petition is closed, and everything stored of its signers is erased. Numbers stay."
        ),
    )
    news_by_mail = models.BooleanField(
        _("news by mail"),
        default=False,
        db_default=False,
        help_text=_(
            "Whoever asks for it is sent each update when it is published. Only for petitions whose signers nobody"
            " punishes. Switched off, nothing more is sent, and the addresses wait until you switch it on again."
            " Raising the protection erases them at once."
        ),
    )
    archived_at = models.DateTimeField(_("archived at"), null=True, editable=False)
    four_eyes = models.BooleanField(
        _("two people for what cannot be taken back"),
        default=False,
        db_default=False,
        help_text=_(
            "Exports, hand-overs and erasing wait until a second person has agreed, and so do rules that remove more"
            " signatures than the number below. Switching this off waits, too."
        ),
    )
    four_eyes_from = models.PositiveIntegerField(_("a rule waits if it removes more than"), default=100, db_default=100)
    created_at = models.DateTimeField(_("created at"), db_default=TransactionNow(), editable=False)
    purged_at = models.DateTimeField(_("personal data erased at"), null=True, editable=False)

    objects = PetitionQuerySet.as_manager()  # type: ignore[django-manager-missing]

    if TYPE_CHECKING:
        text_languages: list[str] | None
        title_en: str
        title_ru: str
        summary_en: str
        summary_ru: str
        body_en: str
        body_ru: str
        consent_en: str
        consent_ru: str
        responsible_body_en: str
        responsible_body_ru: str
        safety_notice_en: str
        safety_notice_ru: str
        sharing_notice_en: str
        sharing_notice_ru: str
        confidentiality_en: str
        confidentiality_ru: str
        thanks_en: str
        thanks_ru: str
        closing_words_en: str
        closing_words_ru: str

    class Meta:
        verbose_name = _("petition")
        verbose_name_plural = _("petitions")
        permissions = [
            ("publish_petition", _("Can publish a petition's text")),
            ("export_signatures", _("Can export the signature list")),
            ("hand_over_list", _("Can hand the list over to a recipient")),
            ("purge_petition", _("Can erase the personal data of all signers")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PetitionStatus.values), name="petition_status_known"),
            models.CheckConstraint(condition=Q(protection__in=Protection.values), name="petition_protection_known"),
            models.CheckConstraint(
                condition=Q(status=PetitionStatus.DRAFT) | Q(opens_at__isnull=False),
                name="petition_opens_before_it_is_public",
                violation_error_message=_("Set the opening time first."),
            ),
            models.CheckConstraint(
                condition=Q(status=PetitionStatus.DRAFT)
                | Q(
                    ~Q(contact=""),
                    *(
                        ~Q(languages__contains=[language]) | complete_in(language, "responsible_body")
                        for language in Language.values
                    ),
                ),
                name="petition_public_has_somebody_responsible",
                violation_error_message=_("Signers must see who is responsible, and whom to write to."),
            ),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=models.F("opens_at")),
                name="petition_closes_after_opening",
                violation_error_message=_("The closing time must be after the opening time."),
            ),
            models.CheckConstraint(
                condition=Q(languages__len__gt=0, languages__contained_by=Language.values),
                name="petition_languages_known",
                violation_error_message=_("Choose the languages of the petition, at least one."),
            ),
            models.CheckConstraint(
                condition=Q(share_places__contained_by=SharePlace.values), name="petition_share_places_known"
            ),
            models.CheckConstraint(
                condition=Q(news_by_mail=False)
                | Q(protection__in=[level.value for level in Protection if level.rules.offers_news_by_mail]),
                name="petition_news_by_mail_allowed",
                violation_error_message=_(
                    "News by mail is only for petitions whose signers nobody punishes: switch it off."
                ),
            ),
            models.CheckConstraint(
                condition=Q(archived_at__isnull=True) | Q(status=PetitionStatus.CLOSED),
                name="petition_archived_stays_closed",
                violation_error_message=_("It is archived: it stays closed."),
            ),
            models.CheckConstraint(
                condition=Q(purged_at__isnull=True) | Q(status=PetitionStatus.CLOSED),
                name="petition_purged_stays_closed",
                violation_error_message=_("The personal data of its signers was erased: it stays closed."),
            ),
        ]

    def __str__(self) -> str:
        """Return the title, in the active language if available, or the slug if there is none."""
        return text_in(self, "title") or self.slug

    @property
    def ordered_languages(self) -> list[str]:
        """Return the languages of the draft in the order of the site."""
        return in_site_order(self.languages)
