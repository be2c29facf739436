"""Real replies of mail servers by stage, with the expected outcome for the mail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from signatures.models.relay import RelayFault
from tests.support.faults.failing_mail_server import SILENCE

F = RelayFault


class Fate(StrEnum):
    """The expected outcome for the mail."""

    GONE = "deleted at once, with the address"
    WAITS = "waits, longer each time; nothing is wrong with us"
    THIRD = "waits and is shown; deleted the third time, if others were taken in between"
    KEPT = "waits until somebody mends it, and is shown"


@dataclass(frozen=True)
class Answer:
    """A reply other than success.

    whose: server or provider that sends it.
    fault: the fault shown in the admin.
    """

    stage: str
    reply: str
    fate: Fate
    fault: RelayFault | None = None
    whose: str = ""

    @property
    def is_of_all(self) -> bool:
        """Return whether it comes before the recipient is named, and so affects every mail."""
        return self.stage in {"CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL"}

    def __str__(self) -> str:
        """Return stage and reply, as a test id."""
        return f"{self.stage} {self.reply}".encode("ascii", "replace").decode()[:70]


def _gone(stage: str, reply: str, whose: str = "") -> Answer:
    return Answer(stage, reply, Fate.GONE, None, whose)


def _waits(stage: str, reply: str, whose: str = "") -> Answer:
    return Answer(stage, reply, Fate.WAITS, None, whose)


def _third(stage: str, reply: str, whose: str = "") -> Answer:
    return Answer(stage, reply, Fate.THIRD, F.UNCLEAR, whose)


def _kept(fault: RelayFault, stage: str, reply: str, whose: str = "") -> Answer:
    return Answer(stage, reply, Fate.KEPT, fault, whose)


OF_MAILBOX = [
    _gone(
        "RCPT",
        "550 5.1.1 <x@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
        "Postfix",
    ),
    _gone(
        "RCPT",
        "550 5.1.1 <x@example.org>: Recipient address rejected: User unknown in relay recipient table",
        "Postfix",
    ),
    _gone(
        "RCPT",
        "550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n"
        "550-5.1.1 double-checking the recipient's email address for typos or\r\n"
        "550 5.1.1 unnecessary spaces. For more information, go to https://mail.example/?p=NoSuchUser - gsmtp",
        "Google",
    ),
    _gone("RCPT", "550 5.1.1 <quota-limit@spam-relay.example>... User unknown", "Sendmail"),
    _gone("RCPT", "550 5.1.2 <x@example.org>: Recipient address rejected: Domain not found", "Postfix"),
    _gone("RCPT", "501 5.1.3 Bad recipient address syntax", "Postfix"),
    _gone("RCPT", "553 5.1.3 Invalid recipient address", ""),
    _gone("RCPT", "551 5.1.6 Recipient has moved", ""),
    _gone("RCPT", "556 5.1.10 Recipient address has null MX", "RFC 7505"),
    _gone("RCPT", "556 Domain does not accept mail", "RFC 7504"),
    _gone("RCPT", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "Microsoft"),
    _gone("RCPT", "550 5.2.1 The email account that you tried to reach is disabled.", "Google"),
    _gone("DATA", "550 5.1.1 No such user here", "Yandex"),
    _gone("RCPT", "550 5.1.1 Пользователь не найден", ""),
    _gone(
        "RCPT",
        "550 5.1.1 <x@example.org>: Recipient address rejected: undeliverable address: host mx.example[192.0.2.1] said:"
        " 550 5.1.1 User unknown (in reply to RCPT TO command)",
        "Postfix",
    ),
    _waits(
        "RCPT",
        "450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend later.",
        "Google",
    ),
    _waits("RCPT", "452 4.2.2 The email account that you tried to reach is over quota.", "Google"),
    _waits("RCPT", "552 5.2.2 <x@example.org>: user's mailbox is over quota", "Postfix, Dovecot"),
    _waits("RCPT", "552 Mailbox full", ""),
    _waits("RCPT", "550 User's mailbox is over quota", ""),
    _waits("RCPT", "450 4.7.1 mailbox unavailable", ""),
    _waits("DATA", "452 4.2.2 Mailbox full", ""),
    _waits("RCPT", "450 4.1.1 <x@example.org>: Recipient address rejected: unverified address", "Postfix"),
    _waits("RCPT", "450 4.1.2 <x@example.org>: Recipient address rejected: Domain not found", "Postfix"),
    _waits(
        "RCPT",
        "450 4.7.1 <x@example.org>: Recipient address rejected: Greylisted, try again in 300 seconds",
        "postgrey",
    ),
    _waits("DATA", "451 4.7.1 Greylisting in action, please come back later", "Exim"),
    _waits("RCPT", "450 Requested mail action not taken: mailbox unavailable", "RFC 5321"),
    _waits("RCPT", "451 Requested action aborted: local error in processing", "RFC 5321"),
    _waits("DATA", "451 Temporary service failure", "Amazon SES"),
]
UNCLEAR = [
    _third("RCPT", "550 Requested action not taken: mailbox unavailable", "RFC 5321"),
    _third("RCPT", "550 No such user here", "Exim"),
    _third("RCPT", "550 no", ""),
    _third("RCPT", "551 User not local", "RFC 5321"),
    _third("RCPT", "553 no", ""),
    _third("RCPT", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", "Microsoft"),
    _third("RCPT", "550 5.5.0 Requested action not taken: mailbox unavailable", "Microsoft"),
    _third("RCPT", "550 5.1.0 Address rejected", ""),
    _third("RCPT", "550 5.4.4 Invalid domain", ""),
    # Codes for policy or content, but wording about a mailbox.
    _third("RCPT", "550 5.7.1 No such user!", "Yandex"),
    _third(
        "RCPT",
        "550 Message was not accepted -- invalid mailbox. Local mailbox x@mail.example is unavailable: user not found",
        "Mail.ru",
    ),
    _third("DATA", "554 delivery error: dd This user doesn't have a yahoo.example account (x@yahoo.example)", "Yahoo"),
    _third("DATA", "554 delivery error: dd This account has been disabled or discontinued", "Yahoo"),
    _third("RCPT", "553 5.3.0 <x@example.org>... User unknown", "Sendmail"),
    _third("RCPT", "550 5.7.1 Пользователь не найден", ""),
    _third("RCPT", "550 Unrouteable address", "Exim"),
    # A permanent code without wording on whose fault it is.
    _third("RCPT", "550 5.1.1 no", ""),
]
OF_US = [
    # Quotas under various names.
    _kept(F.QUOTA, "RCPT", "550 5.4.5 Daily user sending limit exceeded. - gsmtp", "Google"),
    _kept(F.QUOTA, "DATA", "550-5.4.5 Daily user sending limit exceeded.\r\n550 5.4.5 - gsmtp", "Google"),
    _kept(F.QUOTA, "DATA", "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException", "Microsoft"),
    _kept(F.QUOTA, "DATA", "552 This message has been rejected: you have reached your relay quota of 500", "GoDaddy"),
    _kept(F.QUOTA, "DATA", "552 5.2.2 relay quota of 500 used up", ""),
    _kept(
        F.QUOTA,
        "RCPT",
        "550 Domain example.org has exceeded the max emails per hour (200/200 (100%)) allowed.",
        "cPanel",
    ),
    _kept(
        F.QUOTA, "RCPT", "550 5.1.90 Your message can't be sent because you've reached your daily limit", "Microsoft"
    ),
    _kept(F.QUOTA, "MAIL", "454 Throttling failure: Daily message quota exceeded.", "Amazon SES"),
    _kept(F.QUOTA, "DATA", "454 Throttling failure: Maximum sending rate exceeded.", "Amazon SES"),
    _kept(F.QUOTA, "AUTH", "451 Authentication failed: Maximum credits exceeded", "SendGrid"),
    _kept(F.QUOTA, "RCPT", "452 Too many recipients received this hour (throttled)", "SendGrid"),
    _kept(F.QUOTA, "RCPT", "450 4.2.1 Peak SMTP relay limit exceeded for customer.", "Google"),
    _kept(F.QUOTA, "MAIL", "450 4.7.1 Error: too much mail from 192.0.2.1", "Postfix"),
    _kept(F.QUOTA, "RCPT", "452 4.5.3 Error: too many recipients", "Postfix"),
    _kept(F.QUOTA, "RCPT", "550 5.7.28 Mail flood detected", "RFC 8616"),
    _kept(F.QUOTA, "CONNECT", "421 Too many concurrent SMTP connections", "Amazon SES"),
    _kept(F.QUOTA, "RCPT", "550 5.1.1 Daily message allowance used up", ""),
    _kept(F.QUOTA, "RCPT", "550 5.1.1 Превышен лимит отправки", ""),
    _kept(F.QUOTA, "RCPT", "550 5.1.1 Sie haben Ihr Kontingent erreicht", ""),
    _kept(F.QUOTA, "RCPT", "550 5.1.2 Ha superado la cuota diaria de su cuenta", ""),
    _kept(F.QUOTA, "RCPT", "550 5.1.1 Domaine: vous avez dépassé votre quota", ""),
    _kept(F.QUOTA, "RCPT", "554 5.7.1 <x@example.org>: Recipient address rejected: Quota Exceeded", "Postfix, policyd"),
    # Relaying refused.
    _kept(F.RELAYING, "RCPT", "550 relay not permitted", "Exim"),
    _kept(F.RELAYING, "RCPT", "554 5.7.1 <x@example.org>: Relay access denied", "Postfix"),
    _kept(F.RELAYING, "RCPT", "550 5.7.1 <x@example.org>... Relaying denied", "Sendmail"),
    _kept(F.RELAYING, "RCPT", "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "qmail"),
    _kept(F.LOGIN, "RCPT", "550 SMTP AUTH is required for message submission on port 587", "Exim"),
    _kept(F.LOGIN, "MAIL", "530 5.7.0 Authentication Required", "Google"),
    _kept(F.LOGIN, "MAIL", "530 5.7.57 Client not authenticated to send mail", "Microsoft"),
    _kept(F.LOGIN, "AUTH", "535 5.7.8 Error: authentication failed", "Postfix"),
    _kept(F.LOGIN, "AUTH", "535 Authentication Credentials Invalid", "Amazon SES"),
    _kept(F.LOGIN, "AUTH", "534 5.7.9 Application-specific password required", "Google"),
    _kept(F.LOGIN, "AUTH", "454 4.7.0 Temporary authentication failure", "Postfix"),
    # About our sender address.
    _kept(
        F.SENDER,
        "RCPT",
        "550-Verification failed for <no-reply@petition.example.org>\r\n550 Sender verify failed",
        "Exim",
    ),
    _kept(
        F.SENDER,
        "RCPT",
        "550 5.1.8 <no-reply@petition.example.org>: Sender address rejected: Domain not found",
        "Postfix",
    ),
    _kept(
        F.SENDER,
        "RCPT",
        "450 4.1.8 <no-reply@petition.example.org>: Sender address rejected: Domain not found",
        "Postfix",
    ),
    _kept(
        F.SENDER,
        "MAIL",
        "553 5.7.1 <no-reply@petition.example.org>: Sender address rejected: not owned by user",
        "Yandex",
    ),
    _kept(F.SENDER, "DATA", "554 Message rejected: Email address is not verified.", "Amazon SES"),
    _kept(F.SENDER, "DATA", "550 The from address does not match a verified Sender Identity.", "SendGrid"),
    _kept(F.SENDER, "DATA", "403 You are not authorized to send from that email address", "SendGrid"),
    _kept(F.SENDER, "DATA", "554 5.7.60 SMTP; Client does not have permissions to send as this sender", "Microsoft"),
    _kept(F.SENDER, "MAIL", "501 Invalid MAIL FROM address provided", "Amazon SES"),
    _kept(F.SENDER, "MAIL", "550 no", ""),
    _kept(F.SENDER, "RCPT", "550 5.1.1 Sender rejected: user unknown", ""),
    _kept(
        F.PROOF,
        "DATA",
        "550-5.7.26 Unauthenticated email from example.org is not accepted due to its\r\n550 5.7.26 DMARC policy.",
        "Google",
    ),
    _kept(F.PROOF, "DATA", "550 5.7.1 This message was not accepted due to domain owner DMARC policy", "Mail.ru"),
    _kept(F.PROOF, "RCPT", "550 5.7.23 SPF validation failed", "RFC 7372"),
    # About our host name.
    _kept(F.NAME, "RCPT", "504 5.5.2 <host>: Helo command rejected: need fully-qualified hostname", "Postfix"),
    _kept(F.NAME, "EHLO", "501 Syntactically invalid HELO argument(s)", "Exim"),
    _kept(F.NAME, "EHLO", "550 no", ""),
    _kept(F.NAME, "RCPT", "450 4.7.25 Client host rejected: cannot find your hostname", "Postfix"),
    _kept(F.NAME, "CONNECT", "554 5.7.1 Your host has no reverse DNS entry", ""),
    # Encryption.
    _kept(F.TLS, "STARTTLS", "454 4.7.0 TLS not available due to local problem", "Postfix"),
    _kept(F.TLS, "STARTTLS", "502 no", ""),
    _kept(F.TLS, "STARTTLS", "502 5.5.1 Error: command not implemented", "Postfix"),
    _kept(F.TLS, "MAIL", "530 5.7.0 Must issue a STARTTLS command first", "Postfix"),
    # Policy.
    _kept(F.POLICY, "CONNECT", "554 5.7.1 Service unavailable; Client host blocked using a blocklist", "Postfix"),
    _kept(F.POLICY, "CONNECT", "521 host.example does not accept mail", "RFC 7504"),
    _kept(F.POLICY, "DATA", "554 5.7.1 Message rejected under suspicion of SPAM", "Yandex"),
    _kept(F.POLICY, "DATA", "550 spam message rejected.", "Mail.ru"),
    _kept(F.POLICY, "RCPT", "550 message sending for this account is disabled", "Mail.ru"),
    _kept(
        F.POLICY,
        "RCPT",
        "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP",
        "Microsoft",
    ),
    _kept(F.POLICY, "RCPT", "550 5.1.0 Policy violation", "Forpsi"),
    _kept(F.POLICY, "DATA", "550 5.7.1 no", ""),
    _kept(F.POLICY, "RCPT", "550 5.1.2 Your domain is not configured on this server", ""),
    _kept(F.POLICY, "RCPT", "550 5.1.1 Your IP is unknown here", ""),
    _kept(F.POLICY, "RCPT", "556 plan expired", ""),
    _kept(F.POLICY, "RCPT", "550 5.1.2 Ваш домен не найден", ""),
    _kept(F.POLICY, "RCPT", "550 5.7.1 Policy rejection on the target address", "Yandex"),
    _kept(
        F.POLICY,
        "RCPT",
        "550 5.1.1 <x@example.org>: Recipient address rejected: undeliverable address: host mx.example[192.0.2.1] said:"
        " 550 5.7.1 blocked (in reply to RCPT TO command)",
        "Postfix",
    ),
    # About our mails.
    _kept(F.SIZE, "MAIL", "552 5.3.4 Message size exceeds fixed limit", "Postfix, Amazon SES"),
    _kept(F.CONTENT, "DATA", "554 5.6.0 Message content rejected", "Postfix"),
    _kept(F.CONTENT, "DATA", "554 Transaction failed", "RFC 5321"),
    _kept(F.COMMANDS, "DATA command", "554 5.5.1 Error: no valid recipients", "Postfix"),
    _kept(F.COMMANDS, "MAIL", "555 5.5.4 Unsupported option", "Postfix"),
    _kept(F.COMMANDS, "CONNECT", "+OK POP3 ready", "a POP3 server"),
    # Trouble on the server's side.
    _kept(F.BUSY, "CONNECT", "421 4.3.2 Service not available, closing transmission channel", "RFC 5321"),
    _kept(F.BUSY, "RCPT", "421 4.3.2 closing", ""),
    _kept(F.BUSY, "RCPT", "421 4.7.0 Try again later, closing connection.", "Google"),
    _kept(F.BUSY, "RCPT", "451 4.3.0 <x@example.org>: Temporary lookup failure", "Postfix"),
    _kept(F.BUSY, "MAIL", "452 4.3.1 Insufficient system storage", "Postfix"),
    _kept(F.BUSY, "MAIL", "451 later", ""),
    # Closed without a reply.
    _kept(F.SILENT, "CONNECT", "", ""),
    _kept(F.SILENT, "CONNECT", SILENCE, ""),
    _kept(F.SILENT, "EHLO", "", ""),
    _kept(F.SILENT, "AUTH", "", ""),
    _kept(F.SILENT, "MAIL", "", ""),
    _kept(F.SILENT, "RCPT", "", ""),
    _kept(F.SILENT, "RCPT", SILENCE, ""),
    _kept(F.SILENT, "DATA command", "", ""),
    _kept(F.SILENT, "DATA", "", ""),
]
ANSWERS = [*OF_MAILBOX, *UNCLEAR, *OF_US]
