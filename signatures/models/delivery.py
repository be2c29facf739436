"""Delivery: one hand-over to one recipient, with the packing that reached it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.utils.translation import gettext_lazy as _

from signatures.languages import complete_in_one, shipped_choices
from signatures.models.audit import AuditEntry
from signatures.models.choices import AuditAction, DeliveryState, Language, ListOrder, Profile, Purpose
from signatures.models.clock import UtcDay
from signatures.models.may_name import Span
from signatures.models.packing import Packing
from signatures.models.petition import Petition
from signatures.models.petition_sql import TEXT_LANGUAGES
from signatures.models.recipient import Recipient
from signatures.models.release import Release

# Confirmations take the time of the start of their transaction; after this long, all of them are committed.
CUT_OFF_AGE = timedelta(minutes=10)
OUT_OF_THE_HOUSE = [DeliveryState.HANDED_OVER, DeliveryState.ANSWERED]
NOTE_LENGTH_MAX = 500
REPLY_LENGTH_MAX = 20_000


class HandOverWay(models.TextChoices):
    """How files reached their recipient."""

    IN_PERSON = "IN_PERSON", _("In person")
    POST = "POST", _("By post")
    PORTAL = "PORTAL", _("Through the recipient's website")
    MAIL = "MAIL", _("By e-mail")
    OTHER = "OTHER", _("Otherwise")


@dataclass(frozen=True)
class HandOver:
    """A list that left the site.

    :param day: UTC day
    :param recipient: the name in the requested language, or else in the first available one
    :param is_recorded: whether it is recorded as handed over, rather than only downloaded
    """

    day: date
    recipient: str
    is_recorded: bool


@dataclass(frozen=True)
class Waiting:
    """A recipient who has not replied.

    :param recipient: the name in the requested language, or else in the first available one
    :param days: whole days since the hand-over, by the calendar of UTC
    """

    recipient: str
    days: int


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Queries for hand-overs."""

    def to_hand_over(self) -> DeliveryQuerySet:
        """Keep those meant for their recipient, not for the organisers' own work."""
        return self.filter(purpose=Purpose.HAND_OVER)

    def handed_over(self) -> DeliveryQuerySet:
        """Keep those that reached their recipient, newest first."""
        return self.filter(state__in=OUT_OF_THE_HOUSE).order_by("-handed_over_on", "-id")

    def without_reply_for(self, time: timedelta) -> DeliveryQuerySet:
        """Keep those for which a reply has been owed for longer than this."""
        return self.to_hand_over().with_wait().filter(waited__gt=time)  # type: ignore[misc]

    def with_wait(self) -> DeliveryQuerySet:
        """Annotate ``waited``, how long the recipient has owed a reply, or None if nothing is owed.

        A recipient who has replied to any hand-over since this one has replied.
        """
        answered_since = Delivery.objects.filter(
            recipient=OuterRef("recipient"),
            state=DeliveryState.ANSWERED,
            answered_on__gte=OuterRef("handed_over_on"),
        )
        owed = Q(state=DeliveryState.HANDED_OVER) & ~Exists(answered_since)
        waited = UtcDay(TransactionNow()) - F("handed_over_on")
        return self.annotate(waited=Case(When(owed, then=waited)))  # type: ignore[no-redef]

    def with_text_languages(self) -> DeliveryQuerySet:
        """Annotate ``text_languages``, the languages of the petition's newest text."""
        return self.select_related("petition").annotate(text_languages=TEXT_LANGUAGES)  # type: ignore[no-redef]

    def last_to(self, recipient: Recipient) -> Delivery | None:
        """Return the hand-over with the latest cut-off that reached this recipient, or None."""
        return self.filter(recipient=recipient, state__in=OUT_OF_THE_HOUSE).order_by("-cut_off", "-id").first()

    def hand_overs(self, petition: Petition, language: str) -> list[HandOver]:
        """Return each day on which names left the site for a recipient, newest first.

        A downloaded list counts too, since nobody knows where it went.
        """
        recipients = {recipient.pk: recipient.name_in(language) for recipient in petition.recipients.all()}
        unknown = _("a recipient that is no longer on the list")
        handed_over = self.filter(petition=petition, profile=Profile.NAMES).handed_over()
        found = {(row.handed_over_on, row.recipient_id, True) for row in handed_over if row.handed_over_on}
        of_these = {row.pk for row in handed_over}
        made = AuditEntry.objects.filter(petition=petition, action=AuditAction.EXPORT_STARTED)
        for day, target, details in made.values_list(UtcDay("at"), "target", "details"):
            if details.get("names", True) and details.get("delivery") not in of_these:
                found.add((day, target, False))
        # The audit log may refer to a recipient that was deleted before any text named it.
        return [
            HandOver(day, recipients.get(target) or str(unknown), is_recorded)
            for day, target, is_recorded in sorted(found, reverse=True)
        ]


