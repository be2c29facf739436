"""Gives organisers and their browsers a second factor, and computes its codes."""

from __future__ import annotations

from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from pytest_django import Settings

from signatures.admin.half_way import FRESH_SECONDS, PROVED_AT
from signatures.models import AuditEntry, Organiser, TotpDevice
from signatures.models.choices import AuditAction
from signatures.safeguarding.encryption import encrypt
from signatures.safeguarding.one_time_codes import STEP_SECONDS, code_at
from tests.support.database import query

PASSWORD = "correct horse battery staple"
STEP = "/admin/second-factor/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_second_factor(client: Client, organiser: Organiser) -> TotpDevice:
    """Let an account that is logged in pass as one that has shown the code of its app."""
    device: TotpDevice
    device, _ = TotpDevice.objects.get_or_create(user=organiser, defaults={"name": "app", "secret": encrypt(SECRET)})
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return device


def grow_old(client: Client) -> None:
    """Let the last proof that a browser has given be more than ten minutes old."""
    session = client.session
    session[PROVED_AT] -= FRESH_SECONDS + 1
    session.save()


def require_factor(settings: Settings) -> None:
    """Require a second factor, as in production, and let a test log in quickly and as often as it needs."""
    settings.SECOND_FACTOR_REQUIRED = True
    settings.LOGIN_RATES = ["1000/m"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def code_now(secret: str = SECRET, steps: int = 0) -> str:
    """Return the code that an app shows by the database's clock.

    :param steps: how many half minutes its clock is ahead
    """
    seconds = query("SELECT extract(epoch FROM clock_timestamp())")[0][0]
    return code_at(secret, int(seconds) // STEP_SECONDS + steps)


def new_account(username: str = "anna", *, has_app: bool = False, is_superuser: bool = True) -> Organiser:
    """Add an account with a password, and an app if asked for."""
    account: Organiser = Organiser.objects.create_user(
        username, password=PASSWORD, is_staff=True, is_superuser=is_superuser
    )
    if has_app:
        TotpDevice.objects.create(user=account, name="phone", secret=encrypt(SECRET))
    return account


def browser_with_password(username: str = "anna", path: str = "/admin/") -> Client:
    """Return a browser in which somebody has typed name and password."""
    browser = Client()
    answer = browser.post(f"/admin/login/?next={path}", {"username": username, "password": PASSWORD})
    assert answer.status_code == 302
    return browser


def browser_let_in(username: str = "anna", steps: int = 0) -> Client:
    """Return a browser in which somebody has shown the app's code, too."""
    browser = browser_with_password(username)
    assert browser.post(STEP, {"code": code_now(steps=steps)}).status_code == 302
    return browser


def audited(action: AuditAction) -> list[tuple[str | None, int | None, object]]:
    """Return who did something to which account with what, from the audit log."""
    rows = AuditEntry.objects.filter(action=action).order_by("pk")
    return [(row.actor.username if row.actor else None, row.target, row.details.get("second_factor")) for row in rows]
