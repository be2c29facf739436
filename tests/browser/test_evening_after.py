"""The evening after a flood of fakes: found, held, checked and undone by somebody who knows the guide alone.

The fakes sign and confirm by the site's own actions, and the worker is a process of its own.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page
from pytest_django import Settings

from signatures.counting.reconciling import compare_tally
from signatures.models import AuditEntry, Batch, BatchRow, Petition, Signature, StandingHold, Wave
from signatures.models.choices import AuditAction, SignatureState, Visibility, WaveKind
from signatures.signing.actions import confirm_attempt, sign_petition
from tests.browser.conftest import OpenWindow, Window
from tests.browser.test_policy import log_in
from tests.support import factories
from tests.support.database import query
from tests.support.offered_languages import offer_languages
from tests.support.rules import as_they_are
from tests.support.tally_reading import counted
from tests.support.worker_process import worker

pytestmark = pytest.mark.django_db(transaction=True)
HONEST, FAKES = 200, 300
CLICKS_LIMIT = 20
COUNT = ".campaign .count strong"
DOMAIN = "catch-all.example"
# Language of the desk, width of the window, and whether scripts run in it.
VIEWS = pytest.mark.parametrize("view", [("en", 1280, True), ("ru", 360, True), ("be", 360, False)], ids=str)
# The worker looks as soon as it starts, on a machine that may be busy.
WORKER_MILLISECONDS = 60_000


@dataclass
class Hand:
    """Somebody's hand, each of whose clicks is counted.

    :param wide: the pages on which something was wider than the window
    """

    window: Window
    clicks: int = 0
    wide: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """Return what is before one's eyes."""
        return self.window.page

    def follow(self, selector: str) -> None:
        """Click on what leads to another page, and look whether that one fits."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        self.clicks += 1
        self.wide += [self.page.url] if self.window.scrolls_sideways() else []

    def tick(self, selector: str) -> None:
        """Click on a choice."""
        self.page.locator(selector).click()
        self.clicks += 1

    def choose(self, selector: str, value: str) -> None:
        """Open a list with one click, and choose with another."""
        self.page.locator(selector).select_option(value)
        self.clicks += 2

    def wait_until_worked(self) -> None:
        """Wait until the page, which is loaded again by itself, tells of no work."""
        self.page.locator("progress").wait_for(state="detached", timeout=WORKER_MILLISECONDS)
        self.page.wait_for_load_state()

    def figure(self, selector: str) -> int:
        """Return the number that stands in a place."""
        return int(self.page.locator(selector).first.inner_text())

    def numbers(self, selector: str) -> list[int]:
        """Return the numbers in a sentence, in order."""
        return [int(number) for number in re.findall(r"\d+", self.page.locator(selector).first.inner_text())]


def sign(petition: Petition, address: str, name: str, visibility: Visibility = Visibility.PUBLIC) -> None:
    """Sign and confirm."""
    code = sign_petition(
        version=factories.newest_version(petition),
        language="en",
        visibility=visibility,
        name=name,
        address=address,
        country="PL",
        city=None,
        suspicion=None,
        sender="",
    )
    confirm_attempt(code=code, visibility=visibility, reason=None)


@pytest.fixture
def flooded(petition: Petition, tmp_path: Path) -> Iterator[Petition]:
    """Return a petition of two hundred people, on which three hundred fakes came before the worker looked."""
    for number in range(HONEST):
        sign(petition, f"me@place-{number}.example", f"Аня {number}", [*Visibility][1 + number % 2])
    query(
        "UPDATE signatures_signature SET first_confirmed_at = first_confirmed_at - span, current_since = current_since"
        " - span, last_confirmed_at = last_confirmed_at - span"
        " FROM (SELECT id AS number, interval '1 day' + id %% 1500 * interval '2 minutes' AS span"
        " FROM signatures_signature) AS spans WHERE id = number",
        [],
    )
    for number in range(FAKES):
        sign(petition, f"{number}@{DOMAIN}", f"Zoë {number}", [*Visibility][1 + number % 2])
    with worker((tmp_path / "mails").as_uri()) as process:
        yield petition
        assert process.poll() is None, "the worker has ended"


def counts_right(petition: Petition, expected: int) -> None:
    """Assert that list and tally say the same number."""
    counting = Signature.objects.confirmed().filter(petition=petition).count()
    assert (counting, counted(petition), compare_tally(petition)) == (expected, str(expected), {})


def audited() -> list[tuple[str, int | None, str, bool]]:
    """Return (action, amount, reason, whether an organiser did it) of what was decided, the oldest first."""
    others = [
        AuditAction.LOGGED_IN,
        AuditAction.NAMES_VIEWED,
        AuditAction.WAVE_FOUND,
        AuditAction.TEXT_PUBLISHED,
    ]
    log = AuditEntry.objects.exclude(action__in=others).order_by("pk")
    return [(entry.action, entry.amount, entry.reason, entry.actor is not None) for entry in log]


def find(petition: Petition, hand: Hand) -> Wave:
    """Open the desk until it tells of a wave, and look at some of its names."""
    told = hand.page.locator(".waits a[href*='/waves/']")
    until = time.monotonic() + WORKER_MILLISECONDS / 1000
    while not told.count():
        assert time.monotonic() < until
        hand.window.open("/admin/")
    assert hand.figure(COUNT) == HONEST + FAKES
    wave = Wave.objects.get(petition=petition, kind=WaveKind.DOMAIN)
    assert (wave.amount, wave.expected, wave.looked_at, wave.hold is None) == (FAKES, 0, None, False)
    hand.follow(".waits a[href*='/waves/']")
    hand.follow(f"a[href^='?wave={wave.pk}#']")
    names = hand.page.locator(".wave-sample tbody tr").all_inner_texts()
    assert ["Zoë " in row for row in names] == [True] * 20
    return wave


def hold(petition: Petition, hand: Hand, wave: Wave) -> None:
    """Hold all of them that count already, and see on the first page that they do not any more."""
    hand.follow(f"button[name=wave][value='{wave.pk}']")
    assert hand.figure(".rule-figure strong") == FAKES
    assert hand.numbers(".rule-choice:has([value=HOLD]) .help") == [FAKES, HONEST + FAKES, HONEST]
    hand.tick("input[name=action][value=HOLD]")
    hand.choose("select[name=reason]", "SUSPICIOUS")
    hand.follow("button[value=start]")
    hand.wait_until_worked()
    assert hand.figure(".rule-figure strong") == FAKES
    hand.follow(".breadcrumbs a")
    assert hand.figure(COUNT) == HONEST
    assert not hand.page.locator(".waits a[href*='/waves/']").count(), "what was decided on waits no longer"
    counts_right(petition, HONEST)
    held = Signature.objects.filter(state=SignatureState.HELD)
    assert {bytes(one.domain_key or b"") for one in held} == {factories.domain_key(petition, DOMAIN)}
    assert set(held.values_list("state_reason", "ever_counted")) == {("SUSPICIOUS", True)}


def check(petition: Petition, hand: Hand) -> None:
    """Open one that is held, let it count, and take that back; then let those count who sign from there from now on."""
    hand.follow(".waits a[href*='state__exact=HELD']")
    hand.follow("#result_list .field-row_number a")
    hand.follow("button[name=action][value=CONFIRMED]")
    counts_right(petition, HONEST + 1)
    hand.follow("button[name=action][value=UNDO]")
    counts_right(petition, HONEST)
    hand.follow("#content a[href$='/waves/']")
    hand.follow("button[name=action][value=end]")
    assert not StandingHold.objects.exists()


def undo(petition: Petition, hand: Hand) -> None:
    """Undo the decision on all of them, and see on the first page that they count again."""
    hand.follow("#content a[href$='/rules/']")
    hand.follow("button[value=undo]")
    hand.wait_until_worked()
    assert hand.figure(".rule-figure strong") == FAKES
    hand.follow(".breadcrumbs a")
    assert hand.figure(COUNT) == HONEST + FAKES
    counts_right(petition, HONEST + FAKES)
    batch = Batch.objects.get()
    assert (batch.stage, batch.changed, batch.restored, batch.left) == ("UNDONE", FAKES, FAKES, 0)
    assert not BatchRow.objects.exists()


@VIEWS
def test_three_hundred_fakes_are_found_held_checked_and_undone_in_less_than_twenty_clicks(
    settings: Settings, flooded: Petition, open_window: OpenWindow, view: tuple[str, int, bool]
) -> None:
    language, width, scripts = view
    offer_languages(settings, "en", "ru", "be")
    before = as_they_are(flooded)
    hand = Hand(open_window(scripts=scripts, width=width))
    moderator = factories.make_organiser("Moderators", language=language)
    log_in(hand.window, moderator)
    assert hand.page.locator("html").get_attribute("lang") == language
    hold(flooded, hand, find(flooded, hand))
    check(flooded, hand)
    undo(flooded, hand)
    assert hand.clicks < CLICKS_LIMIT
    assert as_they_are(flooded) == before
    assert (hand.window.real_problems(), hand.wide) == ([], [])
    assert audited() == [
        ("HOLD_STARTED", None, "", False),
        ("BATCH_STARTED", FAKES, "SUSPICIOUS", True),
        ("BATCH_FINISHED", FAKES, "SUSPICIOUS", False),
        ("SIGNATURE_RESTORED", 1, "", True),
        ("SIGNATURE_HELD", 1, "SUSPICIOUS", True),
        ("HOLD_ENDED", None, "", True),
        ("BATCH_STARTED", FAKES, "SUSPICIOUS", True),
        ("BATCH_UNDONE", FAKES, "SUSPICIOUS", False),
    ]
    looks = AuditEntry.objects.filter(action=AuditAction.NAMES_VIEWED, actor=moderator).order_by("pk")
    # Of the wave, of the rule, of the list and of one in it; once more of the list, and of what is left there.
    assert list(looks.values_list("amount", flat=True)) == [20, 20, 50, 1, 50, 50]
    sign(flooded, f"colleague@{DOMAIN}", "Аня")
    counts_right(flooded, HONEST + FAKES + 1)
