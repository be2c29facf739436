"""The domain model as tables; invariants are constraints and triggers, reads are QuerySet methods."""

from __future__ import annotations

from signatures.models.alert import AlertNews, AlertWish, Milestone
from signatures.models.attempt import Attempt
from signatures.models.audit import AuditEntry
from signatures.models.batch import Batch, BatchRow
from signatures.models.bounce import BounceCount, BounceMailbox
from signatures.models.delivery import Delivery
from signatures.models.lead_petitioner import LeadPetitioner
from signatures.models.mail import MailCount, OutgoingMail, Suppression, WorkerBeat
from signatures.models.organiser import Organiser
from signatures.models.packing import Packing
from signatures.models.petition import Petition
from signatures.models.recipient import Recipient
from signatures.models.relay import Relay
from signatures.models.release import Movement, Release, ReleaseClock
from signatures.models.removed_mark import RemovedMark
from signatures.models.rewrite import Rewrite
from signatures.models.signature import Signature
from signatures.models.standing_hold import StandingHold
from signatures.models.tally import HourTally, Tally, TallySum
from signatures.models.tally_split import TallySplit
from signatures.models.text_version import TextVersion, TextVersionBody, TextVersionRecipient
from signatures.models.update import Update
from signatures.models.wave import Wave

__all__ = [
    "AlertNews",
    "AlertWish",
    "Attempt",
    "AuditEntry",
    "Batch",
    "BatchRow",
    "BounceCount",
    "BounceMailbox",
    "Delivery",
    "HourTally",
    "LeadPetitioner",
    "MailCount",
    "Milestone",
    "Movement",
    "Organiser",
    "OutgoingMail",
    "Packing",
    "Petition",
    "Recipient",
    "Relay",
    "Release",
    "ReleaseClock",
    "RemovedMark",
    "Rewrite",
    "Signature",
    "StandingHold",
    "Suppression",
    "Tally",
    "TallySplit",
    "TallySum",
    "TextVersion",
    "TextVersionBody",
    "TextVersionRecipient",
    "Update",
    "Wave",
    "WorkerBeat",
]
