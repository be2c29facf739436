"""Whatever the title of a petition, its mails have only our headers, and the title unchanged."""

from __future__ import annotations

import email
import email.policy
from email.generator import BytesGenerator
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, Policy
from io import BytesIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signatures.mailing.frames import Naming, frame_of, subject_of
from signatures.mailing.unsubscribing import POLICY
from signatures.models.choices import MailKind

VALUES = {
    "code": "0000-0000-0000-0000",
    "link": "https://example.org/en/x/",
    "stop": "https://example.org/en/y/",
    "asked": "18:04",
}
GIVEN = ["Subject", "From", "To", "MIME-Version", "Content-Type"]
letters = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])
# Encoded words that programs decode by RFC 2047, whole and in parts.
encoded_words = st.builds(
    "=?{}?{}?{}?=".format,
    st.sampled_from(["utf-8", "x", ""]),
    st.sampled_from("qbQB"),
    st.text(st.sampled_from("=0DA:_aBcM09+/"), max_size=30),
)
pieces = st.one_of(st.text(letters, max_size=20), encoded_words, st.sampled_from(["=?", "?=", " ", "Bcc:", "ж" * 40]))
titles = st.lists(pieces, min_size=1, max_size=5).map(lambda found: " ".join("".join(found).split()))


@pytest.mark.parametrize("policy", [SMTP, SMTPUTF8, None], ids=["smtp", "smtputf8", "as it is"])
@given(title=titles)
@example(title="=?utf-8?q?hello=0D=0ABcc:_a@example.org?=")
@example(title="=?utf-8?q?hello=0D=0A=0D=0ABody?= Park")
@example(title="two =?utf-8?q?a?= =?utf-8?q?b?= words")
@example(title="word " * 30 + "=?")
def test_a_title_stays_in_the_subject_and_is_read_as_it_was_written(policy: Policy | None, title: str) -> None:
    naming = Naming(title.strip(), "the group")
    sent = sent_with(naming, policy)
    assert sent.keys() == GIVEN
    read = str(make_header(decode_header("".join(str(sent["Subject"]).splitlines()))))
    assert read == subject_of(MailKind.CONFIRM, naming)
    plain = sent_with(Naming("A title", "the group"), policy)
    assert [part.get_content_type() for part in sent.walk()] == [part.get_content_type() for part in plain.walk()]
    assert all(line.isascii() and len(line) <= 78 for line in str(sent["Subject"]).splitlines())


def sent_with(naming: Naming, policy: Policy | None) -> email.message.Message:
    """Parse a mail as an independent program does."""
    frame = frame_of.__wrapped__(MailKind.CONFIRM, "en", naming)
    message = EmailMessage(policy=POLICY)
    message["Subject"] = frame.subject
    message["From"] = "no-reply@petition.example.org"
    message["To"] = "somebody@example.org"
    frame.add_bodies(message, VALUES)
    content = BytesIO()
    BytesGenerator(content, policy=policy).flatten(message, linesep="\r\n")
    return email.message_from_bytes(content.getvalue(), policy=email.policy.compat32)
