"""What a second person agrees to, in whole sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from signatures.admin.rule_words import sentences as rule_sentences
from signatures.languages import name_of
from signatures.models import Approval, Batch, Recipient
from signatures.models.choices import ApprovalKind, AuditAction, ErasureReason, ListOrder, StateReason

REASONS = {code.value: code.label for codes in (ErasureReason, StateReason) for code in codes}
# What one of two did to the other's account, or a third account is between them, so that they are not two people.
TIES: dict[AuditAction | None, Promise] = {
    AuditAction.ACCOUNT_ADDED: _("one of you two has added the other’s account"),
    AuditAction.ACCOUNT_OPENED: _("one of you two has opened the other’s account again"),
    AuditAction.RIGHTS_GIVEN: _("one of you two has given the other a role"),
    AuditAction.LINK_MADE: _("one of you two has made a link for setting the other’s password"),
    AuditAction.PASSWORD_CHANGED: _("one of you two has set the other’s password"),
    AuditAction.FACTOR_REMOVED: _("one of you two has removed the other’s second factor"),
    None: _("the same person could have got into both accounts"),
}


def why(approval: Approval) -> str:
    """Return why somebody wants it, in words where it is a code."""
    return str(REASONS.get(approval.reason, approval.reason))


def sentences(approval: Approval, *, with_conditions: bool) -> list[str]:
    """Return what would happen, a sentence each.

    :param with_conditions: whether the conditions of a rule are told, which may hold words of signers' names
    """
    told = list(TELLERS[ApprovalKind(approval.kind)](approval, approval.parameters["what"]))
    rule = rule_of(approval) if with_conditions else None
    return told if rule is None else [*told, *rule_sentences(rule)]


def place_of(approval: Approval) -> tuple[str, str] | None:
    """Return where what it is about can be looked at, and the words of the link."""
    target, petition = approval.target, approval.petition_id
    try:
        match approval.kind:
            case ApprovalKind.FILES:
                return reverse("admin:signatures_delivery_change", args=[target]), gettext("Look at the hand-over")
            case ApprovalKind.ERASE_ONE:
                return reverse("admin:signatures_signature_change", args=[target]), gettext("Look at the signature")
            case ApprovalKind.REMOVE | ApprovalKind.UNDO:
                return reverse("admin:petition_batch", args=[petition, target]), gettext("Look at the rule")
    except NoReverseMatch:
        return None
    return None


def rule_of(approval: Approval) -> Batch | None:
    """Return the rule that it is about, while there is one."""
    if approval.target is None or approval.kind not in (ApprovalKind.REMOVE, ApprovalKind.UNDO):
        return None
    return Batch.objects.select_related("text_version").filter(pk=approval.target).first()


def _export(approval: Approval, what: dict[str, Any]) -> Iterator[str]:
    yield gettext(
        "A list is made for the organisers’ own work, with the names that this recipient may get: %(who)s."
    ) % {"who": _recipient(what)}
    yield from _layout(what)
    yield from _names(approval)
    yield gettext("Names that are signed until it is made are in it, too.")


def _hand_over(approval: Approval, what: dict[str, Any]) -> Iterator[str]:
    yield gettext("A hand-over is prepared to: %(who)s.") % {"who": _recipient(what)}
    cut_off = _instant(what["cut_off"])
    if what["since"]:
        yield gettext("It holds what was new from %(since)s to %(until)s (UTC).") % {
            "since": _instant(what["since"]),
            "until": cut_off,
        }
    else:
        yield gettext("It holds everything up to %(until)s (UTC).") % {"until": cut_off}
    yield from _names(approval)
    yield from _layout(what)
    yield gettext("The order of the names is: %(order)s.") % {"order": ListOrder(what["order"]).label}
    for name, sentence in PARTS.items():
        if what[name]:
            yield str(sentence)
    yield gettext("Downloading its files with names needs another agreement.")


PARTS = {
    "with_latin": _("Names are also in Latin letters."),
    "with_city": _("Cities are in it."),
    "by_country": _("Totals by country are in it."),
    "with_workbook": _("A workbook (XLSX) is in it."),
    "with_document": _("A letter and a list for printing (PDF) are in it."),
    "with_petitioner": _("The letter names the lead petitioner."),
}


def _files(approval: Approval, what: dict[str, Any]) -> Iterator[str]:
    sentence = gettext("This file of hand-over number %(number)s is downloaded once: %(file)s.")
    yield sentence % {"number": what["delivery"], "file": what["file"]}
    yield from _names(approval)
    if what.get("encrypted"):
        yield gettext("It is encrypted with a password.")
    elif "encrypted" in what:
        yield gettext("It is not encrypted: anyone who gets it can open it.")


def _erase_all(approval: Approval, _what: dict[str, Any]) -> Iterator[str]:
    yield gettext("Everything stored of the signers of this petition is erased for ever.")
    sentence = ngettext("It is %(n)s signature.", "They are %(n)s signatures.", approval.amount or 0)
    yield sentence % {"n": intcomma(approval.amount or 0)}


def _erase_one(_approval: Approval, what: dict[str, Any]) -> Iterator[str]:
    sentence = gettext("Signature %(number)s is erased for ever. It counts as withdrawn, as if its signer had done it.")
    yield sentence % {"number": what["signature"]}
    yield gettext("If its signer changes it before, nothing is erased.")


def _remove(_approval: Approval, what: dict[str, Any]) -> Iterator[str]:
    sentence = ngettext(
        "%(n)s signature is removed, and does not count any more.",
        "%(n)s signatures are removed, and do not count any more.",
        what["removed"],
    )
    yield sentence % {"n": intcomma(what["removed"])}
    yield gettext("They are those that matched when the rule was counted, and no others.")


def _undo(_approval: Approval, what: dict[str, Any]) -> Iterator[str]:
    sentence = ngettext(
        "A rule is undone. %(n)s signature that it let count is removed again.",
        "A rule is undone. %(n)s signatures that it let count are removed again.",
        what["removed"],
    )
    yield sentence % {"n": intcomma(what["removed"])}


def _setting(_approval: Approval, what: dict[str, Any]) -> Iterator[str]:
    if what["four_eyes"]:
        sentence = ngettext(
            "Rules wait for a second person only where more than %(n)s signature is removed.",
            "Rules wait for a second person only where more than %(n)s signatures are removed.",
            what["four_eyes_from"],
        )
        yield sentence % {"n": intcomma(what["four_eyes_from"])}
    else:
        yield gettext("Nothing in this petition waits for a second person any more.")
    yield gettext("This holds as soon as a second person agrees.")


TELLERS: dict[ApprovalKind, Callable[[Approval, dict[str, Any]], Iterator[str]]] = {
    ApprovalKind.EXPORT: _export,
    ApprovalKind.HAND_OVER: _hand_over,
    ApprovalKind.FILES: _files,
    ApprovalKind.ERASE_ALL: _erase_all,
    ApprovalKind.ERASE_ONE: _erase_one,
    ApprovalKind.REMOVE: _remove,
    ApprovalKind.UNDO: _undo,
    ApprovalKind.SETTING: _setting,
}


def _names(approval: Approval) -> Iterator[str]:
    if approval.amount is not None:
        sentence = ngettext(
            "It held %(n)s name when this was asked.", "It held %(n)s names when this was asked.", approval.amount
        )
        yield sentence % {"n": intcomma(approval.amount)}


def _layout(what: dict[str, Any]) -> Iterator[str]:
    separator = gettext("Semicolon") if what["delimiter"] == ";" else gettext("Comma")
    sentence = gettext("The language is %(language)s, the separator: %(separator)s.")
    yield sentence % {"language": name_of(what["language"]), "separator": separator}


def _recipient(what: dict[str, Any]) -> str:
    return str(Recipient.objects.filter(pk=what["recipient"]).first() or what["recipient"])


def _instant(stored: str) -> str:
    return date_format(datetime.fromisoformat(stored).astimezone(UTC), "DATETIME_FORMAT")
