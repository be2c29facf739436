"""What the entries of the audit log are about: the kinds of rows whose numbers they hold, and where these are shown."""

from __future__ import annotations

from enum import Enum

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from signatures.auditing.looks import PAGES_OF_A_SIGNATURE, NamesPage
from signatures.models import AuditEntry, Organiser
from signatures.models.choices import AuditAction as Action
from signatures.models.rights import may

PERMISSION = "view_auditentry"
NUMBER_LENGTH_MAX = 18


class Kind(Enum):
    """What the number in an entry is a number of."""

    PETITION = "petition"
    VERSION = "version"
    SIGNATURE = "signature"
    RULE = "rule"
    WAVE = "wave"
    HOLD = "hold"
    BUNDLE = "bundle"
    ACCOUNT = "account"
    DELIVERY = "delivery"
    NEWS = "news"
    RECIPIENT = "recipient"
    APPROVAL = "approval"


# Entries of the other actions are about their petition as a whole, or about many rows.
KINDS: dict[Action, Kind] = {
    Action.TEXT_PUBLISHED: Kind.VERSION,
    Action.EXPORT_STARTED: Kind.RECIPIENT,
    Action.EXPORT_FINISHED: Kind.RECIPIENT,
    Action.EXPORT_ABORTED: Kind.RECIPIENT,
    **dict.fromkeys(
        (
            Action.SIGNATURE_HELD,
            Action.SIGNATURE_REMOVED,
            Action.SIGNATURE_RESTORED,
            Action.SIGNATURE_ERASED,
            Action.REASON_APPROVED,
            Action.REASON_ERASED,
        ),
        Kind.SIGNATURE,
    ),
    **dict.fromkeys(
        (Action.BATCH_STARTED, Action.BATCH_FINISHED, Action.BATCH_CANCELLED, Action.BATCH_UNDONE), Kind.RULE
    ),
    Action.WAVE_FOUND: Kind.WAVE,
    Action.HOLD_STARTED: Kind.HOLD,
    Action.HOLD_ENDED: Kind.HOLD,
    **dict.fromkeys((Action.BUNDLE_MADE, Action.SHEET_TYPED, Action.SHEET_ENTERED, Action.SHEET_DROPPED), Kind.BUNDLE),
    **dict.fromkeys(
        (
            Action.DELIVERY_PREPARED,
            Action.DELIVERY_DISCARDED,
            Action.DELIVERY_HANDED_OVER,
            Action.DELIVERY_ANSWERED,
        ),
        Kind.DELIVERY,
    ),
    **dict.fromkeys((Action.UPDATE_CHANGED, Action.UPDATE_PUBLISHED, Action.UPDATE_TAKEN_BACK), Kind.NEWS),
    **dict.fromkeys(
        (
            Action.ALERTS_CHANGED,
            Action.LOGGED_IN,
            Action.LOGIN_REFUSED,
            Action.LOGGED_OUT,
            Action.SESSIONS_ENDED,
            Action.PASSWORD_CHANGED,
            Action.FACTOR_ADDED,
            Action.FACTOR_REMOVED,
            Action.RECOVERY_CODES_MADE,
            Action.RECOVERY_CODE_USED,
            Action.ACCOUNT_ADDED,
            Action.ACCOUNT_CHANGED,
            Action.ACCOUNT_CLOSED,
            Action.ACCOUNT_OPENED,
            Action.RIGHTS_GIVEN,
            Action.RIGHTS_TAKEN,
            Action.LINK_MADE,
            Action.LINK_USED,
        ),
        Kind.ACCOUNT,
    ),
    **dict.fromkeys((Action.APPROVAL_ASKED, Action.APPROVAL_GIVEN, Action.APPROVAL_REFUSED), Kind.APPROVAL),
}
OF_PETITIONS = {
    Action.PETITION_CHANGED,
    Action.RECIPIENTS_CHANGED,
    Action.PETITIONER_CHANGED,
    Action.PETITION_CLOSED,
    Action.PETITION_PURGED,
    Action.PETITION_DELETED,
    Action.TALLY_REPAIRED,
    Action.NAMES_SHOWN,
    Action.NAMES_HIDDEN,
    Action.NAMES_WAITING,
}
OF_THE_SITE = (Action.SWITCHED_ON, Action.SWITCHED_OFF, Action.SECRETS_ROTATED)
OF_NOTHING = {Action.LOG_EXPORTED, Action.BACKUP_RESTORED, *OF_THE_SITE}
LOOKS: dict[str, Kind] = {
    **dict.fromkeys((page.value for page in PAGES_OF_A_SIGNATURE), Kind.SIGNATURE),
    NamesPage.RULE.value: Kind.RULE,
    NamesPage.WAVE.value: Kind.WAVE,
    NamesPage.SHEET.value: Kind.BUNDLE,
}
REVIEWED = (Action.NAMES_SHOWN, Action.NAMES_HIDDEN, Action.NAMES_WAITING, Action.REASON_APPROVED, Action.REASON_ERASED)

