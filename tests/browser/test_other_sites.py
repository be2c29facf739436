"""Other sites, open in the same browser, can neither frame a page of ours nor send its forms."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from signatures import tokens
from signatures.models import Attempt, OutgoingMail, Petition, Signature, Suppression, Tally
from signatures.safeguarding import keys
from signatures.tokens import MySignature
from tests.browser.conftest import OpenWindow, Window
from tests.browser.test_policy import log_in
from tests.support import factories
from tests.support.desk import change_path, publish_path
from tests.support.page_reading import page_of

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "signer@example.org"
# Another port of the same host is another origin, another name of the machine is another site.
HOSTS = pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])


@contextmanager
def other_site(host: str, body: str) -> Iterator[str]:
    """Serve one page from elsewhere, and return its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with the page."""
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>Elsewhere</title>{body}".encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is Python's
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        # A connection that the browser keeps open must not keep the test from ending.
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://{host}:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def form_to(address: str, values: dict[str, str]) -> str:
    """Return a form that sends values to an address."""
    fields = "".join(f'<input name="{name}" value="{escape(value)}">' for name, value in values.items())
    return f'<form method="post" action="{address}">{fields}<button>Win a prize</button></form>'


def lured(window: Window, host: str, body: str) -> int:
    """Open a page from elsewhere, press its button, and return how we answer."""
    with other_site(host, body) as address:
        window.open(address)
        with window.page.expect_navigation() as navigation:
            window.page.get_by_role("button").click()
        answer = navigation.value
    assert answer is not None
    assert answer.url.startswith(window.url)
    return answer.status


@HOSTS
def test_no_page_of_ours_is_framed(petition: Petition, open_window: OpenWindow, host: str) -> None:
    window = open_window()
    log_in(window, factories.make_organiser())
    paths = [
        page_of(petition),
        f"/en/confirm/{tokens.new_code()}/",
        "/admin/login/",
        change_path(petition),
        "/nowhere/",
    ]
    frames = "".join(f'<iframe src="{window.url}{path}"></iframe>' for path in paths)
    with other_site(host, f'{frames}<iframe src="data:text/html,<h1>Framed</h1>"></iframe>') as address:
        window.open(address)
        window.page.wait_for_load_state("networkidle")
        *ours, control = window.page.main_frame.child_frames
        assert len(ours) == len(paths)
        assert {frame.url for frame in ours} == {"chrome-error://chromewebdata/"}
        assert control.locator("h1").inner_text() == "Framed"


@HOSTS
def test_no_form_from_elsewhere_is_taken(petition: Petition, open_window: OpenWindow, host: str) -> None:
    signature = factories.make_signature(petition, address=ADDRESS, visibility="PUBLIC")
    subject = MySignature(petition.pk, keys.email_keys(petition.pk, ADDRESS))
    window = open_window()
    tallies = Tally.objects.count()
    for path, values in (
        (page_of(petition), factories.sign_form(petition)),
        (page_of(petition, "my_signature_request"), {"email": ADDRESS}),
        (f"/en/my-signature/{tokens.my_signature_token(subject)}/", {"action": "WITHDRAW"}),
        (f"/en/no-mail/{tokens.no_mail_token(keys.mail_key(ADDRESS))}/", {}),
    ):
        assert lured(window, host, form_to(window.url + path, values)) == 403, path
    assert list(Signature.objects.values_list("pk", "visibility")) == [(signature.pk, "PUBLIC")]
    assert not Attempt.objects.exists()
    assert not OutgoingMail.objects.exists()
    assert not Suppression.objects.exists()
    assert Tally.objects.count() == tallies


@HOSTS
def test_no_form_from_elsewhere_does_anything_at_the_desk_of_an_organiser_who_is_logged_in(
    petition: Petition, open_window: OpenWindow, host: str
) -> None:
    draft = factories.make_petition(publish=False)
    window = open_window()
    log_in(window, factories.make_organiser())
    stolen = window.context.cookies()[0]["value"]
    for path, values in (
        (publish_path(draft), {"confirm": "on"}),
        (change_path(petition), {"title_en": "Changed", "csrfmiddlewaretoken": stolen}),
        ("/admin/logout/", {}),
    ):
        assert lured(window, host, form_to(window.url + path, values)) == 403, path
    assert not draft.text_versions.exists()
    assert Petition.objects.get(pk=petition.pk).title_en == petition.title_en
    assert window.open("/admin/") == 200
    assert "login" not in window.page.url
