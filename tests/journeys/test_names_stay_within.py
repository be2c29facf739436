"""No combination of texts, recipients, signers and options lets a name out to whom its signer was not shown."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from signatures.delivering.actions import prepare_delivery
from signatures.delivering.downloads import start_package
from signatures.delivering.preview import Choices, latest_cut_off
from signatures.models import Delivery, Petition, Recipient, Signature
from signatures.models.choices import Language, ListOrder, PetitionStatus, Profile, SignatureState, Visibility
from tests.support import factories
from tests.support.environment import property_examples
from tests.support.hand_overs import grow_older, manifest_of, texts_in, unpacked
from tests.support.name_lists import rows_in

pytestmark = pytest.mark.django_db(transaction=True)
BODIES = ("Parliament", "Senate", "Ministry")
MARKS = (f"Zq{''.join(chr(ord('k') + int(digit)) for digit in str(number))}zq" for number in count(1000))
HOSTILE = [
    "",
    "=cmd|' /C calc'!A0 ",
    "Ўладзімір ",
    "Ёжык \u202e",
    "O'Neill; ",
    '"x", ',
    "👩‍👩‍👧 ",
    "<b>",
    "#import ",
    "$x$ ",
]


@dataclass(frozen=True)
class Signer:
    """Who signs a text."""

    visibility: str
    state: str
    country: str
    prefix: str


@dataclass(frozen=True)
class Edition:
    """What a text version shows, and who signs it.

    :param profiles: of the recipients that it shows, in the order of BODIES
    """

    profiles: tuple[str | None, ...]
    signers: tuple[Signer, ...]


@dataclass(frozen=True)
class Campaign:
    """What happens before a list is handed over.

    :param finally_: the recipients' profiles when it is
    """

    editions: tuple[Edition, ...]
    finally_: tuple[str, ...]


@dataclass
class Book:
    """Which signer's mark each recipient may be given.

    :param allowed: marks by recipient, as the texts were signed
    """

    marks: set[str] = field(default_factory=set)
    allowed: dict[str, set[str]] = field(default_factory=lambda: {body: set() for body in BODIES})
    confirmed: int = 0


SIGNERS = st.builds(
    Signer,
    visibility=st.sampled_from(Visibility.values),
    state=st.sampled_from(["CONFIRMED", "CONFIRMED", "CONFIRMED", "HELD", "REMOVED"]),
    country=st.sampled_from(["BY", "PL", "US"]),
    prefix=st.sampled_from(HOSTILE),
)
PROFILES = st.sampled_from(Profile.values)
EDITIONS = st.builds(
    Edition,
    profiles=st.tuples(PROFILES, st.none() | PROFILES, st.none() | PROFILES),
    signers=st.lists(SIGNERS, max_size=5).map(tuple),
)
CAMPAIGNS = st.builds(
    Campaign,
    editions=st.lists(EDITIONS, min_size=1, max_size=3).map(tuple),
    finally_=st.tuples(PROFILES, PROFILES, PROFILES),
)
OPTIONS = st.fixed_dictionaries(
    {
        "language": st.sampled_from(Language.values),
        "delimiter": st.sampled_from(",;"),
        "order": st.sampled_from(ListOrder.values),
        "with_latin": st.booleans(),
        "by_country": st.booleans(),
        "with_workbook": st.booleans(),
    }
)
NAMED = Signer("DELIVERED", "CONFIRMED", "BY", "")
COUNTED = Signer("COUNTED", "CONFIRMED", "PL", "")
NO_OPTIONS = {"language": "en", "delimiter": ",", "order": "SIGNED"}


def stage(campaign: Campaign) -> tuple[Petition, Book]:
    """Let everything happen."""
    petition = factories.make_petition(publish=False, asks_city=True, status=PetitionStatus.OPEN)
    petition.recipients.all().delete()
    book = Book()
    for edition in campaign.editions:
        shown = set_profiles(petition, edition.profiles)
        factories.publish_next(petition)
        for signer in edition.signers:
            sign(petition, signer, shown, book)
    set_profiles(petition, campaign.finally_)
    grow_older(petition)
    return petition, book


def set_profiles(petition: Petition, profiles: tuple[str | None, ...]) -> set[str]:
    """Add or change recipients; once shown they stay. Return who is given names."""
    for body, profile in zip(BODIES, profiles, strict=True):
        found = Recipient.objects.filter(petition=petition, name_en=body)
        if profile and not found.update(profile=profile):
            factories.make_recipient(petition, body, f"{body} по-русски", Profile(profile))
    return set(Recipient.objects.filter(petition=petition, profile=Profile.NAMES).values_list("name_en", flat=True))


def sign(petition: Petition, signer: Signer, shown: set[str], book: Book) -> None:
    """Store a signature whose name, city and reason bear a mark, and note who may be given it."""
    mark = next(MARKS)
    counts = signer.state == SignatureState.CONFIRMED
    values: dict[str, Any] = {"state_reason": None if counts else "HONEYPOT"}
    if signer.visibility != Visibility.COUNTED:
        values |= {"name": f"{signer.prefix}{mark}", "city": f"Горад {mark}"}
        book.marks.add(mark)
    factories.make_signature(
        petition,
        visibility=signer.visibility,
        state=signer.state,
        country=signer.country,
        address=f"{mark}@example.org",
        **values,
    )
    book.confirmed += counts
    if counts and signer.visibility != Visibility.COUNTED:
        for body in shown:
            book.allowed[body].add(mark)


def hand_over(recipient: Recipient, **options: Any) -> tuple[Delivery, dict[str, bytes]]:
    """Prepare and pack everything for a recipient."""
    choices = Choices(recipient=recipient, cut_off=latest_cut_off() - timedelta(minutes=1), **options)
    delivery = prepare_delivery(choices=choices, reason="Test", actor=None)
    return delivery, unpacked(b"".join(start_package(delivery=delivery, actor=None)))


def marks_in(book: Book, name: str, content: bytes) -> set[str]:
    """Return the marks that stand anywhere in a file."""
    texts = list(texts_in(name, content))
    assert not any("@example.org" in text and "contact@" not in text for text in texts), f"an address in {name}"
    return {mark for mark in book.marks if any(mark.casefold() in text.casefold() for text in texts)}


def check(campaign: Campaign, options: dict[str, Any]) -> None:
    """Hand over to every recipient and read every byte."""
    petition, book = stage(campaign)
    for recipient in Recipient.objects.filter(petition=petition):
        given = recipient.profile == Profile.NAMES
        allowed = book.allowed[recipient.name_en] if given else set()
        delivery, files = hand_over(recipient, **options)
        assert (delivery.confirmed, delivery.named) == (book.confirmed, len(allowed))
        for name, content in files.items():
            lists = name.startswith("signatures.") or name.endswith(".pdf")
            assert marks_in(book, name, content) == (allowed if lists else set()), name
        assert ("signatures.csv" in files) == given
        if given:
            assert len(rows_in(files["signatures.csv"], options["delimiter"])) == 1 + len(allowed)
        if "signatures.xlsx" in files:
            book_read = load_workbook(io.BytesIO(files["signatures.xlsx"]), read_only=True)
            assert sum(sheet.max_row for sheet in book_read) == 1 + len(allowed)
        # Fewer than ten have signed.
        assert set(manifest_of(files)["counts"].values()) == {None}
        assert marks_in(book, "command", by_command(recipient)) == allowed
    Signature.objects.filter(petition=petition).delete()


def by_command(recipient: Recipient) -> bytes:
    """Return what the command of the operator writes for a recipient."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / "list.csv"
        arguments = [recipient.petition.slug, "--recipient", str(recipient.pk), "--reason", "Test"]
        try:
            call_command("export_signatures", *arguments, "--output", str(target), stderr=io.StringIO())
        except CommandError:
            assert recipient.profile == Profile.TOTALS or not recipient.in_versions.exists()
            return b""
        return target.read_bytes()


