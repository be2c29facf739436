"""Reads what a mail server answers: whether it speaks of one mailbox, of us, or of neither clearly.

By the stage, the reply code (RFC 5321, RFC 7504) and the enhanced status code (RFC 3463, RFC 5248), and by words only
where servers say the same by many codes. Where the signs differ, those win by which the mail is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from signatures.mailing.reply_words import (
    BOX_IS_FULL,
    GREYLISTED,
    MAILBOX_FULL,
    NOT_OF_SENDING,
    OF_RECIPIENT,
    OF_SENDING,
    fault_by_words,
    names_mailbox,
    quotes_another,
)
from signatures.models.relay import RelayFault

# Below that nothing is refused; what is neither a yes nor a no comes from no mail server.
REFUSALS = 400
PERMANENT = 500
# RFC 5321: what a server says before it closes a connection.
FAREWELL = 421
# RFC 7504: at a recipient, its domain takes no mail at all.
DOMAIN_TAKES_NONE = 556
# Codes that may be about the recipient where neither status nor words say more.
PERHAPS_RECIPIENT = {501, 550, 551, 553}
ENHANCED = re.compile(r"(?:^|[(#\s])([245])\.(\d{1,3})\.(\d{1,4})(?=[\s):;,-]|$)")
# Whoever is asked about a recipient may have a server quote as much as they like.
READ_MAX = 4000
SAID_MAX = 2000
# Addresses, which may hold any word, and what names a person.
NAMED = re.compile(r"<[^>]*>|\S+@\S+")


class Stage(IntEnum):
    """How far a mail had come."""

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
        """Return whether no mail had come into play: connecting alone would have met with the same."""
        return self < Stage.MAIL

    @property
    def names_mail(self) -> bool:
        """Return whether the mail itself had come into play."""
        return self >= Stage.MAIL

    @property
    def names_recipient(self) -> bool:
        """Return whether the recipient had been named, so that the answer may be about it."""
        return self >= Stage.RCPT


class Concern(StrEnum):
    """Whom an answer is about."""

    # This mailbox does not exist, or takes no mails for good.
    MAILBOX = "mailbox"
    # This mailbox takes none for now.
    MAILBOX_NOW = "mailbox now"
    # Refused for good at the recipient, for a reason that is not said.
    UNCLEAR = "unclear"
    # Refused for now, for a reason that is not said.
    NOW = "now"
    US = "us"


@dataclass(frozen=True)
class Verdict:
    """What an answer means.

    :param fault: what the operator is told; None where nothing is amiss with us
    :param of_one: whether it came with words of one mailbox, so that it says nothing of the other mails
    """

    stage: Stage
    concern: Concern
    fault: RelayFault | None = None
    of_one: bool = False

    @property
    def may_be_of_connection(self) -> bool:
        """Return whether the same mail may be taken over a new connection, since the server counts on each."""
        return self.concern not in {Concern.MAILBOX, Concern.MAILBOX_NOW}

    @property
    def stops_queue(self) -> bool:
        """Return whether all other mails will meet with the same, as far as one can tell."""
        return self.concern == Concern.US and not self.of_one and self.fault not in ABOUT_ONE_MAIL


# Refusals for us that another mail may not meet with.
ABOUT_ONE_MAIL = {RelayFault.INTERNATIONAL, RelayFault.UNCLEAR}


class RefusedError(Exception):
    """A mail server did not take a mail; its words are not kept, since they may name the recipient."""

    def __init__(self, verdict: Verdict, code: int = 0) -> None:
        """Remember what the refusal means.

        :param code: of the reply, 0 where there was none
        """
        super().__init__(verdict.concern, verdict.stage.name, code)
        self.verdict = verdict
        self.code = code


# Status codes that say whom they are about, by subject and detail. RFC 3463; RFC 7372 and 7505; 5.1.90 is Microsoft's.
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
# RFC 4954 and RFC 3207 have codes of their own for these; 521 is RFC 7504's.
BY_CODE = {
    **dict.fromkeys((432, 530, 534, 535, 538), RelayFault.LOGIN),
    **dict.fromkeys((500, 501, 502, 503, 504, 555), RelayFault.COMMANDS),
    521: RelayFault.POLICY,
}
# What an answer means, most likely, where it says no more than no.
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
    """Return what an answer in place of a yes means.

    :param code: of the reply, -1 for what is no reply at all
    :param text: what the server said besides; only signs of a kind are looked for
    """
    # Looking for what is named takes a time that grows with the square of the length.
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
            # Which command it does not know says more.
            fault = None
        return Verdict(stage, Concern.US, fault or (BY_STAGE[stage] if is_final else _for_now(stage)))
    if fault:
        is_of_one = quotes_another(said) or (fault == RelayFault.POLICY and names_mailbox(said))
        return Verdict(stage, Concern.US, fault, of_one=is_of_one and code != FAREWELL)
    if not is_final:
        return Verdict(stage, Concern.US, RelayFault.BUSY) if code == FAREWELL else Verdict(stage, Concern.NOW)
    if stage == Stage.RCPT and code in PERHAPS_RECIPIENT:
        return Verdict(stage, Concern.UNCLEAR, RelayFault.UNCLEAR)
    return Verdict(stage, Concern.US, BY_STAGE[stage])


def _for_now(stage: Stage) -> RelayFault:
    return {Stage.STARTTLS: RelayFault.TLS, Stage.LOGIN: RelayFault.LOGIN}.get(stage, RelayFault.BUSY)


def _of_recipient(stage: Stage, code: int, status: tuple[int, int] | None, said: str) -> Verdict | None:
    """Return a verdict on the recipient alone, or None where an answer points to us, or does not say."""
    about_mailbox = _about_mailbox(stage, code, status, said)
    if about_mailbox:
        return Verdict(stage, about_mailbox)
    if not names_mailbox(said) or _is_sure(code, status, said):
        return None
    return Verdict(stage, Concern.UNCLEAR, RelayFault.UNCLEAR) if code >= PERMANENT else Verdict(stage, Concern.NOW)


def _about_mailbox(stage: Stage, code: int, status: tuple[int, int] | None, said: str) -> Concern | None:
    """Return how an answer is about the recipient's mailbox alone, or None where anything in it points to us."""
    if GREYLISTED.search(said) and code < PERMANENT:
        return Concern.MAILBOX_NOW
    is_full = status == (2, 2) or (status is None and _says_full(code, said))
    if is_full or (code < PERMANENT and status is not None and status[0] in {1, 2}):
        # A full mailbox may be emptied, whatever the class of the code (RFC 3463, X.2.2).
        points_to_us = OF_SENDING.search(NOT_OF_SENDING.sub(" ", said)) or fault_by_words(said, skip=RelayFault.QUOTA)
        return None if points_to_us or status in BY_STATUS else Concern.MAILBOX_NOW
    is_gone = status in OF_MAILBOX or (code == DOMAIN_TAKES_NONE and stage == Stage.RCPT)
    # Servers give these codes for what is amiss with us, too: without a word of the recipient they are not final.
    is_sure = bool(OF_RECIPIENT.search(said)) and not fault_by_words(said)
    return Concern.MAILBOX if code >= PERMANENT and is_gone and is_sure else None


