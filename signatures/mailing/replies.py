"""Interprets a mail server's refusal: whether it concerns one mailbox, this site, or neither clearly.

It goes by the stage, the reply code (RFC 5321, RFC 7504) and the enhanced status code (RFC 3463, RFC 5248), and by
words only where servers use many codes for the same thing. If the signs contradict each other, the mail is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from signatures.mailing.reply_words import (
    GREYLISTED,
    MENTIONS_MAILBOX,
    NOT_OF_SENDING,
    OF_RECIPIENT,
    OF_SENDING,
    SAYS_MAILBOX_IS_FULL,
    fault_by_words,
    names_mailbox,
    quotes_another,
)
from signatures.models.relay import RelayFault

# Codes below this are no refusals; an unexpected one among them does not come from a proper mail server.
REFUSALS = 400
PERMANENT = 500
# RFC 5321: sent by a server before it closes the connection.
FAREWELL = 421
# RFC 7504: at a recipient, its domain accepts no mail at all.
DOMAIN_TAKES_NONE = 556
# Codes that may be about the recipient if neither status nor words say more.
PERHAPS_RECIPIENT = {501, 550, 551, 553}
ENHANCED = re.compile(r"(?:^|[(#\s])([245])\.(\d{1,3})\.(\d{1,4})(?=[\s):;,-]|$)")
# The recipient's server may make the mail server quote a text of any length.
READ_MAX = 4000
SAID_MAX = 2000
# Addresses, which may contain any word, and whatever else names a person.
NAMED = re.compile(r"<[^>]*>|\S+@\S+")


class Stage(IntEnum):
    """The step of the SMTP dialogue that was refused, in order."""

    CONNECT = 1
    EHLO = 2
    STARTTLS = 3
    LOGIN = 4
    MAIL = 5
    RCPT = 6
    DATA = 7
    END = 8

    @property
    def before_mails(self) -> bool:
        """Return whether connecting without a mail would have met the same refusal."""
        return self < Stage.MAIL

    @property
    def names_mail(self) -> bool:
        """Return whether MAIL had been sent, so that the reply may be about this mail."""
        return self >= Stage.MAIL

    @property
    def names_recipient(self) -> bool:
        """Return whether RCPT had been sent, so that the reply may be about the recipient."""
        return self >= Stage.RCPT


class Concern(StrEnum):
    """Whom a reply is about."""

    # This mailbox does not exist, or permanently accepts no mails.
    MAILBOX = "mailbox"
    # This mailbox temporarily accepts no mails.
    MAILBOX_NOW = "mailbox now"
    # A permanent refusal at the recipient without a stated reason.
    UNCLEAR = "unclear"
    # A temporary refusal without a stated reason.
    NOW = "now"
    US = "us"


@dataclass(frozen=True)
class Verdict:
    """The interpretation of a refusal.

    :param fault: reported to the operator; None if nothing is wrong on our side
    :param about_one: whether its words are about one mailbox, so that it says nothing about other mails
    """

    stage: Stage
    concern: Concern
    fault: RelayFault | None = None
    about_one: bool = False

    @property
    def may_be_of_connection(self) -> bool:
        """Return whether a new connection may help, since servers also limit what they accept over one."""
        return self.concern not in {Concern.MAILBOX, Concern.MAILBOX_NOW}

    @property
    def stops_queue(self) -> bool:
        """Return whether all other mails will probably be refused, too."""
        return self.concern == Concern.US and not self.about_one and self.fault not in ABOUT_ONE_MAIL


# Faults of ours that other mails may not meet.
ABOUT_ONE_MAIL = {RelayFault.INTERNATIONAL, RelayFault.UNCLEAR}


class RefusedError(Exception):
    """A mail server refused a mail; the text of its reply is not kept, since it may name the recipient."""

    def __init__(self, verdict: Verdict, code: int = 0) -> None:
        """Keep the interpretation and the reply code.

        :param code: 0 if there was no reply
        """
        super().__init__(verdict.concern, verdict.stage.name, code)
        self.verdict = verdict
        self.code = code


# Status codes that show whom they are about, by subject and detail. RFC 3463; RFC 7372 and 7505; 5.1.90 is Microsoft's.
OF_MAILBOX = {(1, 1), (1, 2), (1, 3), (1, 4), (1, 6), (1, 10), (2, 1)}
CONGESTION = (4, 5)
BY_STATUS = {
    (1, 7): RelayFault.SENDER,
    (1, 8): RelayFault.SENDER,
    (1, 90): RelayFault.QUOTA,
    (3, 4): RelayFault.SIZE,
    CONGESTION: RelayFault.QUOTA,
    (5, 3): RelayFault.QUOTA,
    (6, 7): RelayFault.INTERNATIONAL,
    (6, 8): RelayFault.INTERNATIONAL,
    (6, 9): RelayFault.INTERNATIONAL,
    (7, 8): RelayFault.LOGIN,
    (7, 9): RelayFault.LOGIN,
    (7, 10): RelayFault.TLS,
    (7, 11): RelayFault.TLS,
    (7, 13): RelayFault.LOGIN,
    (7, 20): RelayFault.PROOF,
    (7, 21): RelayFault.PROOF,
    (7, 22): RelayFault.PROOF,
    (7, 23): RelayFault.PROOF,
    (7, 24): RelayFault.PROOF,
    (7, 25): RelayFault.NAME,
    (7, 26): RelayFault.PROOF,
    (7, 27): RelayFault.SENDER,
    (7, 28): RelayFault.QUOTA,
    (7, 57): RelayFault.LOGIN,
    (7, 60): RelayFault.SENDER,
    (7, 509): RelayFault.PROOF,
}
NO_ANSWER = (4, 1)
TRY_LATER = (7, 0)
SUBJECT_OF_COMMANDS = 5
BY_SUBJECT = {3: RelayFault.BUSY, SUBJECT_OF_COMMANDS: RelayFault.COMMANDS, 6: RelayFault.CONTENT, 7: RelayFault.POLICY}
# Codes defined by RFC 4954 and RFC 3207; 521 is from RFC 7504.
BY_CODE = {
    **dict.fromkeys((432, 530, 534, 535, 538), RelayFault.LOGIN),
    **dict.fromkeys((500, 501, 502, 503, 504, 555), RelayFault.COMMANDS),
    521: RelayFault.POLICY,
}
# The most likely meaning of a refusal without further signs.
BY_STAGE = {
    Stage.CONNECT: RelayFault.POLICY,
    Stage.EHLO: RelayFault.NAME,
    Stage.STARTTLS: RelayFault.TLS,
    Stage.LOGIN: RelayFault.LOGIN,
    Stage.MAIL: RelayFault.SENDER,
    Stage.RCPT: RelayFault.UNCLEAR,
    Stage.DATA: RelayFault.UNCLEAR,
    Stage.END: RelayFault.CONTENT,
}


def judge(stage: Stage, code: int, text: str) -> Verdict:
    """Interpret a reply other than success.

    :param code: of the reply, -1 if it is malformed
    :param text: of the reply; it is only searched for known signs
    """
    # Removing addresses takes time quadratic in the length.
    said = NAMED.sub(" ", " ".join(text[:READ_MAX].split()))[:SAID_MAX]
    found = ENHANCED.search(said)
    status = (int(found[2]), int(found[3])) if found else None
    is_final = code >= PERMANENT
    recipient = _of_recipient(stage, code, status, said) if stage.names_recipient and code != FAREWELL else None
    if recipient:
        return recipient
    fault = _fault(stage, code, status, said)
    if not stage.names_recipient:
        if is_final and stage.before_mails and fault == RelayFault.COMMANDS:
            # The command that the server does not know says more.
            fault = None
        return Verdict(stage, Concern.US, fault or (BY_STAGE[stage] if is_final else _for_now(stage)))
    if fault:
        is_about_one = quotes_another(said) or (fault == RelayFault.POLICY and names_mailbox(said))
        return Verdict(stage, Concern.US, fault, about_one=is_about_one and code != FAREWELL)
    if not is_final:
        return Verdict(stage, Concern.US, RelayFault.BUSY) if code == FAREWELL else Verdict(stage, Concern.NOW)
    if stage == Stage.RCPT and code in PERHAPS_RECIPIENT:
        return Verdict(stage, Concern.UNCLEAR, RelayFault.UNCLEAR)
    return Verdict(stage, Concern.US, BY_STAGE[stage])


def _for_now(stage: Stage) -> RelayFault:
    return {Stage.STARTTLS: RelayFault.TLS, Stage.LOGIN: RelayFault.LOGIN}.get(stage, RelayFault.BUSY)


def _of_recipient(stage: Stage, code: int, status: tuple[int, int] | None, said: str) -> Verdict | None:
    """Return a verdict on the recipient alone, or None if the reply points to us or to nobody."""
    about_mailbox = _about_mailbox(stage, code, status, said)
    if about_mailbox:
        return Verdict(stage, about_mailbox)
    if not names_mailbox(said) or _is_sure(code, status, said):
        return None
    return Verdict(stage, Concern.UNCLEAR, RelayFault.UNCLEAR) if code >= PERMANENT else Verdict(stage, Concern.NOW)


def _about_mailbox(stage: Stage, code: int, status: tuple[int, int] | None, said: str) -> Concern | None:
    """Return the concern if a reply is about the recipient's mailbox alone, or None if anything in it points to us."""
    if GREYLISTED.search(said) and code < PERMANENT:
        return Concern.MAILBOX_NOW
    is_full = status == (2, 2) or (status is None and _says_full(code, said))
    if is_full or (code < PERMANENT and status is not None and status[0] in {1, 2}):
        # A full mailbox may be emptied, whatever the class of the code (RFC 3463, X.2.2).
        points_to_us = OF_SENDING.search(NOT_OF_SENDING.sub(" ", said)) or fault_by_words(said, skip=RelayFault.QUOTA)
        return None if points_to_us or status in BY_STATUS else Concern.MAILBOX_NOW
    is_gone = status in OF_MAILBOX or (code == DOMAIN_TAKES_NONE and stage == Stage.RCPT)
    # Servers use these codes for faults on our side, too: without words about the recipient they are not final.
    is_sure = bool(OF_RECIPIENT.search(said)) and not fault_by_words(said)
    return Concern.MAILBOX if code >= PERMANENT and is_gone and is_sure else None


