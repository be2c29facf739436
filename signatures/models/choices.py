"""The enumerations that the database and the pages share."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

# Re-exported, so that all enumerations are found here; the settings need this one before models can be loaded.
from signatures.languages import Language as Language  # noqa: PLC0414 - mypy takes it for private without
from signatures.models.approval_choices import ApprovalKind as ApprovalKind  # noqa: PLC0414
from signatures.models.approval_choices import ApprovalStage as ApprovalStage  # noqa: PLC0414


class PetitionStatus(models.TextChoices):
    """The stage of a campaign, as set by organisers."""

    DRAFT = "DRAFT", _("Draft")
    OPEN = "OPEN", _("Open")
    CLOSED = "CLOSED", _("Closed")


class Phase(models.TextChoices):
    """What a petition is at an instant, by status and times; everything that is displayed goes by this."""

    DRAFT = "DRAFT", _("Draft")
    UPCOMING = "UPCOMING", _("Opens later")
    OPEN = "OPEN", _("Open")
    CLOSED = "CLOSED", _("Closed")


class SharePlace(models.TextChoices):
    """Where signers can share a petition."""

    TELEGRAM = "TELEGRAM", "Telegram"
    WHATSAPP = "WHATSAPP", "WhatsApp"
    VIBER = "VIBER", "Viber"
    VK = "VK", "VK"
    FACEBOOK = "FACEBOOK", "Facebook"
    X = "X", "X (Twitter)"
    EMAIL = "EMAIL", _("E-mail")


class Profile(models.TextChoices):
    """What a recipient gets: names or only numbers."""

    NAMES = "NAMES", _("List of names, and totals")
    TOTALS = "TOTALS", _("Totals only")


class Visibility(models.TextChoices):
    """How far a signer's name travels, from the nearest to the farthest."""

    COUNTED = "COUNTED", _("No one")
    DELIVERED = "DELIVERED", _("Only the organisers and the recipients")
    PUBLIC = "PUBLIC", _("Everyone")

    @property
    def reach(self) -> int:
        """Return the rank: 0 for no one, 2 for everyone."""
        return list(type(self)).index(self)

    def up_to(self) -> list[Visibility]:
        """Return this visibility and all lower ones, lowest first."""
        return [choice for choice in Visibility if choice.reach <= self.reach]


class SignatureState(models.TextChoices):
    """Whether a signature counts."""

    CONFIRMED = "CONFIRMED", _("Confirmed")
    HELD = "HELD", _("Held for review")
    REMOVED = "REMOVED", _("Removed")


class Source(models.TextChoices):
    """How a signature reached the list."""

    WEB = "WEB", _("This site")
    PAPER = "PAPER", _("Paper")
    IMPORT = "IMPORT", _("Import")


class StateReason(models.TextChoices):
    """Why a signature is held or removed; a code, never free text."""

    HONEYPOT = "HONEYPOT", _("The hidden field was filled in")
    SUSPICIOUS = "SUSPICIOUS", _("Suspicious pattern")
    DUPLICATE = "DUPLICATE", _("The same person twice")
    INVENTED = "INVENTED", _("Invented name")
    ABUSIVE = "ABUSIVE", _("Abusive content")
    REQUESTED = "REQUESTED", _("At the signer's request")


class ErasureReason(models.TextChoices):
    """Why an organiser erases a signature in its signer's place; a code, never free text."""

    MAILBOX_LOST = "MAILBOX_LOST", _("The signer has no access to the mailbox any more")
    NO_ADDRESS = "NO_ADDRESS", _("It has no address: it was signed on paper or brought along")
    NOT_SIGNED = "NOT_SIGNED", _("Somebody else signed in this person's name")


class NameReview(models.TextChoices):
    """Whether a name may appear where everyone can see it, if its signer wants that."""

    OK = "OK", _("May be shown")
    WAITING = "WAITING", _("Waits to be looked at")
    HIDDEN = "HIDDEN", _("Is not shown")


class WaveKind(models.TextChoices):
    """What the signatures of a wave have in common."""

    DOMAIN = "DOMAIN", _("One mail domain")
    NAME = "NAME", _("One name")
    TRAP = "TRAP", _("The hidden field filled in")
    COUNTRY = "COUNTRY", _("One country")
    LANGUAGE = "LANGUAGE", _("One language")
    VERSION = "VERSION", _("One text version")
    HOUR = "HOUR", _("One hour")


class BatchAction(models.TextChoices):
    """What a rule does with the signatures that it matches."""

    HOLD = "HOLD", _("Hold them")
    REMOVE = "REMOVE", _("Remove them")
    COUNT = "COUNT", _("Let them count")
    SHOW_NAMES = "SHOW_NAMES", _("Allow their names before everyone")
    HIDE_NAMES = "HIDE_NAMES", _("Hide their names from everyone")

    @property
    def needs_reason(self) -> bool:
        """Return whether it is to be said why."""
        return self in (BatchAction.HOLD, BatchAction.REMOVE)