class Delivery(models.Model):
    """What one recipient gets up to a cut-off, or a list for the organisers' own work.

    Its data is frozen once it is handed over (trigger).
    """

    petition = models.ForeignKey(
        Petition, on_delete=models.PROTECT, related_name="deliveries", verbose_name=_("petition")
    )
    recipient = models.ForeignKey(
        Recipient, on_delete=models.PROTECT, related_name="deliveries", verbose_name=_("recipient")
    )
    purpose = models.CharField(_("purpose"), max_length=9, choices=Purpose.choices, default=Purpose.HAND_OVER)
    state = models.CharField(_("state"), max_length=11, choices=DeliveryState.choices, default=DeliveryState.PREPARED)
    profile = models.CharField(_("receives"), max_length=6, choices=Profile.choices)
    cut_off = models.DateTimeField(_("cut-off (UTC)"))
    since = models.DateTimeField(_("only what is new since (UTC)"), null=True)
    language = models.CharField(_("language"), max_length=2, choices=shipped_choices)
    delimiter = models.CharField(_("separator"), max_length=1)
    order = models.CharField(_("order"), max_length=7, choices=ListOrder.choices)
    with_latin = models.BooleanField(_("names in Latin letters, too"))
    with_city = models.BooleanField(_("with cities"))
    by_country = models.BooleanField(_("totals by country"))
    with_workbook = models.BooleanField(_("with a workbook (XLSX)"))
    with_document = models.BooleanField(_("with a document (PDF)"))
    with_petitioner = models.BooleanField(_("with the lead petitioner's nationality and address"))
    # The release whose numbers its files contain: the last one before its cut-off, if any.
    release = models.ForeignKey(
        Release, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("release")
    )
    confirmed = models.PositiveIntegerField(_("signatures"))
    named = models.PositiveIntegerField(_("with names"))
    prepared_at = models.DateTimeField(_("prepared at"), db_default=TransactionNow(), editable=False)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("prepared by")
    )
    packing = models.ForeignKey(
        Packing, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("packing")
    )
    # The watermarks of its files are derived from it; with it, guesses could be tested against their public digests.
    seed_encrypted = models.BinaryField(null=True, editable=False)
    handed_over_on = models.DateField(_("handed over on"), null=True)
    handed_over_how = models.CharField(_("how"), max_length=9, choices=HandOverWay.choices, blank=True, default="")
    note = models.TextField(_("note"), max_length=NOTE_LENGTH_MAX, blank=True, default="")
    answered_on = models.DateField(_("answered on"), null=True)
    reply = models.TextField(_("reply"), max_length=REPLY_LENGTH_MAX, blank=True, default="")

    objects = DeliveryQuerySet.as_manager()  # type: ignore[django-manager-missing]

    if TYPE_CHECKING:
        text_languages: list[str]
        waited: timedelta | None
        reply_en: str | None
        reply_ru: str | None

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_known"),
            models.CheckConstraint(condition=Q(profile__in=Profile.values), name="delivery_profile_known"),
            models.CheckConstraint(condition=Q(order__in=ListOrder.values), name="delivery_order_known"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="delivery_language_known"),
            models.CheckConstraint(condition=Q(delimiter__in=[",", ";"]), name="delivery_delimiter_known"),
            models.CheckConstraint(
                condition=Q(cut_off__lte=F("prepared_at") - CUT_OFF_AGE)
                | Q(purpose=Purpose.OWN_WORK, cut_off__lte=F("prepared_at")),
                name="delivery_cut_off_is_over",
            ),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="delivery_purpose_known"),
            models.CheckConstraint(
                condition=Q(purpose=Purpose.HAND_OVER) | Q(state=DeliveryState.PREPARED),
                name="delivery_own_work_stays",
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(since__lt=F("cut_off")), name="delivery_since_before_cut_off"
            ),
            models.CheckConstraint(condition=Q(named__lte=F("confirmed")), name="delivery_names_are_confirmed"),
            models.CheckConstraint(
                condition=Q(profile=Profile.NAMES) | Q(named=0), name="delivery_totals_have_no_names"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=DeliveryState.PREPARED, handed_over_on__isnull=True, handed_over_how="", packing__isnull=True
                )
                | (
                    Q(state__in=OUT_OF_THE_HOUSE, handed_over_on__isnull=False, packing__isnull=False)
                    & Q(handed_over_how__in=HandOverWay.values)
                ),
                name="delivery_handed_over_is_packed",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.ANSWERED)
                | (Q(answered_on__isnull=False, answered_on__gte=F("handed_over_on")) & complete_in_one("reply")),
                name="delivery_answer_in_a_language",
            ),
        ]
        indexes = [models.Index("petition", F("id").desc(), name="delivery_newest")]

    def __str__(self) -> str:
        """Return the number that the manifest and the public page use."""
        return f"{self.pk}"

    @property
    def days_waited(self) -> int | None:
        """Return ``waited`` in whole days, or None if no reply is owed since an earlier day; see ``with_wait``."""
        return self.waited.days if self.waited is not None and self.waited.days > 0 else None

    @property
    def unnamed(self) -> int:
        """Return how many signatures are only counted."""
        return self.confirmed - self.named

    @property
    def is_own_work(self) -> bool:
        """Return whether it is for the organisers' own work rather than for a recipient."""
        return self.purpose == Purpose.OWN_WORK

    @property
    def span(self) -> Span:
        """Return the span of the signatures that it covers."""
        return Span(since=self.since, up_to=self.cut_off, profile=self.profile)

    @property
    def latest_packing(self) -> Packing | None:
        """Return the packing that was handed over, or else the newest, or None if no file was made yet."""
        return self.packing or self.packings.order_by("-id").first()


def still_owing(rows: Iterable[Delivery], language: str) -> list[Waiting]:
    """Return the recipients who have owed a reply for a day or longer, each once, the longest wait first.

    :param rows: hand-overs with ``with_wait``, the newest first
    """
    # The oldest of each recipient stays.
    longest = {row.recipient_id: (row.days_waited, row.recipient) for row in rows if row.days_waited}
    by_days = sorted(longest.values(), key=lambda one: one[0], reverse=True)
    return [Waiting(recipient.name_in(language), days) for days, recipient in by_days]
