"""Campaigns in which signers, texts and profiles change in any order, and what may be revealed about each signer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from django.test import Client
from django.urls import reverse

from signatures.models import OutgoingMail, Petition, Recipient
from signatures.models.choices import MailKind, Profile, Visibility
from signatures.safeguarding import keys
from signatures.safeguarding.encryption import decrypt
from signatures.texts.publishing import publish_text
from signatures.tokens import MySignature, my_signature_token
from tests.support import factories

PEOPLE = 3
BODIES = ("Parliament", "Senate", "Ministry")
NETWORKS = count(1)
MARKS = (f"Zq{''.join(chr(ord('k') + int(digit)) for digit in str(number))}zq" for number in count(100_000))


@dataclass
class Held:
    """What a signer has confirmed.

    :param shown: the recipients that the text showed as getting names
    """

    visibility: str
    mark: str
    shown: frozenset[str]


@dataclass
class Person:
    """Somebody with an address that contains the same marker as the name."""

    address: str
    pending: tuple[str, Held] | None = None
    held: Held | None = None


@dataclass
class Figures:
    """Statistics of what was searched."""

    examples: int = 0
    steps: int = 0
    lists: int = 0
    files: int = 0
    size: int = 0
    names: int = 0

    def __str__(self) -> str:
        """Return a line for the summary of the run."""
        return (
            f"{self.examples} campaigns of {self.steps} steps; {self.lists} hand-overs, {self.files} files,"
            f" {self.size >> 10} KiB read for marks; {self.names} names were listed"
        )


def new_address() -> str:
    """Return a canonical address, from which keys are computed."""
    return f"{next(MARKS)}@example.net".lower()


@dataclass
class World:
    """A petition, its people, and the markers that must not be found."""

    petition: Petition
    figures: Figures
    shown: frozenset[str] = frozenset()
    people: list[Person] = field(default_factory=lambda: [Person(new_address()) for _ in range(PEOPLE)])
    names: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)

    def visitor(self) -> Client:
        """Return a browser in a new network."""
        number = next(NETWORKS)
        return Client(headers={"sec-fetch-site": "same-origin"}, REMOTE_ADDR=f"10.{number >> 8 & 255}.{number & 255}.1")


def give(world: World, profiles: tuple[str, ...]) -> None:
    """Change the recipients' profiles, as organisers do."""
    for body, profile in zip(BODIES, profiles, strict=True):
        Recipient.objects.filter(petition=world.petition, name_en=body).update(profile=profile)


def publish(world: World, profiles: tuple[str, ...]) -> None:
    """Publish a new text with these profiles."""
    give(world, profiles)
    world.petition.body_en += "\n\nMore."
    world.petition.save()
    publish_text(petition=world.petition, actor=None)
    world.shown = frozenset(body for body, given in zip(BODIES, profiles, strict=True) if given == Profile.NAMES)


def sign(world: World, number: int, visibility: str, prefix: str = "") -> None:
    """Send the form; the mail stays in the queue with the address."""
    person, mark = world.people[number], next(MARKS)
    world.names.add(mark)
    form = {"visibility": visibility, "name": f"{prefix}{mark}", "city": f"Горад {mark}", "email": person.address}
    assert factories.sign(world.visitor(), world.petition, **form).status_code == 303
    mail = OutgoingMail.objects.filter(petition=world.petition, kind=MailKind.CONFIRM).latest("id")
    person.pending = decrypt(bytes(mail.secret_encrypted)), Held(visibility, mark, world.shown)


def confirm(world: World, number: int, visibility: str) -> None:
    """Confirm by the link in the mail, perhaps with a lower visibility."""
    person = world.people[number]
    if person.pending is None:
        return
    code, held = person.pending
    held.visibility = min(held.visibility, visibility, key=lambda choice: Visibility(choice).reach)
    reason = next(MARKS)
    world.secrets.add(reason)
    form = {"visibility": held.visibility, "reason": f"За свабоду {reason}"}
    assert factories.confirm(world.visitor(), code, **form).status_code == 303
    person.held, person.pending = held, None


def use_link(world: World, number: int, action: str) -> None:
    """Press a button on one's own page."""
    subject = MySignature(world.petition.pk, keys.email_keys(world.petition.pk, world.people[number].address))
    path = reverse("my_signature", kwargs={"language": "en", "token": my_signature_token(subject)})
    assert world.visitor().post(path, {"action": action}).status_code == 200
    # Pending attempts are invalidated.
    world.people[number].pending = None


def lower(world: World, number: int, to: str) -> None:
    """Lower the visibility on the my-signature page."""
    use_link(world, number, to)
    held = world.people[number].held
    if held is not None:
        held.visibility = min(held.visibility, to, key=lambda choice: Visibility(choice).reach)


def withdraw(world: World, number: int) -> None:
    """Withdraw on the my-signature page."""
    use_link(world, number, "WITHDRAW")
    world.people[number].held = None


def sign_and_confirm(world: World, number: int, visibility: str) -> None:
    """Sign and confirm."""
    sign(world, number, visibility)
    confirm(world, number, visibility)


DOING: dict[str, Callable[..., None]] = {
    step.__name__: step for step in (sign, confirm, sign_and_confirm, lower, withdraw, give, publish)
}