def _says_full(code: int, said: str) -> bool:
    return bool((MAILBOX_FULL if code in {452, 552} else BOX_IS_FULL).search(said))


def _is_sure(code: int, status: tuple[int, int] | None, said: str) -> bool:
    """Return whether an answer points to us by more than a general status code or a word of messages."""
    is_of_us = code in BY_CODE and code not in PERHAPS_RECIPIENT
    return is_of_us or status in BY_STATUS or fault_by_words(said) not in {None, RelayFault.CONTENT}


def _fault(stage: Stage, code: int, status: tuple[int, int] | None, said: str) -> RelayFault | None:
    """Return what is wrong with us by an answer's signs, the surest first, or None where it has none."""
    if status in BY_STATUS and (code >= PERMANENT or status != CONGESTION):
        return BY_STATUS[status]
    may_be_recipient = stage == Stage.RCPT and code in PERHAPS_RECIPIENT
    # Microsoft says 5.4.1, with "access denied", of recipients that do not exist.
    by_words = None if may_be_recipient and status == NO_ANSWER else fault_by_words(said)
    if by_words:
        return by_words
    if code < REFUSALS or (code in BY_CODE and not may_be_recipient):
        return BY_CODE.get(code, RelayFault.COMMANDS)
    if status is None or (may_be_recipient and status[0] == SUBJECT_OF_COMMANDS):
        return None
    return RelayFault.BUSY if code < PERMANENT and status == TRY_LATER else BY_SUBJECT.get(status[0])
