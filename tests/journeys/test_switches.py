"""Emergency switches hold at every address of the site, those of later pages included, and at the desk."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from django.contrib.postgres.functions import TransactionNow
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError
from django.test import Client
from django.utils.translation import gettext, override
from pytest_django import Settings

from petition_site.switches import STILL_THERE
from signatures.languages import site_languages
from signatures.models import Attempt, AuditEntry, OutgoingMail, Petition, Signature, Switch, Tally
from signatures.models.switch import SwitchName
from signatures.safeguarding import switches
from signatures.worker import Worker
from tests.support import factories
from tests.support.attacks.routes import Route, all_routes
from tests.support.every_route import Site, fill
from tests.support.mailbox import Mailbox
from tests.support.page_reading import page_of, words
from tests.support.switches import turned

pytestmark = pytest.mark.django_db
CLOSED_WORDS = "This site is closed for now."
NAME = "Signer 3"
LogIn = Callable[[str], Client]


@pytest.fixture
def site(ordinary: Petition, mailbox: Mailbox, organiser_client: LogIn) -> Site:
    """Return a site with something of everything."""
    caches["ratelimits"].clear()
    return fill(ordinary, mailbox, organiser_client(""))


def public_paths(site: Site) -> Iterator[tuple[Route, str]]:
    """Yield every public address, in each of the site's languages."""
    for route in all_routes():
        if route.is_admin:
            continue
        for language in site_languages() if "language" in route.parameters else ("en",):
            site.values["language"] = language
            yield route, site.path_of(route)


def naming(site: Site) -> list[str]:
    """Return the public addresses that show the name of a signer."""
    visitor = Client()
    return [path for _, path in public_paths(site) if NAME.encode() in visitor.get(path).content]


def counted() -> list[int]:
    """Return how many rows there are of what visitors make."""
    return [model.objects.count() for model in (Attempt, Signature, OutgoingMail, Tally)]


def test_no_public_address_shows_a_name_while_names_are_hidden_though_pages_were_kept(site: Site) -> None:
    assert len(naming(site)) == len(site_languages())
    turned(SwitchName.HIDE_NAMES)
    assert naming(site) == []
    page = words(Client().get(page_of(site.petition, "signers")).content.decode())
    assert "No names are shown for now. All signatures still count." in page
    turned(SwitchName.HIDE_NAMES, on=False)
    assert len(naming(site)) == len(site_languages())


def test_names_hidden_by_another_process_are_gone_before_this_one_looks(site: Site) -> None:
    Switch.objects.create(name=SwitchName.HIDE_NAMES, reason="elsewhere")
    assert not switches.switched_on()
    assert naming(site) == []


def test_every_public_form_is_refused_while_nothing_is_taken_and_every_page_opens(site: Site) -> None:
    turned(SwitchName.READ_ONLY)
    before = counted()
    visitor = Client(enforce_csrf_checks=True, headers={"sec-fetch-site": "same-origin"})
    refused = set()
    for route, path in public_paths(site):
        answer = visitor.post(path, {"action": "WITHDRAW", "visibility": "COUNTED", "code": "x", "press": "y"})
        assert answer.status_code in {405, 503}, path
        if answer.status_code == 503:
            assert (answer["Retry-After"], answer["Cache-Control"]) == ("600", "no-store"), path
            refused.add(route.name)
        assert visitor.get(path).status_code < 500, path
    assert {"petition", "confirm", "confirm_entry", "my_signature", "my_signature_request", "no_mail"} <= refused
    assert counted() == before


def test_a_form_that_is_not_taken_keeps_what_was_typed_and_is_taken_later(petition: Petition, visitor: Client) -> None:
    turned(SwitchName.READ_ONLY)
    read = words(visitor.get(page_of(petition)).content.decode())
    assert "For now this site can only be read" in read
    assert "What happens to this information" not in read
    answer = factories.sign(visitor, petition, name="Анна Ярошевич", email="anna@example.org")
    page = answer.content.decode()
    assert 'value="Анна Ярошевич"' in page
    assert "You can leave this page open and press the button later" in words(page)
    turned(SwitchName.READ_ONLY, on=False)
    assert factories.sign(visitor, petition, name="Анна Ярошевич").status_code == 303


