"""Filters of the audit log: what, who, which petition, which days, and what it was about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from signatures.admin.access import acting_organiser
from signatures.admin.filters import FormFilter
from signatures.admin.log_subjects import GROUPS, NUMBER_LENGTH_MAX, PERMISSION, Kind, entries_about, parse_about
from signatures.admin.log_words import NUMBERED
from signatures.models import AuditEntry, Delivery, Organiser, Signature
from signatures.models.choices import AuditAction
from signatures.models.rights import has_in_the_site, petitions_where

FROM, TO = "from", "to"
NOBODY = "0"


class GroupFilter(FormFilter):
    """Filters by groups of actions."""

    title = _("kind")
    parameter_name = "kind"
    input_type = "select"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the groups."""
        return [(code, str(label)) for code, (label, _actions) in GROUPS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Keep the entries of the chosen group."""
        chosen = GROUPS.get(self.value() or "")
        return queryset.filter(action__in=chosen[1]) if chosen else queryset


class ActionFilter(FormFilter):
    """Filters by what was done: more choices than a list of links has room for."""

    title = _("what")
    parameter_name = "action"
    input_type = "select"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return all actions in the order of their names."""
        return sorted(((str(code), str(label)) for code, label in AuditAction.choices), key=lambda one: one[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Keep the entries of the chosen action."""
        return queryset.filter(action=self.value()) if self.value() else queryset


class _NumberFilter(FormFilter):
    """Filters by the number of a row."""

    input_type = "select"
    column: str

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Keep the entries with the chosen number."""
        number = self.value() or ""
        if not number:
            return queryset
        if not number.isdecimal() or len(number) > NUMBER_LENGTH_MAX:
            return queryset.none()
        return queryset.filter(**{self.column: None if number == NOBODY else int(number)})


class PetitionFilter(_NumberFilter):
    """Filters by petition; only those whose log this organiser may read are offered."""

    title = _("petition")
    parameter_name = "petition__id__exact"
    column = "petition"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the petitions, and what is about none."""
        reader = acting_organiser(request)
        found = [(str(one.pk), str(one)) for one in petitions_where(reader, PERMISSION).order_by("-pk")]
        return [*found, (NOBODY, gettext("No petition"))] if has_in_the_site(reader, PERMISSION) else found


class ActorFilter(_NumberFilter):
    """Filters by who did it."""

    title = _("who")
    parameter_name = "actor__id__exact"
    column = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the accounts; to an auditor of some petitions those that have a role in them."""
        reader = acting_organiser(request)
        accounts = Organiser.objects.order_by("username")
        if not has_in_the_site(reader, PERMISSION):
            accounts = accounts.filter(memberships__petition__in=petitions_where(reader, PERMISSION)).distinct()
        return [*((str(one.pk), one.username) for one in accounts), (NOBODY, gettext("The site itself"))]


class DaysFilter(FormFilter):
    """Filters by days (UTC), the last one included."""

    title = _("days (UTC)")
    parameter_name = FROM
    input_type = "date"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        """Take the second parameter, too."""
        self.to = (params.pop(TO, None) or [""])[-1]
        super().__init__(request, params, model, model_admin)

    def expected_parameters(self) -> list[str | None]:
        """Return both parameters."""
        return [FROM, TO]

    def inputs(self) -> list[tuple[str, Any, str]]:
        """Return the two fields of the form."""
        return [(FROM, _("from"), self.value() or ""), (TO, _("to"), self.to)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Keep the entries of these days; a day that is none keeps none."""
        try:
            if self.value():
                queryset = queryset.filter(at__gte=_midnight(self.value() or ""))
            if self.to:
                queryset = queryset.filter(at__lt=_midnight(self.to) + timedelta(days=1))
        except (ValueError, OverflowError):
            return queryset.none()
        return queryset


def _midnight(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)


class AboutFilter(admin.SimpleListFilter):
    """Filters by one thing that entries are about; shown only where a page of the desk has led here."""

    title = _("about")
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return what was chosen, and nothing to choose else."""
        typed = request.GET.get("about", "")
        about = parse_about(typed)
        return [(typed, str(NUMBERED[about[0]]) % {"number": about[1]})] if about else [("", "")] if typed else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Keep the entries about it; what is nothing keeps none."""
        about = parse_about(self.value() or "")
        if about is None:
            return queryset.none() if self.value() else queryset
        return queryset.filter(entries_about(*about, petition=_petition_of(*about)))


def _petition_of(kind: Kind, number: int) -> int | None:
    """Return the petition of a signature or a hand-over, if it is still there."""
    if kind is Kind.SIGNATURE:
        return Signature.objects.filter(pk=number).values_list("petition", flat=True).first()
    if kind is Kind.DELIVERY:
        return Delivery.objects.filter(pk=number).values_list("petition", flat=True).first()
    return None
