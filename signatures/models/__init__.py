"""The domain model as tables; invariants are constraints and triggers, reads are QuerySet methods."""

from __future__ import annotations

from signatures.models.access_link import AccessLink
from signatures.models.alert import AlertNews, AlertWish, Milestone
from signatures.models.approval import Approval
from signatures.models.attempt import Attempt
from signatures.models.audit import AuditEntry, AuditSeal
from signatures.models.batch import Batch, BatchRow, CountedRow
from signatures.models.bounce import BounceCount, BounceMailbox
from signatures.models.bundle import Bundle, EnteredRow, Sheet, Typing
from signatures.models.delivery import Delivery
from signatures.models.erasure import Erasure, JournalFolder, Serving
from signatures.models.lead_petitioner import LeadPetitioner
from signatures.models.mail import MailCount, OutgoingMail, Suppression, WorkerBeat
from signatures.models.membership import Membership
from signatures.models.news_mail import NewsMailing, NewsSubscriber
from signatures.models.operating import MailOutcome, Trouble
from signatures.models.organiser import Organiser
from signatures.models.packing import Packing
from signatures.models.petition import Petition
from signatures.models.picture import Picture
from signatures.models.recipient import Recipient
from signatures.models.relay import Relay
from signatures.models.release import Movement, Release, ReleaseClock
from signatures.models.removed_mark import RemovedMark
from signatures.models.rewrite import Rewrite
from signatures.models.second_factor import RecoveryCode, TotpDevice
from signatures.models.secret_mark import SecretMark
from signatures.models.session import Session
from signatures.models.signature import Signature
from signatures.models.standing_hold import StandingHold
from signatures.models.switch import Switch
from signatures.models.tally import HourTally, Tally, TallySum
from signatures.models.tally_split import TallySplit
from signatures.models.text_version import TextVersion, TextVersionBody, TextVersionRecipient
from signatures.models.update import Update
from signatures.models.wave import Wave

__all__ = [
    "AccessLink",
    "AlertNews",
    "AlertWish",
    "Approval",
    "Attempt",
    "AuditEntry",
    "AuditSeal",
    "Batch",
    "BatchRow",
    "BounceCount",
    "BounceMailbox",
    "Bundle",
    "CountedRow",
    "Delivery",
    "EnteredRow",
    "Erasure",
    "HourTally",
    "JournalFolder",
    "LeadPetitioner",
    "MailCount",
    "MailOutcome",
    "Membership",
    "Milestone",
    "Movement",
    "NewsMailing",
    "NewsSubscriber",
    "Organiser",
    "OutgoingMail",
    "Packing",
    "Petition",
    "Picture",
    "Recipient",
    "RecoveryCode",
    "Relay",
    "Release",
    "ReleaseClock",
    "RemovedMark",
    "Rewrite",
    "SecretMark",
    "Serving",
    "Session",
    "Sheet",
    "Signature",
    "StandingHold",
    "Suppression",
    "Switch",
    "Tally",
    "TallySplit",
    "TallySum",
    "TextVersion",
    "TextVersionBody",
    "TextVersionRecipient",
    "TotpDevice",
    "Trouble",
    "Typing",
    "Update",
    "Wave",
    "WorkerBeat",
]