def _says_full(code: int, said: str) -> bool:
    return bool((MENTIONS_MAILBOX if code in {452, 552} else SAYS_MAILBOX_IS_FULL).search(said))


def _is_sure(code: int, status: tuple[int, int] | None, said: str) -> bool:
    """Return whether a reply points to us by more than a general status code or a word about content."""
    is_about_us = code in BY_CODE and code not in PERHAPS_RECIPIENT
    return is_about_us or status in BY_STATUS or fault_by_words(said) not in {None, RelayFault.CONTENT}


def _fault(stage: Stage, code: int, status: tuple[int, int] | None, said: str) -> RelayFault | None:
    """Return the fault on our side that a reply shows, by its most reliable sign, or None if it has no sign."""
    if status in BY_STATUS and (code >= PERMANENT or status != CONGESTION):
        return BY_STATUS[status]
    may_be_recipient = stage == Stage.RCPT and code in PERHAPS_RECIPIENT
    # Microsoft answers 5.4.1 with "access denied" for recipients that do not exist.
    by_words = None if may_be_recipient and status == NO_ANSWER else fault_by_words(said)
    if by_words:
        return by_words
    if code < REFUSALS or (code in BY_CODE and not may_be_recipient):
        return BY_CODE.get(code, RelayFault.COMMANDS)
    if status is None or (may_be_recipient and status[0] == SUBJECT_OF_COMMANDS):
        return None
    return RelayFault.BUSY if code < PERMANENT and status == TRY_LATER else BY_SUBJECT.get(status[0])