class StopReason(models.TextChoices):
    """Why something that was under way was broken off without a person who did it."""

    RIGHT_TAKEN = "RIGHT_TAKEN", _("The right was taken away meanwhile")
    ACCOUNT_CLOSED = "CLOSED_MEANWHILE", _("The account was closed meanwhile")
    SESSION_ENDED = "SESSION_ENDED", _("The session was ended meanwhile")


class BatchStage(models.TextChoices):
    """The stage of a rule."""

    COUNTING = "COUNTING", _("Being counted")
    READY = "READY", _("Waits for a decision")
    RUNNING = "RUNNING", _("Being carried out")
    DONE = "DONE", _("Carried out")
    CANCELLED = "CANCELLED", _("Broken off")
    UNDOING = "UNDOING", _("Being undone")
    UNDONE = "UNDONE", _("Undone")


class BounceKind(models.TextChoices):
    """What a bounce message says about a mail's delivery."""

    PERMANENT = "PERMANENT", _("Refused for good")
    TEMPORARY = "TEMPORARY", _("Delayed")
    UNCLEAR = "UNCLEAR", _("Cannot be told")


class TallyKind(models.TextChoices):
    """What a tally row counts."""

    SUBMITTED = "SUBMITTED", _("Submitted")
    EXPIRED = "EXPIRED", _("Expired")
    CONFIRMED = "CONFIRMED", _("Confirmed")
    RESTORED = "RESTORED", _("Restored")
    CHANGED_FROM = "CHANGED_FROM", _("Changed from")
    CHANGED_TO = "CHANGED_TO", _("Changed to")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")
    REMOVED = "REMOVED", _("Removed")
    CORRECTION = "CORRECTION", _("Correction")


# The kinds that make up the count.
COUNT_UP = [TallyKind.CONFIRMED, TallyKind.RESTORED, TallyKind.CORRECTION]
COUNT_DOWN = [TallyKind.WITHDRAWN, TallyKind.REMOVED]


class MailKind(models.TextChoices):
    """Which mail is sent."""

    CONFIRM = "CONFIRM", _("Confirmation")
    MY_SIGNATURE = "MY_SIGNATURE", _("Link to one's own signature")
    ALERT = "ALERT", _("Alert to an organiser")
    ALERT_CHECK = "ALERT_CHECK", _("Code for an organiser's address")
    NEWS_CHECK = "NEWS_CHECK", _("Link that confirms the wish for news")
    NEWS = "NEWS", _("News of a petition")


class AlertKind(models.TextChoices):
    """What an organiser can be told by mail."""

    WAVE = "WAVE", _("A wave of signatures that look alike")
    MILESTONE = "MILESTONE", _("A milestone: a round number of signatures, or the goal")
    MAIL = "MAIL", _("The mail server refusing our mails")


class Purpose(models.TextChoices):
    """What a list is made for."""

    HAND_OVER = "HAND_OVER", _("To be handed over")
    OWN_WORK = "OWN_WORK", _("For the organisers’ own work")


class DeliveryState(models.TextChoices):
    """The stage of a hand-over."""

    PREPARED = "PREPARED", _("Prepared")
    HANDED_OVER = "HANDED_OVER", _("Handed over")
    ANSWERED = "ANSWERED", _("Answered")


class ListOrder(models.TextChoices):
    """The sort order of a list of names."""

    SIGNED = "SIGNED", _("As they signed")
    NAME = "NAME", _("By name")
    SURNAME = "SURNAME", _("By surname, the last word")
    COUNTRY = "COUNTRY", _("By country")


