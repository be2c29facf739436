"""Whatever signers, texts and organisers do in whichever order, nobody is handed a name, reason or address too many."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from signatures.models import Delivery, OutgoingMail, Recipient, Signature
from signatures.models.choices import ListOrder, PetitionStatus, Profile, Visibility
from signatures.safeguarding import keys
from tests.support import factories
from tests.support.campaigns import (
    BODIES,
    DOING,
    PEOPLE,
    Figures,
    World,
    publish,
)
from tests.support.environment import property_examples
from tests.support.hand_overs import (
    act,
    delivery_path,
    download,
    grow_older,
    look,
    package_of,
    prepare,
    record,
    texts_in,
    unpacked,
)
from tests.support.page_reading import page_of, read
from tests.support.programs import require_program

pytestmark = pytest.mark.django_db(transaction=True)
# Each campaign takes seconds: a shorter one that fails, too, would be looked for for minutes.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
PASSWORD = "correct horse battery staple"
PROFILES = st.sampled_from([Profile.NAMES.value, Profile.NAMES.value, Profile.TOTALS.value])
PERSON = st.integers(0, PEOPLE - 1)
SEEN_BY = st.sampled_from([Visibility.DELIVERED.value, Visibility.PUBLIC.value, Visibility.COUNTED.value])
STEPS = st.one_of(
    st.tuples(st.just("sign"), PERSON, SEEN_BY, st.sampled_from(["", "Ўладзімір ", "O'Neill ", "Ёжык "])),
    st.tuples(st.just("confirm"), PERSON, SEEN_BY),
    *[st.tuples(st.just("sign_and_confirm"), PERSON, SEEN_BY)] * 3,
    st.tuples(st.just("lower"), PERSON, st.sampled_from([Visibility.DELIVERED.value, Visibility.COUNTED.value])),
    st.tuples(st.just("withdraw"), PERSON),
    st.tuples(st.just("give"), st.tuples(PROFILES, PROFILES, PROFILES)),
    st.tuples(st.just("publish"), st.tuples(PROFILES, PROFILES, PROFILES)),
    st.tuples(st.just("hand_over"), st.integers(0, 2), st.integers(1, 4)),
)
OPTIONS = st.fixed_dictionaries(
    {
        "language": st.sampled_from([*factories.LANGUAGES]),
        "delimiter": st.sampled_from(",;"),
        "order": st.sampled_from(ListOrder.values),
        "with_latin": st.sampled_from(["", "on"]),
        "with_workbook": st.sampled_from(["", "on"]),
        "with_document": st.sampled_from(["", "", "on"]),
        "only_new": st.sampled_from(["", "new"]),
    }
)


NO_OPTIONS = {"language": "ru", "delimiter": ";", "order": "NAME", "with_workbook": "on"}


def allowed(world: World, delivery: Delivery) -> tuple[set[str], int]:
    """Return the marks of the names that may stand in a hand-over, and how many signatures it is of."""
    recipient = Recipient.objects.get(pk=delivery.recipient_id)
    given = recipient.profile == delivery.profile == Profile.NAMES
    marks, counted = set(), 0
    for person in world.people:
        held = person.held
        key = keys.email_keys(world.petition.pk, person.address)[0]
        row = Signature.objects.filter(petition=world.petition, email_key=key).first()
        assert (row is None) == (held is None)
        if row is None or held is None or row.current_since > delivery.cut_off:
            continue
        if delivery.since is not None and row.current_since <= delivery.since:
            continue
        counted += 1
        if given and held.visibility != Visibility.COUNTED and recipient.name_en in held.shown:
            marks.add(held.mark)
    return marks, counted


def check_file(world: World, name: str, content: bytes, may: set[str]) -> None:
    """Read every byte of a file."""
    texts = [text.casefold() for text in texts_in(name, content)]
    world.figures.files += 1
    world.figures.size += len(content)
    found = {mark for mark in world.names if any(mark.casefold() in text for text in texts)}
    assert found == (may if name.startswith("signatures.") or name.endswith(".pdf") else set()), name
    for secret in [*world.secrets, *(person.address for person in world.people)]:
        assert not any(secret.casefold() in text for text in texts), name


def decrypted(package: bytes, password: str) -> dict[str, bytes]:
    """Return the files of a ZIP."""
    if not password:
        return unpacked(package)
    with TemporaryDirectory() as folder:
        archive, target = Path(folder) / "package.zip", Path(folder) / "files"
        archive.write_bytes(package)
        command = [require_program("7zz", "7z"), "x", f"-p{password}", f"-o{target}", str(archive)]
        subprocess.run(command, check=True, capture_output=True)
        return {path.name: path.read_bytes() for path in target.iterdir()}


def hand_over(world: World, client: Client, others: list[Client], body: str, hours: int, **options: Any) -> None:
    """Prepare, fetch every file in every way, read them, and record it."""
    grow_older(world.petition)
    recipient = Recipient.objects.get(petition=world.petition, name_en=body)
    password = options.pop("password", "")
    cut_off = datetime.now(UTC) - timedelta(hours=hours, minutes=-30)
    options["cut_off"] = f"{cut_off:%Y-%m-%dT%H:%M}"
    if look(client, recipient, **options).status_code != 200:
        # Nothing can be new yet.
        options["only_new"] = ""
    delivery = prepare(client, recipient, **options)
    may, counted = allowed(world, delivery)
    assert (delivery.confirmed, delivery.named) == (counted, len(may))
    files = decrypted(package_of(client, delivery, password), password)
    assert len(files) >= 8
    for name, content in files.items():
        check_file(world, name, content, may)
        assert download(client, delivery, name) == content, name
    for other in others:
        for action in ("package", "file"):
            assert act(other, delivery, action, name="signatures.csv").status_code == 403
        page = other.get(delivery_path(delivery)).content
        check_file(world, "page", page, set())
    check_file(world, "page", read(client, delivery_path(delivery)).encode(), set())
    assert record(client, delivery).status_code == 302
    check_file(world, "page", read(Client(), page_of(world.petition, "deliveries")).encode(), set())
    world.figures.lists += 1
    world.figures.names += len(may)


@pytest.fixture
def clients(organiser_client: Callable[[str], Client]) -> dict[str, Client]:
    """Return a browser for each role."""
    roles = ("Administrators", "Organisers", "Moderators", "Editors", "Auditors")
    return {role: organiser_client(role) for role in roles}


def test_no_order_of_steps_lets_out_a_name_a_reason_or_an_address(
    transactional_db: None, clients: dict[str, Client], record_property: Callable[[str, object], None]
) -> None:
    figures = Figures()
    others = [clients[role] for role in ("Moderators", "Editors", "Auditors")]

    @settings(max_examples=property_examples(4), phases=PHASES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        profiles=st.tuples(PROFILES, PROFILES, PROFILES),
        steps=st.lists(STEPS, min_size=4, max_size=14),
        options=OPTIONS,
        role=st.sampled_from(["Administrators", "Organisers"]),
        password=st.sampled_from(["", "", PASSWORD]),
    )
    @example(
        profiles=("NAMES", "TOTALS", "NAMES"),
        steps=[
            ("sign_and_confirm", 0, "PUBLIC"),
            ("sign_and_confirm", 1, "DELIVERED"),
            ("sign_and_confirm", 2, "COUNTED"),
            ("hand_over", 0, 1),
            ("lower", 1, "COUNTED"),
            ("publish", ("NAMES", "NAMES", "TOTALS")),
            ("sign_and_confirm", 2, "DELIVERED"),
            ("sign", 0, "DELIVERED", "Ёжык "),
            ("give", ("NAMES", "NAMES", "NAMES")),
        ],
        options={**NO_OPTIONS, "with_document": "on", "with_latin": "on", "only_new": "new"},
        role="Organisers",
        password=PASSWORD,
    )
    def run(
        profiles: tuple[str, ...], steps: list[tuple[Any, ...]], options: dict[str, str], role: str, password: str
    ) -> None:
        petition = factories.make_petition(publish=False, asks_city=True, status=PetitionStatus.OPEN)
        petition.recipients.all().delete()
        for body in BODIES:
            factories.make_recipient(petition, body, f"{body} по-русски")
        world = World(petition, figures)
        figures.examples += 1
        figures.steps += len(steps)
        publish(world, profiles)
        for what, *values in steps:
            if what == "hand_over":
                hand_over(world, clients[role], others, BODIES[values[0]], values[1], with_workbook="on")
            else:
                DOING[what](world, *values)
        for body in BODIES:
            hand_over(world, clients[role], others, body, 1, **options, password=password)
        OutgoingMail.objects.all().delete()

    run()
    assert figures.names > 0
    record_property("figures", f"names within, step by step: {figures}")