def test_a_form_of_another_site_is_refused_as_ever_while_nothing_is_taken(petition: Petition) -> None:
    turned(SwitchName.READ_ONLY)
    foreign = Client(enforce_csrf_checks=True, headers={"sec-fetch-site": "cross-site"})
    answer = factories.sign(foreign, petition, name="Anna")
    assert answer.status_code == 403
    assert b"Anna" not in answer.content


def test_one_page_stands_in_place_of_every_public_one_while_the_site_is_closed(site: Site) -> None:
    visitor = Client()
    visitor.get(page_of(site.petition))
    turned(SwitchName.CLOSED)
    for route, path in public_paths(site):
        if path.startswith(STILL_THERE):
            continue
        for answer in (visitor.get(path), visitor.post(path)):
            assert answer.status_code == 503, path
            assert (answer["Retry-After"], answer["Cache-Control"]) == ("3600", "no-store"), path
            for language in site_languages():
                with override(language):
                    assert gettext(CLOSED_WORDS) in words(answer.content.decode()), path
            if "language" in route.parameters:
                assert answer["Content-Language"] == path[1:3]
            assert site.petition.title_en.encode() not in answer.content
    assert visitor.get("/-/live").status_code == 200
    assert site.organiser.get("/admin/").status_code == 200
    turned(SwitchName.CLOSED, on=False)
    assert visitor.get(page_of(site.petition)).status_code == 200


