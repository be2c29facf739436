"""A decision on all signatures of a wave settles it, so that it waits no longer; a narrower one does not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from django.test import Client

from signatures.models import Batch, Petition, Wave
from signatures.models.choices import WaveKind
from signatures.moderating.waves import WaveWatch, waiting_waves
from tests.support import factories
from tests.support.page_reading import words
from tests.support.rules import FAKES_DOMAIN, a_fake, new_path, path_of, press, preview

pytestmark = pytest.mark.django_db
HOLD = {"action": "HOLD", "reason": "SUSPICIOUS"}
LIKE = "like"


@pytest.fixture
def wave(petition: Petition) -> Wave:
    """Return a wave of fakes from one mail domain."""
    for number in range(60):
        factories.make_signature(petition, address=f"{number}@{FAKES_DOMAIN}", country="PL")
    WaveWatch().look()
    return Wave.objects.get(kind=WaveKind.DOMAIN)


def from_wave(client: Client, petition: Petition, number: str) -> str:
    """Press the button that decides on a wave, and return where it leads."""
    return client.post(new_path(petition), {"wave": number})["Location"]


def test_the_rule_of_a_wave_is_made_at_once_and_is_about_all_of_it(
    petition: Petition, wave: Wave, moderator: Client
) -> None:
    path = from_wave(moderator, petition, str(wave.pk))
    batch = Batch.objects.get()
    assert path == path_of(batch)
    assert (batch.matched, batch.since, batch.stage) == (60, wave.since, "READY")
    assert petition.pk in waiting_waves([petition]), "to look at a sample is not yet a decision"
    press(moderator, batch, "start", **HOLD)
    wave.refresh_from_db()
    assert (waiting_waves([petition]), wave.looked_by, wave.is_fine) == ({}, batch.actor, False)
    assert wave.hold is not None, "new ones go on being held"


@pytest.mark.parametrize("number", ["0", "x", "9" * 30])
def test_a_wave_that_is_gone_makes_no_rule(petition: Petition, wave: Wave, moderator: Client, number: str) -> None:
    other = factories.make_petition()
    for path, chosen in ((new_path(petition), number), (new_path(other), str(wave.pk))):
        answer = moderator.post(path, {"wave": chosen}, follow=True)
        assert "It is over already." in words(answer.content.decode())
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("conditions", "is_settled"),
    [
        ({LIKE: "a fake"}, True),
        ({LIKE: "a fake", "state": "CONFIRMED"}, True),
        ({LIKE: "a fake", "since": "2011-01-01T00:00"}, True),
        ({}, True),
        ({LIKE: "a fake", "country": "PL"}, False),
        ({LIKE: "a fake", "visibility": "DELIVERED"}, False),
        ({LIKE: "a fake", "name": "signer"}, False),
        ({LIKE: "a fake", "since": "2111-01-01T00:00"}, False),
        ({LIKE: "a fake", "until": "2011-01-02T00:00"}, False),
        ({LIKE: "a fake", "until": "2111-01-02T00:00"}, True),
        ({"ids": "1-1000"}, False),
    ],
)
def test_only_a_rule_that_is_about_all_of_a_wave_settles_it(
    petition: Petition, wave: Wave, moderator: Client, conditions: Mapping[str, str], is_settled: bool
) -> None:
    given = {name: str(a_fake(petition).pk) if name == LIKE else value for name, value in conditions.items()}
    batch = preview(moderator, petition, **given)
    press(moderator, batch, "start", **HOLD)
    assert (waiting_waves([petition]) == {}) is is_settled


def test_what_is_decided_on_names_alone_settles_nothing(petition: Petition, wave: Wave, moderator: Client) -> None:
    batch = preview(moderator, petition, like=str(a_fake(petition).pk))
    press(moderator, batch, "start", action="HIDE_NAMES")
    assert petition.pk in waiting_waves([petition])
