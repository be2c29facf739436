"""Signature: one confirmed signer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta

from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Count, ExpressionWrapper, F, Func, Q
from django.utils.translation import gettext_lazy as _

from signatures.languages import shipped_choices
from signatures.models.choices import Language, NameReview, SignatureState, Source, StateReason, Visibility
from signatures.models.clock import UtcDay, over
from signatures.models.may_name import EVER, NAMED, Span, may_name
from signatures.models.name_search import NAME_WORDS, HasWords, WordQuery, find_names, query_for
from signatures.models.petition import Petition
from signatures.models.protection import ProtectionRules
from signatures.models.recipient import Recipient
from signatures.models.review import NAME_WAITS, REASON_WAITS, ReviewQuerySet
from signatures.models.rule import Rule
from signatures.models.switch import Switch, SwitchName
from signatures.models.text_version import TextVersion

NAME_LENGTH_MAX = 120
CITY_LENGTH_MAX = 120
REASON_LENGTH_MAX = 500
DOMAIN_MARK_LIFETIME = timedelta(days=30)
# As of the published numbers.
ALIKE_MIN = 10
NOT_COUNTED = [SignatureState.HELD, SignatureState.REMOVED]
# What is not as most names are: few rows, or many of one night.
REVIEWED = [NameReview.WAITING, NameReview.HIDDEN]
# The newest of one petition. The database takes them to lie among the newest of all, and reads those; with the sum in
# it, the order is that of one index alone.
NEWEST_OF_PETITION = (F("id") + 0).desc()


class SignatureQuerySet(ReviewQuerySet):
    """Queries for signatures."""

    def confirmed(self) -> SignatureQuerySet:
        """Keep those that count."""
        return self.filter(state=SignatureState.CONFIRMED)

    def public(self) -> SignatureQuerySet:
        """Keep those that count, whose signers chose PUBLIC, and whose names may be shown."""
        # Only these have a place (constraint), so that names which wait are skipped by the index.
        return self.confirmed().filter(visibility=Visibility.PUBLIC, place__isnull=False)

    def shown(self, rules: ProtectionRules) -> SignatureQuerySet:
        """Keep those whose names are public now, in the order of the public list; none while a switch hides them."""
        rows = self.public().filter(is_listed=True) if rules.names_wait_for_release else self.public()
        # Asked by the same statement, so that no page, kept or new, shows a name after the switch was turned on.
        rows = rows.filter(~Switch.objects.is_on(SwitchName.HIDE_NAMES))
        return rows.order_by("-place")

    def show(self) -> int:
        """Publish these names from now on, each at a random place among those of this minute; return how many."""
        place = Func(function="signatures_random_place", output_field=models.BigIntegerField())
        return self.update(is_listed=True, place=place)

    def names_by_country(self) -> list[tuple[str, bool, int]]:
        """Return (country, whether already published, amount) for the names of public signers."""
        return list(self.public().values_list("country", "is_listed").annotate(amount=Count("id")).order_by())

    def matching(self, rule: Rule) -> SignatureQuerySet:
        """Keep the signatures of a rule's petition that meet all of its conditions."""
        rows = self.filter(petition_id=rule.petition_id, **rule.equal_to())
        if rule.since is not None:
            rows = rows.filter(signed_on__gte=rule.since.astimezone(UTC).date(), last_confirmed_at__gte=rule.since)
        if rule.until is not None:
            rows = rows.filter(signed_on__lte=rule.until.astimezone(UTC).date(), last_confirmed_at__lt=rule.until)
        if rule.signature_ids is not None:
            rows = rows.filter(pk__in=rule.signature_ids)
        if rule.name:
            query = query_for(rule.name)
            rows = rows.annotate(hit=HasWords(NAME_WORDS, WordQuery(query))).filter(hit=True) if query else rows.none()
        return rows

    def alike(self, signature: Signature) -> SignatureQuerySet:
        """Keep those of the same petition whose addresses have the same domain; none if that of this one is unknown.

        None where there are few, too: with a mailbox at a small firm, anyone could see who else signed from there.
        """
        if signature.domain_key is None:
            return self.none()
        group = {"petition_id": signature.petition_id, "domain_key": signature.domain_key}
        some = Signature.objects.filter(**group).order_by("-id").values_list("pk")[:ALIKE_MIN]
        return self.filter(**group) if len(some) >= ALIKE_MIN else self.none()

    def held(self) -> SignatureQuerySet:
        """Keep those that an organiser must decide on before they count."""
        return self.filter(state=SignatureState.HELD)

    def with_old_domain_mark(self) -> SignatureQuerySet:
        """Keep those whose domain mark has reached its maximum age."""
        return self.filter(domain_key__isnull=False).filter(over("last_confirmed_at", DOMAIN_MARK_LIFETIME))

    def counted_in(self, petition_id: int, span: Span = EVER) -> SignatureQuerySet:
        """Keep those that count for a petition, within a span."""
        rows = self.confirmed().filter(petition_id=petition_id)
        if span.since is not None:
            rows = rows.filter(current_since__gt=span.since)
        return rows if span.up_to is None else rows.filter(current_since__lte=span.up_to)

    def named_for(self, recipient: Recipient, span: Span = EVER) -> SignatureQuerySet:
        """Keep exactly those whose names this recipient may get."""
        return self.counted_in(recipient.petition_id, span).filter(may_name(recipient, span))

    def numbers_for(
        self, petition_id: int, recipients: Iterable[Recipient], span: Span = EVER
    ) -> tuple[int, dict[int, int]]:
        """Return how many count, and by recipient how many of these it may get with names, in one statement."""
        named = {f"named_{one.pk}": Count("pk", filter=may_name(one, span)) for one in recipients}
        found = self.counted_in(petition_id, span).aggregate(confirmed=Count("pk"), **named)
        confirmed = found.pop("confirmed")
        return confirmed, {int(key.removeprefix("named_")): amount for key, amount in found.items()}

    def search_names(self, text: str) -> SignatureQuerySet:
        """Keep those with names whose words begin with the given words, up to a limit that one can look through.

        The search runs immediately, not when the rows are read.

        :param text: cleaned like names before they are stored
        """
        query = query_for(text)
        return self.filter(pk__in=find_names(self, query)) if query else self

    def by_version_and_naming(self) -> list[tuple[int, bool, int]]:
        """Return (text version id, whether named, amount) over the rows, in one statement."""
        named = ExpressionWrapper(Q(visibility__in=NAMED), output_field=models.BooleanField())
        rows = self.annotate(named=named).values_list("text_version_id", "named").annotate(amount=Count("id"))
        return list(rows.order_by())


