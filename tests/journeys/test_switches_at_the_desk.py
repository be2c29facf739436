"""Emergency switches at the desk: who turns them, what is on record, what the desk does and says meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import caches
from django.test import Client

from petition_site.switches import STILL_TAKEN
from signatures.admin.half_way import FRESH_SECONDS, PROVED_AT
from signatures.models import AuditEntry, Organiser, Petition, Switch
from signatures.models.switch import SwitchName
from tests.support.attacks.routes import all_routes
from tests.support.every_route import Site, fill
from tests.support.mailbox import Mailbox
from tests.support.page_reading import page_of, words
from tests.support.switches import turned

pytestmark = pytest.mark.django_db
DESK = "/admin/switches/"
LogIn = Callable[[str], Client]


@pytest.fixture
def site(ordinary: Petition, mailbox: Mailbox, organiser_client: LogIn) -> Site:
    """Return a site with something of everything."""
    caches["ratelimits"].clear()
    return fill(ordinary, mailbox, organiser_client(""))


def desk_paths(site: Site) -> Iterator[str]:
    """Yield every address of the desk."""
    for route in all_routes():
        if route.is_admin and "content_type_id" not in route.parameters and "url" not in route.parameters:
            yield site.path_of(route)


def test_the_desk_takes_nothing_but_what_an_emergency_needs(site: Site) -> None:
    turned(SwitchName.READ_ONLY)
    for path in desk_paths(site):
        assert site.organiser.get(path).status_code < 500, path
        if path.startswith(STILL_TAKEN):
            continue
        answer = site.organiser.post(path)
        assert answer.status_code == 503, path
        assert "The emergency switch “Take nothing” is on." in words(answer.content.decode()), path


def test_what_an_emergency_needs_is_there() -> None:
    known = {route.pattern for route in all_routes()}
    assert [path for path in STILL_TAKEN if not any(one.startswith(path) for one in known)] == []


def test_every_page_of_the_desk_says_which_switches_are_on(site: Site) -> None:
    for name in (SwitchName.HIDE_NAMES, SwitchName.READ_ONLY):
        turned(name)
    silent = []
    for path in desk_paths(site):
        answer = site.organiser.get(path)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            read = words(answer.content.decode())
            said = "“Show no names” is on." in read and "“Take nothing” is on." in read
            silent += [] if said else [path]
    # What is shown in a frame as visitors will see it.
    assert [path for path in silent if "/preview/" not in path] == []


def press(browser: Client, name: SwitchName, turn: str, reason: str = "Names were copied") -> int:
    """Send the form of one switch, and return the status."""
    return browser.post(DESK, {"name": name.value, "turn": turn, "reason": reason}).status_code


def test_an_administrator_turns_a_switch_at_the_desk_on_record(organiser_client: LogIn, petition: Petition) -> None:
    browser = organiser_client("Administrators")
    assert press(browser, SwitchName.CLOSED, "on", reason="") == 422
    assert press(browser, SwitchName.CLOSED, "on") == 302
    assert press(browser, SwitchName.CLOSED, "on", reason="once more") == 302
    page = words(browser.get(DESK).content.decode())
    assert "“Close the site” is on. Every page follows within two seconds." in page
    assert "Names were copied" in page
    assert Client().get(page_of(petition)).status_code == 503
    assert press(browser, SwitchName.CLOSED, "off", reason="All is well") == 302
    assert Client().get(page_of(petition)).status_code == 200
    who = Organiser.objects.latest("pk")
    assert list(
        AuditEntry.objects.filter(action__startswith="SWITCHED")
        .order_by("pk")
        .values_list("action", "actor", "reason", "details")
    ) == [
        ("SWITCHED_ON", who.pk, "Names were copied", {"switch": "CLOSED"}),
        ("SWITCHED_OFF", who.pk, "All is well", {"switch": "CLOSED"}),
    ]
    log = words(browser.get("/admin/signatures/auditentry/?kind=emergencies").content.decode())
    assert "Emergency switch turned on" in log


@pytest.mark.parametrize("role", ["Organisers", "Moderators", "Editors", "Auditors"])
def test_nobody_else_turns_one(organiser_client: LogIn, role: str) -> None:
    assert press(organiser_client(role), SwitchName.CLOSED, "on") == 403
    assert not Switch.objects.exists()


def test_a_session_that_was_left_open_turns_none(organiser_client: LogIn) -> None:
    browser = organiser_client("Administrators")
    session = browser.session
    session[PROVED_AT] -= FRESH_SECONDS + 2
    session.save()
    assert press(browser, SwitchName.CLOSED, "on") == 302
    assert not Switch.objects.exists()


def test_markup_in_a_reason_is_text(organiser_client: LogIn) -> None:
    browser = organiser_client("")
    press(browser, SwitchName.HIDE_NAMES, "on", "<script>alert(1)</script>")
    for path in (DESK, "/admin/signatures/auditentry/"):
        page = browser.get(path).content.decode()
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