# The groups in which the log is filtered by what was done.
GROUPS: dict[str, tuple[Promise, tuple[Action, ...]]] = {
    "looks": (_("Looks at names"), (Action.NAMES_VIEWED,)),
    "exports": (
        _("Exports and hand-overs"),
        (
            *(one for one, kind in KINDS.items() if kind in (Kind.RECIPIENT, Kind.DELIVERY)),
            Action.PETITIONER_CHANGED,
            Action.LOG_EXPORTED,
        ),
    ),
    "list": (
        _("Decisions on signatures, names and reasons"),
        (
            *(one for one, kind in KINDS.items() if kind in (Kind.SIGNATURE, Kind.RULE, Kind.WAVE, Kind.HOLD)),
            *(one for one, kind in KINDS.items() if kind is Kind.BUNDLE),
            Action.NAMES_SHOWN,
            Action.NAMES_HIDDEN,
            Action.NAMES_WAITING,
            Action.PETITION_PURGED,
            Action.TALLY_REPAIRED,
            Action.BACKUP_RESTORED,
        ),
    ),
    "text": (
        _("Petitions, texts and news"),
        (
            *(one for one, kind in KINDS.items() if kind in (Kind.VERSION, Kind.NEWS)),
            Action.PETITION_CHANGED,
            Action.RECIPIENTS_CHANGED,
            Action.PETITION_CLOSED,
            Action.PETITION_DELETED,
        ),
    ),
    "accounts": (_("Accounts and logins"), tuple(one for one, kind in KINDS.items() if kind is Kind.ACCOUNT)),
    "emergencies": (_("Emergencies"), OF_THE_SITE),
    "approvals": (_("Second persons"), tuple(one for one, kind in KINDS.items() if kind is Kind.APPROVAL)),
}


def subject_of(entry: AuditEntry) -> tuple[Kind, int] | None:
    """Return what an entry is about and its number, or None if that is its petition or nothing in particular."""
    if entry.target is None:
        return None
    kind = KINDS.get(Action(entry.action)) if entry.action in Action.values else None
    if entry.action == Action.NAMES_VIEWED:
        page = entry.details.get("page")
        # Older entries do not tell the page; those without a petition are about a signature.
        old = Kind.SIGNATURE if page is None and entry.petition_id is None else None
        kind = LOOKS.get(str(page), old)
    return None if kind is None else (kind, entry.target)


def entries_about(kind: Kind, number: int, petition: int | None = None) -> Q:
    """Match the entries about one row; of an account also what was done with it.

    :param petition: that of a signature, whose decisions on many names or reasons are looked through
    """
    if kind is Kind.PETITION:
        return Q(petition=number)
    looks = [page for page, of in LOOKS.items() if of is kind]
    found = Q(target=number, action__in=[action for action, of in KINDS.items() if of is kind])
    found |= Q(target=number, action=Action.NAMES_VIEWED, details__page__in=looks)
    if kind is Kind.ACCOUNT:
        found |= Q(actor=number)
    if kind is Kind.SIGNATURE:
        found |= Q(target=number, action=Action.NAMES_VIEWED, petition=None)
        if petition is not None:
            found |= Q(petition=petition, action__in=REVIEWED, details__signatures__contains=[number])
    if kind is Kind.DELIVERY:
        exports = [action for action, of in KINDS.items() if of is Kind.RECIPIENT]
        found |= Q(petition=petition, action__in=exports, details__delivery=number)
    return found


def parse_about(typed: str) -> tuple[Kind, int] | None:
    """Return what the address of a filtered log names, or None if that is nothing."""
    word, _dash, number = typed.partition("-")
    if word not in {kind.value for kind in Kind} or not number.isdecimal() or len(number) > NUMBER_LENGTH_MAX:
        return None
    return Kind(word), int(number)


def log_link(request: HttpRequest, kind: Kind, number: int, petition: int | None) -> str:
    """Return the address of the log's entries about a row, or "" for those who may not read them.

    :param petition: the number of the petition that it belongs to, or None
    """
    if not isinstance(request.user, Organiser) or not may(request.user, PERMISSION, petition):
        return ""
    return f"{reverse('admin:signatures_auditentry_changelist')}?{urlencode({'about': f'{kind.value}-{number}'})}"