@settings(max_examples=property_examples(25), suppress_health_check=list(HealthCheck))
@given(campaign=CAMPAIGNS, options=OPTIONS)
@example(
    campaign=Campaign((Edition(("TOTALS", "NAMES", None), (NAMED, COUNTED)),), ("NAMES", "TOTALS", "NAMES")),
    options={**NO_OPTIONS, "with_workbook": True, "with_latin": True},
)
@example(
    campaign=Campaign(
        (Edition(("NAMES", None, None), (NAMED, COUNTED)), Edition(("TOTALS", "NAMES", None), (NAMED, COUNTED))),
        ("NAMES", "NAMES", "NAMES"),
    ),
    options={**NO_OPTIONS, "with_workbook": True, "by_country": True},
)
def test_every_file_holds_exactly_the_names_that_its_recipient_may_be_given(
    transactional_db: None, campaign: Campaign, options: dict[str, Any]
) -> None:
    check(campaign, {**options, "with_document": False})


@settings(max_examples=property_examples(3), suppress_health_check=list(HealthCheck))
@given(campaign=CAMPAIGNS, options=OPTIONS)
def test_the_printed_list_holds_exactly_the_names_that_its_recipient_may_be_given(
    transactional_db: None, campaign: Campaign, options: dict[str, Any]
) -> None:
    check(campaign, {**options, "with_document": True})
