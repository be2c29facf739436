"""What alerts say, and how often: a guarded petition's mails name nothing, and nothing is told twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from functools import partial

import pytest
from django.db import transaction
from django.test import Client
from django.utils import translation

from signatures.mailing.alerting import alert_milestone, alert_outage, alert_refusals, alert_wave, queue_alerts
from signatures.models import AlertNews, Organiser, OutgoingMail, Petition
from signatures.models.choices import PetitionStatus
from signatures.models.protection import Protection
from signatures.moderating.purging import purge_petition
from signatures.texts.publishing import publish_text
from tests.support import factories
from tests.support.alerts import ADDRESS, DAY, GUARDED_SUBJECT, let_alerts_grow_old, owner_of, switch_on, told
from tests.support.database import query
from tests.support.mailbox import Mailbox, html_of, paths_in, text_of

pytestmark = pytest.mark.django_db
LogIn = Callable[[str], Client]


def without_ids(mail: EmailMessage) -> str:
    """Return a mail without its number, boundary, time and token."""
    text = re.sub(r"no-alerts/[\w-]+/", "no-alerts/TOKEN/", text_of(mail) + html_of(mail))
    headers = [f"{name}: {value}" for name, value in mail.items() if name not in {"Message-ID", "Date"}]
    return re.sub(r'boundary="[^"]*"', "", "\n".join([*headers, text]))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_mails_of_guarded_petitions_are_equal_whatever_happened_in_which(
    organiser: Client, mailbox: Mailbox, language: str
) -> None:
    first = factories.make_petition(goal=50)
    second = factories.make_petition(goal=50, title_en="Free the bear")
    Organiser.objects.filter(pk=owner_of(organiser).pk).update(language=language)
    switch_on(organiser, mailbox)
    seen = set()
    happened: list[list[Callable[[], None]]] = [
        [partial(alert_wave, first)],
        [partial(alert_wave, second, amount=300)],
        [partial(alert_milestone, first.pk, 100)],
        [partial(alert_milestone, second.pk, 50)],
        [partial(alert_wave, first), partial(alert_wave, second), partial(alert_milestone, second.pk, 1000)],
    ]
    for several in happened:
        for tell in several:
            tell()
        (mail,) = told(mailbox)
        seen.add(without_ids(mail))
        assert len(mail.as_bytes()) < 5000
        let_alerts_grow_old(3 * DAY)
    (content,) = seen
    assert not re.search(r"petition-\d|Freedom|bear|Свобод|\b\d{2,}\b", content.replace("utf-8", ""))
    assert paths_in(mail)[0] == "/admin/"
    assert len(paths_in(mail)) == 2
    if language == "en":
        assert mail["Subject"] == GUARDED_SUBJECT


def test_mails_of_ordinary_petitions_say_title_and_number(
    ordinary: Petition, organiser: Client, mailbox: Mailbox
) -> None:
    switch_on(organiser, mailbox)
    wave, milestone = partial(alert_wave, ordinary), partial(alert_milestone, ordinary.pk)
    alike = "look alike came in under the petition “Freedom for all”."
    told_of: list[tuple[Callable[[], None], str, str]] = [
        (wave, "A wave of signatures: Freedom for all", f"Many signatures that {alike}"),
        (partial(wave, amount=1300), "A wave of signatures: Freedom for all", f"1,300 signatures that {alike}"),
        (
            partial(milestone, 10_000),
            "10,000 signatures: Freedom for all",
            "10,000 people have signed the petition “Freedom for all”.",
        ),
    ]
    for tell, subject, sentence in told_of:
        tell()
        (mail,) = told(mailbox)
        assert mail["Subject"] == subject
        assert sentence in text_of(mail)
        assert f"<p>{sentence}</p>" in html_of(mail)
        assert "Something" not in text_of(mail)
        assert mail["List-Unsubscribe"] is None
        let_alerts_grow_old(DAY)


def test_a_petition_that_became_guarded_since_is_named_no_more(
    ordinary: Petition, organiser: Client, mailbox: Mailbox
) -> None:
    switch_on(organiser, mailbox)
    alert_milestone(ordinary.pk, 100)
    queue_alerts()
    ordinary.refresh_from_db()
    ordinary.protection = Protection.GUARDED
    ordinary.save()
    publish_text(petition=ordinary, actor=None)
    (mail,) = mailbox.deliver()
    assert mail["Subject"] == GUARDED_SUBJECT
    assert "Freedom" not in mail.as_string()


def test_a_digest_names_what_it_may_and_says_that_there_is_more(
    petition: Petition, ordinary: Petition, organiser: Client, mailbox: Mailbox
) -> None:
    switch_on(organiser, mailbox)
    alert_wave(petition)
    alert_wave(ordinary)
    alert_refusals()
    (mail,) = told(mailbox)
    text = text_of(mail)
    assert mail["Subject"] == GUARDED_SUBJECT
    assert "look alike came in under the petition “Freedom for all”" in text
    assert "The mail server refuses some mails of this site." in text
    assert "Something else waits for you at the desk, too." in text


def test_a_flood_makes_at_most_four_mails_a_day_and_a_wave_that_goes_on_is_told_once_a_day(
    ordinary: Petition, organiser: Client, mailbox: Mailbox
) -> None:
    switch_on(organiser, mailbox)
    others = [factories.make_petition(protection="ORDINARY", title_en="Another") for _ in range(3)]
    mails = []
    # A quarter of an hour at a time.
    for step in range(4 * 24 * 2):
        alert_wave(ordinary, amount=step + 1)
        alert_wave(others[step % 3])
        alert_milestone(ordinary.pk, 100 + step)
        mails += told(mailbox)
        let_alerts_grow_old(timedelta(minutes=15))
    assert len(mails) == 8
    texts = [text_of(mail) for mail in mails]
    assert all("Freedom for all" in text for text in texts)
    assert len([text for text in texts if "came in under the petition “Freedom for all”" in text]) == 2
    assert sum(text.count("came in under the petition “Another”") for text in texts) == 2 * len(others)


def test_two_organisers_are_told_each_in_a_mail_of_their_own(
    ordinary: Petition, organiser_client: LogIn, mailbox: Mailbox
) -> None:
    switch_on(organiser_client("Organisers"), mailbox)
    switch_on(organiser_client("Moderators"), mailbox, "second@example.org")
    alert_wave(ordinary)
    first, second = told(mailbox)
    assert {first["To"], second["To"]} == {ADDRESS, "second@example.org"}
    assert paths_in(first)[1] != paths_in(second)[1]


def test_what_the_caller_undoes_is_not_told(ordinary: Petition, organiser: Client, mailbox: Mailbox) -> None:
    switch_on(organiser, mailbox)
    with transaction.atomic():
        alert_wave(ordinary)
        transaction.set_rollback(True)
    assert told(mailbox) == []


def test_an_outage_is_told_in_the_languages_way_of_writing_times(
    organiser: Client, mailbox: Mailbox, petition: Petition
) -> None:
    switch_on(organiser, mailbox)
    began, ended = query("SELECT '2026-03-04 05:06Z'::timestamptz, '2026-03-04 17:08Z'::timestamptz")[0]
    with translation.override("ru"):
        alert_outage(began, ended)
    (mail,) = told(mailbox)
    assert mail["Subject"] == "The mail server refused mails"
    sentence = next(line for line in text_of(mail).splitlines() if line.startswith("Between"))
    assert "2026" in sentence
    assert "5:06" in sentence
    # Two outages that were not told yet are told as one.
    let_alerts_grow_old(DAY)
    alert_outage(began, began + timedelta(hours=1))
    alert_outage(ended - timedelta(hours=1), ended)
    (mail,) = told(mailbox)
    assert next(line for line in text_of(mail).splitlines() if line.startswith("Between")) == sentence


def test_a_purge_deletes_what_was_to_be_told_of_the_petition(
    petition: Petition, ordinary: Petition, organiser_client: LogIn, mailbox: Mailbox
) -> None:
    first = switch_on(organiser_client("Organisers"), mailbox)
    switch_on(organiser_client("Organisers"), mailbox, "second@example.org")
    alert_wave(petition)
    alert_wave(ordinary)
    AlertNews.objects.filter(petition=ordinary, wish=first).delete()
    queue_alerts()
    assert OutgoingMail.objects.count() == 2
    Petition.objects.filter(pk=petition.pk).update(status=PetitionStatus.CLOSED)
    purge_petition(petition=petition, reason="Over", actor=None)
    assert not AlertNews.objects.filter(petition=petition).exists()
    (mail,) = mailbox.deliver()
    assert mail["To"] == "second@example.org"
    assert "Freedom for all" in text_of(mail)
    assert "Something" not in text_of(mail)


def test_an_alert_that_lost_its_news_in_any_other_way_is_dropped(
    petition: Petition, organiser: Client, mailbox: Mailbox
) -> None:
    switch_on(organiser, mailbox)
    alert_wave(petition)
    queue_alerts()
    AlertNews.objects.all().delete()
    assert mailbox.deliver() == []
    assert not OutgoingMail.objects.exists()


def test_told_news_is_forgotten_after_two_days(petition: Petition, organiser: Client, mailbox: Mailbox) -> None:
    switch_on(organiser, mailbox)
    alert_wave(petition)
    assert len(told(mailbox)) == 1
    let_alerts_grow_old(DAY)
    queue_alerts()
    assert AlertNews.objects.count() == 1
    let_alerts_grow_old(DAY)
    queue_alerts()
    assert AlertNews.objects.count() == 0