def test_a_command_turns_a_switch_and_says_how_all_stand(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong, why in (
        (["CLOSED"], "on or off"),
        (["CLOSED", "on"], "--reason"),
        (["CLOSED", "on", "--reason= "], "why"),
    ):
        with pytest.raises(CommandError, match=why):
            call_command("switch", *wrong)
    call_command("switch", "HIDE_NAMES", "on", "--reason=Names were copied")
    call_command("switch", "HIDE_NAMES", "on", "--reason=Again")
    call_command("switch")
    call_command("switch", "HIDE_NAMES", "off", "--reason=Over")
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == ["HIDE_NAMES: on", "HIDE_NAMES: on, as it was"]
    assert told[2].startswith("HIDE_NAMES: on since 2")
    assert told[2].endswith("UTC: Names were copied")
    assert told[3:] == ["READ_ONLY: off", "CLOSED: off", "HIDE_NAMES: off"]
    assert list(AuditEntry.objects.filter(actor=None).values_list("action", "reason").order_by("pk")) == [
        ("SWITCHED_ON", "Names were copied"),
        ("SWITCHED_OFF", "Over"),
    ]


def test_a_process_looks_once_a_second_and_keeps_what_it_knew_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Switch.objects.create(name=SwitchName.CLOSED, reason="elsewhere")
    assert not switches.switched_on()
    switches.look_again()
    assert switches.switched_on() == {SwitchName.CLOSED}
    left = switches._known.look_again
    Switch.objects.all().delete()
    assert switches.switched_on() == {SwitchName.CLOSED}
    assert 0 < left < math.inf

    def away() -> frozenset[SwitchName]:
        raise DatabaseError

    monkeypatch.setattr(Switch.objects, "names_on", away)
    switches.look_again()
    assert switches.switched_on() == {SwitchName.CLOSED}
    monkeypatch.undo()
    switches.look_again()
    assert not switches.switched_on()


def test_a_process_that_never_learnt_which_switches_are_on_answers_as_during_an_outage(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned(SwitchName.HIDE_NAMES)
    monkeypatch.setattr(switches, "_known", switches._Known())

    def away() -> frozenset[SwitchName]:
        raise OperationalError

    visitor = Client(raise_request_exception=False)
    with monkeypatch.context() as unreachable:
        unreachable.setattr(Switch.objects, "names_on", away)
        for path in (page_of(site.petition, "signers"), "/en/", "/en/accessibility/"):
            answer = visitor.get(path)
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "30"
            assert answer.headers["Cache-Control"] == "no-store"
        # A form is not lost.
        refused = factories.sign(visitor, site.petition, name="Zyzzyva")
        assert (refused.status_code, b"Zyzzyva" in refused.content) == (503, True)
        # Monitoring is told all the same.
        assert visitor.get("/-/live").status_code == 200
        # Nobody asks more often than once a second.
        unreachable.setattr(Switch.objects, "names_on", lambda: pytest.fail("asked again"))
        assert visitor.get("/en/").status_code == 503
    switches.look_again()
    shown = visitor.get(page_of(site.petition, "signers"))
    assert shown.status_code == 200
    assert NAME.encode() not in shown.content


def test_pages_and_switches_together_are_no_older_than_two_seconds_and_a_second() -> None:
    assert switches.LOOK_SECONDS <= 1.0


@pytest.mark.parametrize("name", [SwitchName.READ_ONLY, SwitchName.CLOSED])
def test_the_worker_sends_nothing_while_nothing_is_taken_or_the_site_is_closed_and_goes_on_after(
    petition: Petition, mailbox: Mailbox, visitor: Client, name: SwitchName
) -> None:
    factories.sign(visitor, petition)
    turned(name)
    worker = Worker()
    worker.jobs = []
    assert worker.round() == 0
    assert OutgoingMail.objects.count() == 1
    turned(name, on=False)
    assert worker.round() == 1


@pytest.mark.parametrize("name", [SwitchName.READ_ONLY, SwitchName.CLOSED])
def test_a_switch_that_is_turned_in_the_middle_of_a_round_holds_for_the_rest_of_it(
    petition: Petition, mailbox: Mailbox, visitor: Client, name: SwitchName
) -> None:
    for _ in range(3):
        factories.sign(visitor, petition)
    worker = Worker()
    decided: list[str] = []

    def decide() -> None:
        decided.append("decided")

    worker.jobs = [(0.0, lambda: turned(name)), (0.0, decide)]
    worker.deciding = (decide,)
    assert worker.round() == 0
    assert bool(decided) is (name == SwitchName.CLOSED)
    assert OutgoingMail.objects.count() == 3
    turned(name, on=False)
    worker.jobs = []
    send = worker.transport.send

    def turns_while_it_sends(message: EmailMessage) -> None:
        send(message)
        turned(name)

    worker.transport.send = turns_while_it_sends  # type: ignore[method-assign]
    assert worker.round() == 1
    assert OutgoingMail.objects.count() == 2
    assert not OutgoingMail.objects.filter(claimed_until__gt=TransactionNow()).exists()


def test_the_worker_decides_nothing_and_erases_what_is_due_while_nothing_is_taken(petition: Petition) -> None:
    worker = Worker()
    done: list[str] = []

    def noting(word: str) -> Callable[[], object]:
        return lambda: done.append(word)

    deciding: dict[Callable[[], object], Callable[[], object]] = {
        job: noting(f"decides {number}") for number, job in enumerate(worker.deciding)
    }
    assert len(deciding) == 7
    worker.jobs = [(interval, deciding.get(job, noting("goes on"))) for interval, job in worker.jobs]
    worker.deciding = tuple(deciding.values())
    turned(SwitchName.READ_ONLY)
    worker.round()
    assert set(done) == {"goes on"}
    turned(SwitchName.READ_ONLY, on=False)
    worker.round()
    assert {f"decides {number}" for number in range(7)} < set(done)


def test_monitoring_is_told_of_a_switch_and_the_balancer_is_not(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "a token of the operator"
    turned(SwitchName.READ_ONLY)
    assert client.get("/-/ready").status_code == 200
    answer = client.get("/-/ready", headers={"authorization": "Bearer a token of the operator"})
    assert "The emergency switch READ_ONLY is on: `switch` says since when and why." in answer.json()["warnings"]
