"""A mail is neutral, has text and HTML, and is in the signer's language."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape, strip_tags

from signatures.mailing.rendering import render_mail
from signatures.models import OutgoingMail, Petition
from signatures.models.protection import Protection
from signatures.safeguarding import keys
from signatures.tokens import read_no_mail_token
from tests.support import factories
from tests.support.mailbox import code_in, html_of, paths_in, text_of
from tests.support.page_reading import in_language, page_of, read

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
KINDS = pytest.mark.parametrize("kind", ["CONFIRM", "MY_SIGNATURE"])
ADDRESS = "somebody@example.org"


def queue(petition: Petition, kind: str, language: str) -> OutgoingMail:
    """Let a visitor request a mail of a kind, and return its row."""
    if kind == "CONFIRM":
        factories.sign(Client(), petition, language, email=ADDRESS, name="Named Person", visibility="PUBLIC")
    else:
        Client().post(page_of(petition, "my_signature_request", language), {"email": ADDRESS})
    return OutgoingMail.objects.get()


@LANGUAGES
@KINDS
def test_the_headers_contain_what_programs_need(petition: Petition, kind: str, language: str) -> None:
    row = queue(petition, kind, language)
    mail = render_mail(row)
    subjects = {"CONFIRM": "Please confirm your e-mail address", "MY_SIGNATURE": "Your link"}
    assert mail["Subject"] == in_language(subjects[kind], language)
    assert mail["From"] == "no-reply@petition.example.org"
    assert mail["To"] == ADDRESS
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == language
    assert abs((parsedate_to_datetime(mail["Date"]) - datetime.now(UTC)).total_seconds()) < 60
    assert mail["Message-ID"] == f"<{row.message_id}@petition.example.org>"


@KINDS
def test_the_message_id_is_stable_and_unique(petition: Petition, kind: str) -> None:
    row = queue(petition, kind, "en")
    first = render_mail(row)["Message-ID"]
    OutgoingMail.objects.update(attempts_made=3)
    assert render_mail(OutgoingMail.objects.get())["Message-ID"] == first
    OutgoingMail.objects.all().delete()
    assert render_mail(queue(petition, kind, "en"))["Message-ID"] != first


@LANGUAGES
@KINDS
def test_plain_text_and_html_have_the_same_links(petition: Petition, kind: str, language: str) -> None:
    mail = render_mail(queue(petition, kind, language))
    assert mail.get_content_type() == "multipart/alternative"
    plain, rich = mail.iter_parts()
    assert (plain.get_content_type(), rich.get_content_type()) == ("text/plain", "text/html")
    page = rich.get_content()
    assert f'<html lang="{language}">' in page
    for path in paths_in(mail):
        assert f'href="http://testserver{path}"' in page
    assert "<img" not in page
    assert "src=" not in page
    assert "\n\n\n" not in text_of(mail)
    if kind == "CONFIRM":
        assert code_in(mail) in page


@LANGUAGES
@KINDS
def test_a_mail_of_a_guarded_petition_names_neither_petition_nor_signer(
    petition: Petition, kind: str, language: str
) -> None:
    mail = render_mail(queue(petition, kind, language))
    text = mail.as_string() + "".join(part.get_content() for part in mail.iter_parts())
    for told in (
        "Freedom",
        "Свободу",
        "the group",
        "группа",
        petition.slug,
        "Named Person",
        "signature@",
        "petitions/",
    ):
        assert told not in text


TITLE = {"en": "Save our park & “oak”", "ru": "Сохраним парк & «дуб»"}
BODY = {"en": "Friends <of> the park", "ru": "Друзья <нашего> парка"}
SUBJECTS = {
    "CONFIRM": "Please confirm your signature: %(title)s",
    "MY_SIGNATURE": "Your link: %(title)s",
}


@pytest.fixture
def park(db: None) -> Petition:
    """Return a petition whose signers need no protection."""
    return factories.make_petition(
        protection="ORDINARY",
        title_en=TITLE["en"],
        title_ru=TITLE["ru"],
        responsible_body_en=BODY["en"],
        responsible_body_ru=BODY["ru"],
    )


@LANGUAGES
@KINDS
def test_a_mail_of_an_ordinary_petition_names_it_and_its_responsible_body_but_never_the_signer(
    park: Petition, kind: str, language: str
) -> None:
    mail = render_mail(queue(park, kind, language))
    assert mail["Subject"] == in_language(SUBJECTS[kind], language, title=TITLE[language])
    plain, rich = (part.get_content() for part in mail.iter_parts())
    for named in (TITLE[language], BODY[language]):
        assert named in plain
        assert escape(named) in rich
    assert BODY[language] not in rich
    assert "Named Person" not in plain + rich
    assert f"<title>{escape(mail['Subject'])}</title>" in rich


@LANGUAGES
def test_the_page_after_the_form_names_the_subject_of_the_mail(
    park: Petition, petition: Petition, visitor: Client, language: str
) -> None:
    for one in (park, petition):
        OutgoingMail.objects.all().delete()
        subject = render_mail(queue(one, "CONFIRM", language))["Subject"]
        assert f'<strong translate="no">{escape(subject)}</strong>' in read(visitor, page_of(one, "sent", language))


def test_queued_mails_do_not_name_a_petition_whose_protection_was_raised(park: Petition) -> None:
    row = queue(park, "CONFIRM", "en")
    Petition.objects.filter(pk=park.pk).update(protection="GUARDED")
    factories.publish_next(park)
    mail = render_mail(row)
    assert mail["Subject"] == "Please confirm your e-mail address"
    assert TITLE["en"] not in text_of(mail)


@pytest.mark.parametrize(
    "title",
    ["Park\nBcc: x@example.org", "Park\r\n\r\nBody", "Park\x0b\x85\u2028here", "я" * 160, "\U0001f333" * 160],
)
@KINDS
def test_no_title_breaks_the_headers_of_a_mail(db: None, title: str, kind: str) -> None:
    mail = render_mail(queue(factories.make_petition(protection="ORDINARY", title_en=title), kind, "en"))
    sent = email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)
    assert sent["Subject"] == mail["Subject"]
    assert sent["Subject"].startswith(in_language(SUBJECTS[kind], "en", title=title.split(maxsplit=1)[0])[:30])
    assert len(sent["Subject"]) <= 140
    assert set(sent.keys()) == set(mail.keys())
    assert sent["Bcc"] is None
    assert len(list(sent.iter_parts())) == 2
    assert max(map(len, mail.as_bytes().splitlines())) <= 998


@LANGUAGES
def test_the_links_are_those_of_its_language_and_the_code_is_in_the_link(petition: Petition, language: str) -> None:
    mail = render_mail(queue(petition, "CONFIRM", language))
    link, stop = paths_in(mail)
    assert link == reverse("confirm", kwargs={"language": language, "code": code_in(mail)})
    assert stop.startswith(f"/{language}/no-mail/")
    assert read_no_mail_token(stop.split("/")[-2]) == keys.mail_key(ADDRESS)


def test_lines_are_short_enough_for_mail_servers(petition: Petition) -> None:
    for line in render_mail(queue(petition, "MY_SIGNATURE", "ru")).as_bytes().splitlines():
        assert len(line) <= 998


@LANGUAGES
@KINDS
@pytest.mark.parametrize("protection", Protection.values)
def test_the_html_says_what_the_text_says(db: None, kind: str, language: str, protection: str) -> None:
    mail = render_mail(queue(factories.make_petition(protection=protection), kind, language))
    said = " ".join(unescape(strip_tags(html_of(mail))).split())
    paragraphs = [" ".join(part.split()) for part in text_of(mail).split("\n\n")]
    assert len(paragraphs) > 3
    assert [part for part in paragraphs if part and "http" not in part and part not in said] == []
