"""Makes waves of signatures, and looks for them as the worker does."""

from __future__ import annotations

from django.http import HttpResponse
from django.test import Client

from signatures.models import OutgoingMail, Petition
from signatures.moderating.waves import WaveWatch
from signatures.safeguarding.encryption import decrypt
from tests.support import factories
from tests.support.database import query
from tests.support.page_reading import words

DOMAIN = "catch-all.example"


def sign_from(petition: Petition, domain: str, number: int, **values: str) -> HttpResponse:
    """Sign over the form and confirm by the code of the mail; return the answer to the last."""
    visitor = Client(headers={"sec-fetch-site": "same-origin"})
    answer = factories.sign(
        visitor, petition, email=f"someone-{number}@{domain}", **{"name": f"Name {number}", **values}
    )
    assert answer.status_code == 303
    code = decrypt(OutgoingMail.objects.latest("pk").secret_encrypted)
    return factories.confirm(visitor, code)


def flood(petition: Petition, amount: int = 60) -> None:
    """Store invented signatures from one domain, of two minutes."""
    for _ in range(amount):
        factories.make_signature(petition, address=f"fake-{next(factories.NUMBERS)}@{DOMAIN}")
    move_back(petition, "id %% 120 * interval '1 second'")


def move_back(petition: Petition, span: str) -> None:
    """Let all signatures of a petition be older by a span of SQL."""
    query(
        "UPDATE signatures_signature SET first_confirmed_at = first_confirmed_at - span, current_since ="  # noqa: S608
        " current_since - span, last_confirmed_at = last_confirmed_at - span"
        f" FROM (SELECT id AS number, {span} AS span FROM signatures_signature) AS spans"
        " WHERE id = number AND petition_id = %s",
        [petition.pk],
    )


def honest(petition: Petition, amount: int) -> None:
    """Store signatures from as many domains, of some days ago."""
    countries, languages = ("BY", "PL", "LT", "DE"), ("en", "ru")
    for number in range(amount):
        factories.make_signature(
            petition,
            address=f"honest@domain-{number}.example",
            country=countries[number % 4],
            language=languages[number % 2],
        )
    move_back(petition, "interval '3 days'")


def look() -> int:
    """Let the worker look as it does when it has just started."""
    return WaveWatch().look()


def press(client: Client, petition: Petition, action: str, number: int) -> str:
    """Press a button on the page of waves, and return the words of the page that follows."""
    answer = client.post(waves_path(petition), {"action": action, "number": str(number)}, follow=True)
    return words(answer.content.decode())


def waves_path(petition: Petition) -> str:
    """Return the path of the page of waves."""
    return f"/admin/signatures/petition/{petition.pk}/waves/"
