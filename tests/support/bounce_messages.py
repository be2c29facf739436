"""Bounce messages as mail servers write them."""

from __future__ import annotations

BOUNCES = "bounces@petition.example.org"
REPORT = """\
From: MAILER-DAEMON@mail.example.net
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="AAA"

--AAA
Content-Type: text/plain; charset=us-ascii

I could not deliver your message to {address}.

--AAA
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.net

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no

--AAA
Content-Type: message/rfc822

From: no-reply@petition.example.org
To: {address}
Subject: Please confirm your e-mail address

{quoted}
--AAA--
"""


def report(address: str, *, action: str = "failed", to: str = BOUNCES, quoted: str = "") -> bytes:
    """Return a delivery status notification for one mail (RFC 3464).

    :param action: value of the Action field
    :param to: recipient of the notification
    :param quoted: the text of the mail, which some servers include
    """
    status = "5.1.1" if action == "failed" else "4.4.1"
    text = REPORT.format(address=address, action=action, status=status, to=to, quoted=quoted)
    return text.replace("\n", "\r\n").encode()


def letter(text: str, *, to: str = BOUNCES, head: str = "") -> bytes:
    """Return a bounce in free text, which is not a delivery status notification."""
    return f"From: x@example.net\r\nTo: {to}\r\nSubject: Hello\r\n{head}\r\n{text}\r\n".encode()


# As written by servers of Yahoo, Exim and qmail, none of which follows RFC 3464.
EXIM = letter(
    "This message was created automatically by mail delivery software.\r\n",
    head="X-Failed-Recipients: someone@web.de\r\n",
)
QMAIL = letter(
    "Hi. This is the qmail-send program at mail.example.net.\r\n\r\n<someone@ukr.net>:\r\nSorry, no mailbox.\r\n"
)
# A line without an at sign, on which one of the patterns takes quadratic time.
ENDLESS_LINE = letter("A message that you sent could not be delivered\r\n" + "a" * 200_000)


def nested(depth: int) -> bytes:
    """Return messages nested this deep."""
    return f"To: {BOUNCES}\r\n".encode() + b"Content-Type: message/rfc822\r\n\r\n" * depth


def many_parts(amount: int) -> bytes:
    """Return a message of many parts, each of which is multipart itself."""
    parts = "".join(
        f"--{number}\r\nContent-Type: multipart/mixed; boundary={number + 1}\r\n\r\n" for number in range(amount)
    )
    return f"To: {BOUNCES}\r\nContent-Type: multipart/report; boundary=0\r\n\r\n{parts}".encode()


HOSTILE = {
    "nothing": b"",
    "no head": b"\r\n\r\n",
    "NUL and bytes of no encoding": b"To: \x00\xff\xfe\r\n\r\n\x00\xff" * 100,
    "an unknown charset": letter(
        "=FF", head="Content-Type: text/plain; charset=no-such\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    ),
    "base64 that is none": letter("!!!!", head="Content-Transfer-Encoding: base64\r\n"),
    "an out-of-office reply": letter("I am away until Monday.", head="Auto-Submitted: auto-replied\r\n"),
    "a line without end": ENDLESS_LINE,
    "a nest without end": nested(20_000),
    "parts without end": many_parts(5_000),
    "a report on nobody": report(""),
    "a report on an address with line ends": report("a@gmail.com\r\n bcc: b@gmail.com"),
    "a report that it was delivered": report("a@gmail.com", action="delivered"),
    "large": letter("a " * 20_000_000),
}
