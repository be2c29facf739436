"""News that appears by itself at a time: once, for everybody, and until then for nobody outside."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.postgres.functions import TransactionNow
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client

from signatures.models import AuditEntry, Petition, Update
from tests.journeys.test_updates import ADD, decide, form, published, written
from tests.support.desk import errors_on, save
from tests.support.page_reading import page_of, read, words
from tests.support.server.local_site import ROOT

LogIn = Callable[[str], Client]
MINUTES = "%Y-%m-%dT%H:%M"
pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(organiser_client: LogIn) -> Client:
    """Return the browser of somebody who writes texts and sees no signer."""
    return organiser_client("Editors")


def soon(**ahead: float) -> datetime:
    """Return a whole minute in the future."""
    return (datetime.now(UTC) + timedelta(**ahead)).replace(second=0, microsecond=0)


def schedule(client: Client, update: Update, at: datetime) -> HttpResponse:
    """Choose a time."""
    return decide(client, update, "at", at=at.strftime(MINUTES))


def its_time_comes() -> None:
    """Let the time of what is scheduled be this one."""
    Update.objects.filter(is_scheduled=True).update(published_at=TransactionNow())


def outside(petition: Petition) -> list[tuple[int, dict[str, str], bytes]]:
    """Return all that a stranger is told, with every header."""
    paths = [page_of(petition, name) for name in ("petition", "updates", "feed", "deliveries", "ledger", "thanks")]
    paths += [f"/api/petitions/{petition.slug}.json", "/sitemap.xml", "/en/", page_of(petition, "card")]
    answers = [Client().get(path) for path in paths]
    return [(answer.status_code, dict(answer.items()), answer.content) for answer in answers]


def test_it_appears_by_itself_and_the_desk_says_when(petition: Petition, editor: Client) -> None:
    update, at = written(petition, editor), soon(days=3)
    assert "By UTC it is" in words(read(editor, f"/admin/signatures/update/{update.pk}/publish/"))
    assert schedule(editor, update, at).status_code == 302
    told = words(read(editor, "/admin/signatures/update/"))
    assert f"Appears on {at.day} {at:%B %Y, %H:%M} UTC" in told
    assert f"1 update is scheduled and appears on {at.day} {at:%B %Y, %H:%M} by UTC." in words(read(editor, "/admin/"))
    assert "Preview: not published" in read(editor, f"/admin/signatures/update/{update.pk}/preview/en/")
    its_time_comes()
    assert "Handed over" in read(Client(), page_of(petition, "updates"))
    assert "Handed over" in read(Client(), page_of(petition))
    assert read(Client(), page_of(petition, "updates")).count("<article") == 1
    assert "Published on" in words(read(editor, "/admin/signatures/update/"))
    assert "is scheduled" not in words(read(editor, "/admin/"))
    entry = AuditEntry.objects.get(action="UPDATE_PUBLISHED")
    assert entry.details == {"publish_at": f"{at:%Y-%m-%d %H:%M}"}


def test_nobody_outside_can_tell_that_something_is_scheduled(petition: Petition, editor: Client) -> None:
    published(petition, editor, title_en="Older", title_ru="Старше")
    before = outside(petition)
    for ahead in (timedelta(minutes=2), timedelta(days=300)):
        update = written(petition, editor)
        assert schedule(editor, update, soon(days=3)).status_code == 302
        Update.objects.filter(pk=update.pk).update(published_at=datetime.now(UTC) + ahead)
        # How long a page may be kept is the same, too: a shorter time would announce the moment.
        assert outside(petition) == before
    assert all(f"update-{update.pk}" not in content.decode(errors="replace") for _code, _head, content in before)


def test_the_number_of_a_row_counts_no_draft_before_readers(petition: Petition, editor: Client) -> None:
    for _ in range(3):
        written(petition, editor)
    published(petition, editor)
    published(petition, editor)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    page = read(Client(), page_of(petition, "updates"))
    assert page.index(f'id="update-{today}-2"') < page.index(f'id="update-{today}"')


@pytest.mark.parametrize("at", ["past", "now", "in two years", "never", ""])
def test_a_time_that_is_past_or_far_is_refused(petition: Petition, editor: Client, at: str) -> None:
    update = written(petition, editor)
    times = {"past": soon(minutes=-5), "now": soon(), "in two years": soon(days=730)}
    typed = times[at].strftime(MINUTES) if at in times else at
    answer = decide(editor, update, "at", at=typed)
    assert answer.status_code == 422
    assert errors_on(answer)
    assert Update.objects.get().published_at is None
    assert not AuditEntry.objects.filter(action="UPDATE_PUBLISHED").exists()


def test_the_time_can_be_changed_and_called_off_until_then(petition: Petition, editor: Client) -> None:
    update, first, second = written(petition, editor), soon(days=1), soon(days=2)
    schedule(editor, update, first)
    assert first.strftime(MINUTES) in read(editor, f"/admin/signatures/update/{update.pk}/publish/")
    assert schedule(editor, update, second).status_code == 302
    assert Update.objects.get().published_at == second
    done = editor.post(f"/admin/signatures/update/{update.pk}/publish/", {"action": "back"}, follow=True)
    assert "called off: it will not appear" in words(done.content.decode())
    assert Update.objects.get().published_at is None
    told = [(entry.action, entry.details.get("publish_at")) for entry in AuditEntry.objects.order_by("id")][-3:]
    assert told == [
        ("UPDATE_PUBLISHED", f"{first:%Y-%m-%d %H:%M}"),
        ("UPDATE_PUBLISHED", f"{second:%Y-%m-%d %H:%M}"),
        ("UPDATE_TAKEN_BACK", f"{second:%Y-%m-%d %H:%M}"),
    ]
    schedule(editor, update, first)
    assert decide(editor, update, "now").status_code == 302
    assert "Handed over" in read(Client(), page_of(petition, "updates"))


def test_what_has_appeared_meanwhile_is_not_scheduled_again_but_taken_back(petition: Petition, editor: Client) -> None:
    update = written(petition, editor)
    schedule(editor, update, soon(days=1))
    its_time_comes()
    assert "Readers see this update already." in words(schedule(editor, update, soon(days=2)))
    done = editor.post(f"/admin/signatures/update/{update.pk}/publish/", {"action": "back"}, follow=True)
    assert "readers no longer see it" in words(done.content.decode())


def test_a_scheduled_text_stays_complete(petition: Petition, editor: Client) -> None:
    update = written(petition, editor)
    schedule(editor, update, soon(days=1))
    path = f"/admin/signatures/update/{update.pk}/change/"
    assert errors_on(save(editor, path, form(petition, body_ru="")))
    assert save(editor, path, form(petition, body_ru="Иначе.")).status_code == 302
    assert Update.objects.get().is_scheduled


def test_what_was_published_at_once_stays_when_a_fast_clock_is_set_right(petition: Petition, editor: Client) -> None:
    published(petition, editor)
    Update.objects.update(published_at=TransactionNow() + timedelta(hours=1))
    assert "Handed over" in read(Client(), page_of(petition, "updates"))


def test_nothing_is_scheduled_without_a_time(petition: Petition, editor: Client) -> None:
    written(petition, editor)
    with pytest.raises(IntegrityError, match="update_scheduled_for_a_time"), transaction.atomic():
        Update.objects.update(is_scheduled=True)


def test_an_auditor_looks_and_decides_nothing(petition: Petition, editor: Client, organiser_client: LogIn) -> None:
    update = written(petition, editor)
    auditor = organiser_client("Auditors")
    page = read(auditor, f"/admin/signatures/update/{update.pk}/publish/")
    assert "Publish now" not in page
    for action in ("now", "at", "back"):
        assert decide(auditor, update, action, at=soon(days=1).strftime(MINUTES)).status_code == 403
    assert auditor.get(ADD).status_code == 403


def test_no_public_page_reads_news_but_by_the_database_clock() -> None:
    readers = [
        line
        for folder in ("signing", "publishing", "counting", "texts", "mailing")
        for path in sorted((ROOT / "signatures" / folder).glob("*.py"))
        # A draft that is deleted has no readers.
        if path.name != "drafts.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"Update\.objects\b(?!\.filter\(pk=)|\.updates\b", line)
    ]
    assert len(readers) == 3
    assert [line for line in readers if ".published()" not in line] == []
