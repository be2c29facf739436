"""Wave: new signatures with something in common, far more than the campaign's own past leads one to expect."""

from __future__ import annotations

import math
from collections.abc import Iterable

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Count, Exists, F, Func, OuterRef, Q

from signatures.models.choices import WaveKind
from signatures.models.clock import over
from signatures.models.petition import Petition
from signatures.models.rule import Rule
from signatures.models.signature import DOMAIN_MARK_LIFETIME, Signature
from signatures.models.standing_hold import StandingHold

# Groups that a flooder cannot hide honest people in: a mail domain, or one name. All others are far too wide.
NARROW = [WaveKind.DOMAIN, WaveKind.NAME]


class WaveQuerySet(models.QuerySet["Wave"]):
    """Queries for waves."""

    def waiting(self) -> WaveQuerySet:
        """Keep those that no organiser has looked at."""
        return self.filter(looked_at__isnull=True)

    def old(self) -> WaveQuerySet:
        """Keep those whose newest signature has reached the age at which its domain mark is erased."""
        return self.filter(over("last_at", DOMAIN_MARK_LIFETIME))

    def of_nobody(self) -> WaveQuerySet:
        """Keep those under one name of whose newest signatures none has a name any more: the name goes with theirs."""
        is_newest = Func(
            F("pk"),
            OuterRef("sample_ids"),
            template="%(expressions)s)",
            arg_joiner=" = ANY (",
            output_field=models.BooleanField(),
        )
        return self.filter(~Exists(Signature.objects.filter(is_newest, name__isnull=False)), kind=WaveKind.NAME)

    def covered_by(self, rule: Rule) -> WaveQuerySet:
        """Keep those that a decision by a rule settles: it is about each of their signatures, in whatever state."""
        if rule.signature_ids is not None:
            return self.none()
        conditions = {name: value for name, value in rule.equal_to().items() if name != "state"}
        if rule.name:
            conditions["name"] = rule.name
        found = self.filter(petition=rule.petition_id, **conditions)
        if rule.since is not None:
            found = found.filter(since__gte=rule.since)
        if rule.until is not None:
            found = found.filter(Q(last_at__lt=rule.until) | Q(until__lte=rule.until))
        return found

    def waiting_by_petition(self, petitions: Iterable[Petition]) -> dict[int, int]:
        """Return how many waves wait, by petition; none is no entry."""
        rows = self.waiting().filter(petition__in=[petition.pk for petition in petitions])
        return dict(rows.values_list("petition_id").annotate(amount=Count("pk")).order_by())


class Wave(Rule):
    """Signatures that stand out, as the rule that finds them; erased with the domain marks, after thirty days.

    ``since`` is when the first was confirmed, and ``last_at`` when the last was; ``until`` is only set for an hour.
    """

    kind = models.CharField(max_length=8, choices=WaveKind.choices)
    # Of the name of most of them, by which new ones are held.
    name_key = models.BinaryField(max_length=33, null=True, editable=False)
    amount = models.IntegerField()
    expected = models.IntegerField()
    # Those with higher numbers are not in the amount yet.
    newest_id = models.BigIntegerField(default=0)
    # A few of them to look at, without searching a long list.
    sample_ids = ArrayField(models.BigIntegerField(), default=list)
    last_at = models.DateTimeField()
    found_at = models.DateTimeField(db_default=TransactionNow())
    looked_at = models.DateTimeField(null=True)
    looked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # It is not told again, and starts no hold.
    is_fine = models.BooleanField(default=False)
    # False once an organiser has ended its hold.
    may_hold = models.BooleanField(default=True)
    hold = models.ForeignKey(StandingHold, on_delete=models.SET_NULL, null=True, related_name="waves")

    objects = WaveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["petition", "kind", "domain_key", "name_key", "country", "language", "text_version"],
                name="wave_once",
                condition=~Q(kind=WaveKind.HOUR),
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["petition", "since"], name="wave_once_in_an_hour", condition=Q(kind=WaveKind.HOUR)
            ),
            models.CheckConstraint(condition=Q(kind__in=WaveKind.values), name="wave_kind_known"),
            # Without its condition it would be a rule for every signature.
            models.CheckConstraint(
                condition=Q(kind=WaveKind.DOMAIN, domain_key__isnull=False)
                | (Q(kind=WaveKind.NAME, name_key__isnull=False) & ~Q(name=""))
                | (Q(kind=WaveKind.TRAP) & ~Q(state_reason=""))
                | (Q(kind=WaveKind.COUNTRY) & ~Q(country=""))
                | (Q(kind=WaveKind.LANGUAGE) & ~Q(language=""))
                | Q(kind=WaveKind.VERSION, text_version__isnull=False)
                | Q(kind=WaveKind.HOUR, until__isnull=False),
                name="wave_has_its_condition",
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=False, last_at__gte=F("since"), amount__gt=0, expected__gte=0),
                name="wave_has_its_figures",
            ),
            models.CheckConstraint(
                condition=Q(looked_at__isnull=True, looked_by__isnull=True, is_fine=False)
                | Q(looked_at__isnull=False, looked_by__isnull=False),
                name="wave_looked_at_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        """Return the row's number, which says nothing of the signers."""
        return f"{self.pk}"

    @property
    def is_narrow(self) -> bool:
        """Return whether new signatures like these may be held without shutting out many others."""
        return self.kind in NARROW

    @property
    def striking(self) -> float:
        """Return how far the amount is from what was to be expected, in the deviations of chance (Poisson)."""
        return (self.amount - self.expected) / math.sqrt(self.expected + 1)
