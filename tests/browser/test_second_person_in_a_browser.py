"""A request to a second person fits a phone, and is decided on by keyboard."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from signatures.models import Approval, Organiser, Petition
from tests.browser.conftest import OpenWindow, Window
from tests.support import factories
from tests.support.hand_overs import grow_older
from tests.support.name_lists import export_path, recipient_of
from tests.support.two_people import APPROVALS, ask_for_two, page_path

pytestmark = pytest.mark.django_db(transaction=True)
# Where pictures are kept, if anybody wants to look at them.
PICTURES = os.environ.get("KEEP_PICTURES", "")


@pytest.fixture
def petition(transactional_db: None) -> Petition:
    """Return a petition that asks for two people."""
    petition = factories.make_petition()
    for name in ("First", "Second"):
        factories.make_signature(petition, name=name)
    grow_older(petition)
    return ask_for_two(petition)


def log_in(window: Window, organiser: Organiser) -> Window:
    """Fill in the login form."""
    window.open("/admin/login/?next=/admin/")
    window.page.locator("input[name=username]").fill(organiser.username)
    window.page.locator("input[name=password]").fill(factories.PASSWORD)
    window.page.locator("input[type=submit]").click()
    return window


def look(window: Window, name: str) -> None:
    """Check that nothing is wider than the window, in the light and in the dark."""
    for scheme in ("light", "dark"):
        window.page.emulate_media(color_scheme=scheme)
        assert not window.scrolls_sideways(), name
        if PICTURES:
            size = window.page.viewport_size
            assert size is not None
            path = Path(PICTURES) / f"{name}-{size['width']}-{scheme}.png"
            window.page.screenshot(path=str(path), full_page=True)


def test_a_list_is_asked_for_agreed_to_and_made_on_a_phone_and_by_keyboard(
    petition: Petition, open_window: OpenWindow
) -> None:
    one, other = factories.make_organiser("Organisers"), factories.make_organiser("Organisers")
    phone = log_in(open_window(width=360, height=700), one)
    phone.open(export_path(petition))
    look(phone, "export")
    phone.page.select_option("#id_recipient", str(recipient_of(petition, "Parliament").pk))
    phone.page.fill("#id_reason", "The committee meets on Friday")
    phone.page.locator("#content form input[type=submit]").click()
    approval = Approval.objects.get()
    assert phone.page.url.endswith(page_path(approval))
    look(phone, "asked")
    wide = log_in(open_window(width=1280), other)
    look(wide, "first-page")
    wide.page.get_by_text("Read it, agree or refuse").first.focus()
    wide.page.keyboard.press("Enter")
    wide.page.wait_for_url(f"**{page_path(approval)}")
    look(wide, "to-decide")
    wide.page.get_by_role("button", name="Agree").focus()
    wide.page.keyboard.press("Enter")
    wide.page.get_by_text("You have agreed").wait_for()
    look(wide, "decided")
    phone.open(page_path(approval))
    look(phone, "agreed")
    with phone.page.expect_download() as download:
        phone.page.get_by_role("button", name="Carry it out").click()
    assert "First" in Path(download.value.path()).read_text()
    for window in (phone, wide, log_in(open_window(width=768), other)):
        window.open(APPROVALS)
        look(window, "list")
        assert not window.real_problems()
    wide.open(f"/admin/signatures/petition/{petition.pk}/change/")
    look(wide, "setting")
