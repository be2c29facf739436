"""Says in words, with links, what the entries of the audit log are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeGuard

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from signatures.admin.log_subjects import Kind, subject_of
from signatures.models import (
    Approval,
    AuditEntry,
    Batch,
    Bundle,
    Delivery,
    Organiser,
    Petition,
    Recipient,
    Signature,
    TextVersion,
    Update,
    Wave,
)
from signatures.models.choices import ApprovalKind, AuditAction
from signatures.models.rights import may

ROWS: dict[Kind, QuerySet[Any]] = {
    Kind.PETITION: Petition.objects.all(),
    Kind.VERSION: TextVersion.objects.all(),
    # Never the name, which the log must not show.
    Kind.SIGNATURE: Signature.objects.only("pk", "petition_id"),
    Kind.RULE: Batch.objects.all(),
    Kind.WAVE: Wave.objects.all(),
    Kind.BUNDLE: Bundle.objects.all(),
    Kind.ACCOUNT: Organiser.objects.all(),
    Kind.DELIVERY: Delivery.objects.all(),
    Kind.NEWS: Update.objects.all(),
    Kind.RECIPIENT: Recipient.objects.all(),
    Kind.APPROVAL: Approval.objects.all(),
}
PERMISSIONS = {
    Kind.PETITION: "view_petition",
    Kind.VERSION: "view_textversion",
    Kind.SIGNATURE: "view_signature",
    Kind.RULE: "moderate_signatures",
    Kind.WAVE: "moderate_signatures",
    Kind.BUNDLE: "enter_signatures",
    Kind.ACCOUNT: "view_organiser",
    Kind.DELIVERY: "view_delivery",
    Kind.NEWS: "view_update",
}
NUMBERED: dict[Kind, Promise] = {
    Kind.PETITION: gettext_lazy("Petition %(number)s"),
    Kind.VERSION: gettext_lazy("Text version %(number)s"),
    Kind.SIGNATURE: gettext_lazy("Signature %(number)s"),
    Kind.RULE: gettext_lazy("Rule %(number)s"),
    Kind.WAVE: gettext_lazy("Wave %(number)s"),
    Kind.HOLD: gettext_lazy("Hold of new signatures %(number)s"),
    Kind.BUNDLE: gettext_lazy("Bundle of sheets %(number)s"),
    Kind.ACCOUNT: gettext_lazy("Account %(number)s"),
    Kind.DELIVERY: gettext_lazy("Hand-over %(number)s"),
    Kind.NEWS: gettext_lazy("Update %(number)s"),
    Kind.RECIPIENT: gettext_lazy("Recipient %(number)s"),
    Kind.APPROVAL: gettext_lazy("Request to a second person %(number)s"),
}

# The keys of details that are numbers of rows.
IN_DETAILS = {
    "copied_from": Kind.PETITION,
    "recipient": Kind.RECIPIENT,
    "delivery": Kind.DELIVERY,
    "both_let_in_by": Kind.ACCOUNT,
}


class LogWords:
    """Words and links for some entries; what they are about is read once for each kind."""

    def __init__(
        self, entries: Iterable[AuditEntry], reader: Organiser, others: Iterable[tuple[Kind, int]] = ()
    ) -> None:
        """Read what the entries are about.

        :param reader: the organiser who gets links to what they may open, and no others
        :param others: what else will be asked for
        """
        self.reader = reader
        wanted: dict[Kind, set[int]] = defaultdict(set)
        for kind, number in others:
            wanted[kind].add(number)
        for entry in entries:
            self._want(wanted, entry)
        self.rows = {kind: self._read(kind, numbers) for kind, numbers in wanted.items()}
        gone = wanted[Kind.PETITION] - self.rows.get(Kind.PETITION, {}).keys()
        self.slugs = _slugs_of_deleted(gone) if gone else {}

    @staticmethod
    def _want(wanted: dict[Kind, set[int]], entry: AuditEntry) -> None:
        subject = subject_of(entry)
        found = [subject] if subject else []
        found += [(Kind.PETITION, entry.petition_id)] if entry.petition_id is not None else []
        found += [(Kind.ACCOUNT, entry.actor_id)] if entry.actor_id is not None else []
        for key, kind in IN_DETAILS.items():
            holds = entry.details.get(key)
            found += [(kind, holds)] if _is_number(holds) else []
        filters = entry.details.get("filters")
        version = filters.get("text_version") if isinstance(filters, dict) else None
        found += [(Kind.VERSION, version)] if _is_number(version) else []
        for kind, number in found:
            wanted[kind].add(number)

    @staticmethod
    def _read(kind: Kind, numbers: set[int]) -> dict[int, Any]:
        rows = ROWS.get(kind)
        return {} if rows is None else {row.pk: row for row in rows.filter(pk__in=numbers)}

    def about(self, entry: AuditEntry) -> str:
        """Return what an entry is about; its petition has a column of its own."""
        subject = subject_of(entry)
        return self.named(*subject, entry.petition_id) if subject else ""

    def petition(self, entry: AuditEntry) -> str:
        """Return the petition, with a link; of a draft that was deleted the last part of its address."""
        return "" if entry.petition_id is None else self.named(Kind.PETITION, entry.petition_id, entry.petition_id)

    def actor(self, entry: AuditEntry) -> str:
        """Return the account that did it, with a link."""
        if entry.actor_id is None:
            return gettext("The site itself")
        return self.named(Kind.ACCOUNT, entry.actor_id, None)

    def named(self, kind: Kind, number: int, petition: int | None) -> str:
        """Return a row in words, as a link if it is there and the reader may open it."""
        row = self.rows.get(kind, {}).get(number)
        if row is None:
            return self._gone(kind, number)
        petition = number if kind is Kind.PETITION else getattr(row, "petition_id", petition)
        words = self._words(kind, row)
        permission = ApprovalKind(row.kind).permission if kind is Kind.APPROVAL else PERMISSIONS.get(kind)
        if permission is None or not may(self.reader, permission, petition):
            return words
        return format_html('<a href="{}">{}</a>', _path(kind, row), words)

    def _gone(self, kind: Kind, number: int) -> str:
        slug = self.slugs.get(number) if kind is Kind.PETITION else None
        return gettext("Deleted draft: %(slug)s") % {"slug": slug} if slug else str(NUMBERED[kind]) % {"number": number}

    @staticmethod
    def _words(kind: Kind, row: Any) -> str:
        if kind in (Kind.PETITION, Kind.RECIPIENT, Kind.ACCOUNT):
            return str(row)
        if kind is Kind.NEWS:
            return gettext("Update “%(title)s”") % {"title": row}
        return str(NUMBERED[kind]) % {"number": row.number if kind is Kind.VERSION else row.pk}


def _is_number(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _slugs_of_deleted(petitions: set[int]) -> dict[int, str]:
    """Return the last parts of the addresses of drafts that were deleted."""
    found = AuditEntry.objects.filter(target__in=petitions, action=AuditAction.PETITION_DELETED)
    return {pk: str(details.get("slug", "")) for pk, details in found.values_list("target", "details") if pk}


def _path(kind: Kind, row: Any) -> str:
    if kind is Kind.RULE:
        return reverse("admin:petition_batch", args=[row.petition_id, row.pk])
    if kind is Kind.BUNDLE:
        return reverse("admin:petition_bundle", args=[row.petition_id, row.pk])
    if kind is Kind.WAVE:
        return f"{reverse('admin:petition_waves', args=[row.petition_id])}?wave={row.pk}"
    if kind is Kind.APPROVAL:
        return reverse("admin:approval", args=[row.pk])
    return reverse(f"admin:signatures_{row._meta.model_name}_change", args=[row.pk])
