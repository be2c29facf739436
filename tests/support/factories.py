"""Creates petitions, signers and organisers through the site's own actions."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from signatures.counting.writing import Dimensions, Event, write_tally
from signatures.delivering.actions import prepare_delivery
from signatures.delivering.preview import Choices, latest_cut_off
from signatures.models import Delivery, Organiser, Petition, Recipient, Signature, TextVersion
from signatures.models.choices import PetitionStatus, Profile, SignatureState, Source, TallyKind, Visibility
from signatures.safeguarding import keys
from signatures.signing.forms import HONEYPOT
from signatures.texts.publishing import publish_text

PASSWORD = "a long password of the tests"
NUMBERS = count(1)
# Index of each language in the texts below.
LANGUAGES = {"en": 0, "ru": 1}
TEXTS = {
    "title": ("Freedom for all", "Свободу всем"),
    "summary": ("We ask for freedom.", "Мы просим свободы."),
    "body": ("The **whole** text.\n\n1. The first request", "**Весь** текст.\n\n1. Первая просьба"),
    "consent": ("I consent.", "Даю согласие."),
    "responsible_body": ("the group", "группа"),
}


def make_petition(*, publish: bool = True, **values: Any) -> Petition:
    """Create a petition with two recipients, in English and Russian, and publish its text if requested.

    :param values: field values; with ``languages`` it has texts and names only in these
    """
    number = next(NUMBERS)
    languages = values.setdefault("languages", [*LANGUAGES])
    values = {
        "slug": f"petition-{number}",
        "status": PetitionStatus.OPEN if publish else PetitionStatus.DRAFT,
        "opens_at": datetime(2011, 1, 1, tzinfo=UTC),
        "contact": "contact@example.org",
        **{f"{name}_{language}": texts[LANGUAGES[language]] for name, texts in TEXTS.items() for language in languages},
        **values,
    }
    petition = Petition.objects.create(**values)
    make_recipient(petition, "Parliament", "Парламент", Profile.NAMES)
    make_recipient(petition, "Government", "Правительство", Profile.TOTALS)
    if publish:
        publish_text(petition=petition, actor=None)
    return petition


def publish_next(petition: Petition) -> TextVersion:
    """Add a sentence to the draft in each of its languages, and publish it."""
    petition.refresh_from_db()
    if "en" in petition.languages:
        petition.body_en += "\n\nOne sentence more."
    if "ru" in petition.languages:
        petition.body_ru += "\n\nЕщё одно предложение."
    petition.save()
    return publish_text(petition=petition, actor=None)


def ask_for_city(petition: Petition) -> TextVersion:
    """Publish a new text version that asks signers for their city."""
    petition.refresh_from_db()
    petition.asks_city = True
    petition.save()
    return publish_text(petition=petition, actor=None)


def make_recipient(petition: Petition, english: str, russian: str, profile: Profile = Profile.NAMES) -> Recipient:
    """Append a recipient to a petition, with a name in each language of the petition."""
    names = {f"name_{language}": (english, russian)[LANGUAGES[language]] for language in petition.languages}
    return Recipient.objects.create(petition=petition, profile=profile, position=petition.recipients.count(), **names)


def newest_version(petition: Petition) -> TextVersion:
    """Return the petition's newest text version."""
    version = petition.text_versions.order_by("-number").first()
    assert version is not None
    return version


def make_signature(petition: Petition, *, address: str | None = None, **values: Any) -> Signature:
    """Store a signature with its tally, as a confirmation does."""
    number = next(NUMBERS)
    address = address or f"signer-{number}@example.org"
    visibility = values.setdefault("visibility", Visibility.DELIVERED)
    if visibility != Visibility.COUNTED:
        values.setdefault("name", f"Signer {number}")
    state = values.setdefault("state", SignatureState.CONFIRMED)
    values.setdefault("ever_counted", state == SignatureState.CONFIRMED)
    values = {
        "email_key": keys.email_keys(petition.pk, address)[0],
        "domain_key": keys.domain_keys(petition.pk, address)[0],
        "source": Source.WEB,
        "country": "LT",
        "language": "en",
        "text_version": newest_version(petition),
        **values,
    }
    signature = Signature.objects.create(petition=petition, **values)
    if state == SignatureState.CONFIRMED:
        write_tally(petition.pk, [Event(TallyKind.CONFIRMED, Dimensions.of(signature))])
    return signature


def domain_key(petition: Petition, domain: str) -> bytes:
    """Return the mark of a mail domain within a petition."""
    return keys.domain_keys(petition.pk, f"somebody@{domain}")[0]


def make_delivery(petition: Petition, name: str = "Parliament", **values: Any) -> Delivery:
    """Prepare a hand-over of everything up to eleven minutes ago to the recipient with this English name."""
    recipient = Recipient.objects.get(petition=petition, name_en=name)
    # The database's clock stands still within a test, while a minute may have ended on this machine's.
    cut_off = latest_cut_off() - timedelta(minutes=1)
    choices = Choices(**{"recipient": recipient, "cut_off": cut_off, **values})
    return prepare_delivery(choices=choices, reason="Hand-over", actor=None)


def password_hash() -> str:
    """Return the hash of all organisers' password; cached, since computing one takes half a second."""
    return _hash_by(settings.PASSWORD_HASHERS[0])


@cache
def _hash_by(_hasher: str) -> str:
    return make_password(PASSWORD)


def role_of(name: str) -> Group:
    """Return a role; create all roles if there are none."""
    call_command("ensure_roles", verbosity=0, stdout=io.StringIO())
    return Group.objects.get(name=name)


def make_organiser(role: str = "", **values: Any) -> Organiser:
    """Create an organiser with a role; an administrator if the role is empty."""
    if "password" not in values:
        values["password"] = password_hash()
    values.setdefault("username", f"organiser-{next(NUMBERS)}")
    organiser = Organiser.objects.create(is_staff=True, is_superuser=not role, **values)
    if role:
        organiser.groups.add(role_of(role))
    return organiser


def sign_form(petition: Petition, **values: str) -> dict[str, str]:
    """Return a filled-in sign form; a value of None omits the field."""
    form = {
        "visibility": "DELIVERED",
        "name": "Алесь Пушкін",
        "email": f"signer-{next(NUMBERS)}@example.org",
        "country": "BY",
        "consent": "on",
        "version": str(newest_version(petition).number),
        HONEYPOT: "",
        **values,
    }
    return {name: value for name, value in form.items() if value is not None}


def sign(client: Client, petition: Petition, language: str = "en", **values: str) -> HttpResponse:
    """Submit the sign form and return the response."""
    path = reverse("petition", kwargs={"language": language, "slug": petition.slug})
    return cast("HttpResponse", client.post(path, sign_form(petition, **values)))


def confirm(client: Client, code: str, language: str = "en", **values: str) -> HttpResponse:
    """Press the button of the confirm page and return the response."""
    path = reverse("confirm", kwargs={"language": language, "code": code})
    return cast("HttpResponse", client.post(path, {"visibility": "PUBLIC", "press": "this browser", **values}))


def answer_facts(response: HttpResponse) -> tuple[int, Mapping[str, str], bytes]:
    """Return everything that a visitor can see of a response."""
    return response.status_code, dict(response.items()), response.content