class AuditAction(models.TextChoices):
    """What an organiser, a command or the worker did."""

    TEXT_PUBLISHED = "TEXT_PUBLISHED", _("Text published")
    PETITION_CHANGED = "PETITION_CHANGED", _("Petition changed")
    RECIPIENTS_CHANGED = "RECIPIENTS_CHANGED", _("Recipients changed")
    NAMES_VIEWED = "NAMES_VIEWED", _("Names looked at")
    EXPORT_STARTED = "EXPORT_STARTED", _("Export started")
    EXPORT_FINISHED = "EXPORT_FINISHED", _("Export finished")
    EXPORT_ABORTED = "EXPORT_ABORTED", _("Export broken off")
    TALLY_REPAIRED = "TALLY_REPAIRED", _("Count repaired")
    SIGNATURE_HELD = "SIGNATURE_HELD", _("Signature held")
    SIGNATURE_REMOVED = "SIGNATURE_REMOVED", _("Signature removed")
    SIGNATURE_RESTORED = "SIGNATURE_RESTORED", _("Signature restored")
    SIGNATURE_ERASED = "SIGNATURE_ERASED", _("Signature erased at the signer's request")
    NAMES_SHOWN = "NAMES_SHOWN", _("Names allowed before everyone")
    NAMES_HIDDEN = "NAMES_HIDDEN", _("Names hidden from everyone")
    NAMES_WAITING = "NAMES_WAITING", _("Decisions on names or reasons taken back")
    BATCH_STARTED = "BATCH_STARTED", _("Rule begun")
    BATCH_FINISHED = "BATCH_FINISHED", _("Rule carried out")
    BATCH_CANCELLED = "BATCH_CANCELLED", _("Rule broken off")
    BATCH_UNDONE = "BATCH_UNDONE", _("Rule undone")
    BUNDLE_MADE = "BUNDLE_MADE", _("Sheets or slips made")
    SHEET_TYPED = "SHEET_TYPED", _("Sheet typed, waits for a second person")
    SHEET_ENTERED = "SHEET_ENTERED", _("Signatures entered from paper")
    SHEET_DROPPED = "SHEET_DROPPED", _("What was typed of a sheet was dropped")
    WAVE_FOUND = "WAVE_FOUND", _("Wave noticed")
    HOLD_STARTED = "HOLD_STARTED", _("New signatures of a group are held")
    HOLD_ENDED = "HOLD_ENDED", _("New signatures of a group count again")
    ALERTS_CHANGED = "ALERTS_CHANGED", _("Alerts by mail changed")
    DELIVERY_PREPARED = "DELIVERY_PREPARED", _("Hand-over prepared")
    DELIVERY_DISCARDED = "DELIVERY_DISCARDED", _("Hand-over discarded")
    DELIVERY_HANDED_OVER = "DELIVERY_HANDED_OVER", _("List handed over")
    DELIVERY_ANSWERED = "DELIVERY_ANSWERED", _("Reply of a recipient entered")
    PETITIONER_CHANGED = "PETITIONER_CHANGED", _("Lead petitioner changed")
    PETITION_CLOSED = "PETITION_CLOSED", _("Petition closed at its retention date")
    PETITION_PURGED = "PETITION_PURGED", _("Signers' personal data erased")
    REASON_APPROVED = "REASON_APPROVED", _("Reason for signing approved")
    REASON_ERASED = "REASON_ERASED", _("Reason for signing erased")
    UPDATE_CHANGED = "UPDATE_CHANGED", _("Update written or changed")
    UPDATE_PUBLISHED = "UPDATE_PUBLISHED", _("Update published")
    UPDATE_TAKEN_BACK = "UPDATE_TAKEN_BACK", _("Update taken back")
    PETITION_DELETED = "PETITION_DELETED", _("Draft deleted that was never public")
    LOGGED_IN = "LOGGED_IN", _("Logged in")
    LOGIN_REFUSED = "LOGIN_REFUSED", _("Login refused")
    LOGGED_OUT = "LOGGED_OUT", _("Logged out")
    SESSIONS_ENDED = "SESSIONS_ENDED", _("Sessions ended")
    PASSWORD_CHANGED = "PASSWORD_CHANGED", _("Password changed")
    FACTOR_ADDED = "FACTOR_ADDED", _("Second factor added")
    FACTOR_REMOVED = "FACTOR_REMOVED", _("Second factor removed")
    RECOVERY_CODES_MADE = "RECOVERY_CODES_MADE", _("Recovery codes made")
    RECOVERY_CODE_USED = "RECOVERY_CODE_USED", _("Logged in with a recovery code")
    ACCOUNT_ADDED = "ACCOUNT_ADDED", _("Account added")
    ACCOUNT_CHANGED = "ACCOUNT_CHANGED", _("Account changed")
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED", _("Account closed")
    ACCOUNT_OPENED = "ACCOUNT_OPENED", _("Account opened again")
    RIGHTS_GIVEN = "RIGHTS_GIVEN", _("Role given")
    RIGHTS_TAKEN = "RIGHTS_TAKEN", _("Role taken away")
    LINK_MADE = "LINK_MADE", _("Link for setting a password made")
    LINK_USED = "LINK_USED", _("Password set by such a link")
    APPROVAL_ASKED = "APPROVAL_ASKED", _("Second person asked")
    APPROVAL_GIVEN = "APPROVAL_GIVEN", _("Agreed to as the second person")
    APPROVAL_REFUSED = "APPROVAL_REFUSED", _("Refused as the second person")
    LOG_EXPORTED = "LOG_EXPORTED", _("Audit log exported")
    BACKUP_RESTORED = "BACKUP_RESTORED", _("Backup restored, without what was erased since")
    SWITCHED_ON = "SWITCHED_ON", _("Emergency switch turned on")
    SWITCHED_OFF = "SWITCHED_OFF", _("Emergency switch turned off")
    SECRETS_ROTATED = "SECRETS_ROTATED", _("New secrets made, and all sessions and links ended")