class Signature(models.Model):
    """One confirmed signer: the name only if the signer allows anybody to see it, never an address."""

    # Together they are one foreign key in the database, to the version of this petition (``signature.sql``): two more
    # would cost lookups for each new signature, and so make inserting slower than changing.
    petition = models.ForeignKey(
        Petition, on_delete=models.PROTECT, db_constraint=False, related_name="signatures", verbose_name=_("petition")
    )
    email_key = models.BinaryField(max_length=33, null=True, editable=False)
    domain_key = models.BinaryField(max_length=33, null=True, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=SignatureState.choices, default=SignatureState.CONFIRMED)
    state_reason = models.CharField(_("why held or removed"), max_length=10, choices=StateReason.choices, null=True)
    source = models.CharField(_("source"), max_length=6, choices=Source.choices, default=Source.WEB)
    visibility = models.CharField(_("who may see the name"), max_length=9, choices=Visibility.choices)
    name = models.CharField(_("name"), max_length=NAME_LENGTH_MAX, null=True)
    city = models.CharField(_("city"), max_length=CITY_LENGTH_MAX, null=True)
    country = models.CharField(_("country"), max_length=2)
    language = models.CharField(_("language"), max_length=2, choices=shipped_choices)
    text_version = models.ForeignKey(
        TextVersion,
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name="signatures",
        verbose_name=_("text version"),
    )
    reason = models.CharField(_("reason for signing"), max_length=REASON_LENGTH_MAX, null=True)
    # PostgreSQL keeps no statistics on reasons, and so would not know how few there are.
    has_reason = models.GeneratedField(
        expression=ExpressionWrapper(Q(reason__isnull=False), output_field=models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    reason_approved = models.BooleanField(_("reason approved"), default=False)
    name_review = models.CharField(
        _("name before everyone"),
        max_length=7,
        choices=NameReview.choices,
        default=NameReview.OK,
        db_default=NameReview.OK,
    )
    # Set by triggers and releases: whether a release has published the name, and its place in the public list, which
    # doesn't reveal when the signer first signed.
    is_listed = models.BooleanField(default=False, editable=False)
    place = models.BigIntegerField(null=True, editable=False)
    ever_counted = models.BooleanField(_("was counted once"), default=True)
    first_confirmed_at = models.DateTimeField(_("first confirmed"), db_default=TransactionNow())
    current_since = models.DateTimeField(_("current since"), db_default=TransactionNow())
    last_confirmed_at = models.DateTimeField(_("last confirmed"), db_default=TransactionNow())
    signed_on = models.GeneratedField(
        expression=UtcDay("last_confirmed_at"),
        output_field=models.DateField(),
        db_persist=True,
        verbose_name=_("signed on (UTC)"),
    )

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        permissions = [
            ("moderate_signatures", _("Can hold, remove and restore signatures, and approve reasons")),
            ("erase_signature", _("Can erase a signature at its signer's request")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["petition", "email_key"], name="signature_one_per_address"),
            models.CheckConstraint(
                condition=Q(visibility=Visibility.COUNTED, name__isnull=True, city__isnull=True)
                | Q(visibility__in=NAMED, name__isnull=False),
                name="signature_name_as_visible",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="signature_name_not_empty"),
            models.CheckConstraint(
                condition=Q(reason__isnull=True) | Q(visibility=Visibility.PUBLIC), name="signature_reason_only_public"
            ),
            models.CheckConstraint(
                condition=Q(reason_approved=False) | Q(reason__isnull=False), name="signature_approved_reason_exists"
            ),
            models.CheckConstraint(
                condition=Q(source__in=[Source.PAPER, Source.IMPORT]) | Q(source=Source.WEB, email_key__isnull=False),
                name="signature_web_has_key",
            ),
            models.CheckConstraint(
                condition=Q(state=SignatureState.CONFIRMED, state_reason__isnull=True, ever_counted=True)
                | Q(state__in=NOT_COUNTED, state_reason__isnull=False),
                name="signature_state_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=SignatureState.CONFIRMED,
                    visibility=Visibility.PUBLIC,
                    name_review=NameReview.OK,
                    place__isnull=False,
                )
                | Q(is_listed=False, place__isnull=True),
                name="signature_place_only_public",
            ),
            models.CheckConstraint(condition=Q(name_review__in=NameReview.values), name="signature_review_known"),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="signature_country_code"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="signature_language_known"),
            models.CheckConstraint(
                condition=Q(first_confirmed_at__lte=F("last_confirmed_at"), last_confirmed_at__lte=F("current_since")),
                name="signature_instants_in_order",
            ),
        ]
        indexes = [
            models.Index("petition", "id", name="signature_export", condition=Q(state=SignatureState.CONFIRMED)),
            models.Index(
                "petition",
                F("place").desc(),
                name="signature_public",
                condition=Q(state=SignatureState.CONFIRMED, visibility=Visibility.PUBLIC),
            ),
            models.Index("petition", "state", F("id").desc(), name="signature_state"),
            models.Index(F("petition"), NEWEST_OF_PETITION, name="signature_newest"),
            models.Index("country", F("id").desc(), name="signature_country"),
            models.Index("visibility", F("id").desc(), name="signature_visibility"),
            models.Index("language", F("id").desc(), name="signature_language"),
            models.Index("signed_on", F("id").desc(), name="signature_day"),
            models.Index("text_version", F("id").desc(), name="signature_version"),
            models.Index(F("last_confirmed_at"), name="signature_domain_mark", condition=Q(domain_key__isnull=False)),
            # Few rows among many: without these, finding signatures to decide on would scan the whole list.
            models.Index("state", F("id").desc(), name="signature_not_counted", condition=Q(state__in=NOT_COUNTED)),
            models.Index("reason_approved", F("id").desc(), name="signature_with_reason", condition=Q(has_reason=True)),
            models.Index(F("petition"), F("id") + 0, name="signature_name_waits", condition=NAME_WAITS),
            models.Index(F("petition"), F("id") + 0, name="signature_reason_waits", condition=REASON_WAITS),
            # The newest first, as the list shows them: half a million may come from one domain, in one hour, or wait.
            models.Index(
                "petition",
                "domain_key",
                F("id").desc(),
                name="signature_of_domain_newest",
                condition=Q(domain_key__isnull=False),
            ),
            models.Index(F("last_confirmed_at").desc(), F("id").desc(), name="signature_last_confirmed"),
            models.Index(
                "state_reason", F("id").desc(), name="signature_state_reason", condition=Q(state__in=NOT_COUNTED)
            ),
            models.Index(
                "name_review", F("id").desc(), name="signature_name_review", condition=Q(name_review__in=REVIEWED)
            ),
            GinIndex(NAME_WORDS, name="signature_name_words"),
        ]

    def __str__(self) -> str:
        """Return the id only, since Django's own log keeps this text for ever."""
        return f"{self.pk}"
