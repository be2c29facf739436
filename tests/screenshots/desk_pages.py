"""Leads the cameras through the organisers' desk."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tests.screenshots.camera import Camera
from tests.support.server.local_site import LocalSite


def desk(camera: Camera, site: LocalSite) -> None:
    """Keep the main pages of the organisers' desk, and hand a list over."""
    camera.go("/admin/")
    camera.keep("desk-login")
    log_in(camera, site)
    camera.keep("desk")
    for path, state in (
        *((f"petition/1/{name}/", name) for name in ("publish", "export", "hand-over", "purge", "preview/en")),
        *((f"petition/1/{name}/", name) for name in ("names", "reasons", "waves")),
        ("petition/1/change/", "petition"),
        ("petition/add/", "new-petition"),
        *((f"petition/1/{name}/", name) for name in ("link", "close", "duplicate")),
        ("petition/1/rules/", "rules"),
        ("petition/1/rules/new/", "new-rule"),
        ("signature/", "signatures"),
        ("signature/300/change/", "signature"),
        ("signature/300/erase/", "erase-signature"),
        ("update/", "updates"),
        ("petition/1/picture/", "picture"),
        ("update/add/", "new-update"),
        ("update/1/publish/", "publish-update"),
        ("petition/1/people/", "people-of-petition"),
        ("organiser/", "people"),
        ("organiser/add/", "new-account"),
        ("auditentry/", "audit-log"),
        ("auditentry/check/", "check-log"),
    ):
        camera.go(f"/admin/signatures/{path}")
        camera.keep(f"desk-{state.partition('/')[0]}")
    alerts(camera)
    camera.go("/admin/sessions/")
    camera.keep("desk-sessions")
    camera.go("/admin/approvals/")
    camera.keep("desk-approvals")
    hand_over(camera)
    # What it sees next it sees as any visitor.
    camera.page.context.clear_cookies()


def log_in(camera: Camera, site: LocalSite) -> None:
    """Log the organiser in."""
    password = re.findall(r"\S+", (site.data / "organiser.txt").read_text())[-1]
    camera.page.fill("#id_username", "organiser")
    camera.page.fill("#id_password", password)
    camera.press("input[type=submit]")


def alerts(camera: Camera) -> None:
    """Keep the page of alerts by mail, empty and where a code is awaited."""
    page = camera.page
    camera.go("/admin/alerts/")
    camera.keep("desk-alerts")
    page.fill("#id_email", "organiser@example.org")
    page.check("input[value=WAVE]")
    camera.press("#asking .submit-row input")
    camera.keep("desk-alerts-code")


def hand_over(camera: Camera) -> None:
    """Keep the way of a list from the checklist to its hand-over."""
    page = camera.page
    camera.go("/admin/signatures/petition/1/hand-over/")
    page.select_option("#id_recipient", index=1)
    page.fill("#id_reason", "Session of the committee")
    camera.press(".submit-row input.default")
    camera.keep("desk-hand-over-preview")
    camera.press(".submit-row input.default")
    camera.keep("desk-delivery")
    with page.expect_download() as download:
        page.click("form:has(input[value=package]) input[type=submit]")
    download.value.path()
    page.reload()
    page.fill("#id_handed_over_on", f"{datetime.now(UTC):%Y-%m-%d}")
    page.select_option("#id_handed_over_how", "IN_PERSON")
    camera.press("form:has(input[value=handed_over]) input[type=submit]")
    camera.keep("desk-delivery-handed-over")
