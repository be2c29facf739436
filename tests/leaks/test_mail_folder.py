"""A folder that mails are put into holds, of each signer, what the mail must say and nothing else."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.attacks.target import Target
from tests.support.faults.failing_mail_server import Behaviour
from tests.support.faults.site_processes import Crew
from tests.support.leaks.marked_values import Marks
from tests.support.leaks.marks import Mark, found_in
from tests.support.leaks.searched_places import files_below
from tests.support.mailbox import CODE, text_of
from tests.support.server.web_site import ASK_FOR_CITY, PETITION_PATH, WebSite, new_database, signer

pytestmark = pytest.mark.xdist_group("attacks")

TOKEN = re.compile(r"/(?:no-mail|my-signature)/([^/\s]+)/")
MAILS = 2  # to each signer


@dataclass
class Folder:
    """A site that puts its mails into a folder.

    marks: for each signer's address, and under "nobody" what stands in no mail.
    """

    path: Path
    crew: Crew
    marks: dict[str, Marks]

    def mails_to(self, address: str) -> list[Path]:
        """Return the mails to an address, the oldest first."""
        mails = sorted(self.path.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [path for path in mails if recipient_of(path) == address]

    def wait_for_mail(self, address: str, number: int) -> str:
        """Wait for an address's next mail and return its text."""
        self.crew.wait_until(lambda: len(self.mails_to(address)) == number, "the mail is there")
        return text_of(email.message_from_bytes(self.mails_to(address)[-1].read_bytes(), policy=email.policy.default))


def recipient_of(path: Path) -> str:
    """Return whom a mail is to."""
    return str(email.message_from_bytes(path.read_bytes(), policy=email.policy.default)["To"])


@pytest.fixture
def folder(loaded_database: str, tmp_path: Path) -> Iterator[Folder]:
    """Return a running site with a worker, and nobody who has signed."""
    path = tmp_path / "mail"
    with new_database(loaded_database) as (_, url):
        site = WebSite(url, tmp_path, {"TRUSTED_PROXIES": "1", "WEB_WORKERS": "1"})
        crew = Crew(site, Behaviour(), path.as_uri())
        try:
            site.query(ASK_FOR_CITY)
            site.start()
            crew.start_mail_worker()
            yield Folder(path, crew, {"nobody": Marks()})
        finally:
            crew.stop()


def sign_confirm_and_ask(folder: Folder, visibility: str, network: str) -> None:
    """Sign, open the mail, confirm with a reason and ask for a link, all with marked values."""
    target, own, secret = Target(folder.crew.site), Marks(), folder.marks["nobody"]
    address = f"{own.latin('half an address')}@{own.latin('a domain')}.example"
    folder.marks[address] = own
    forwarded = {"Host": "testserver", "X-Forwarded-For": secret.add("a network", network)}
    form = signer(
        visibility=visibility,
        name=f"Ян {secret.cyrillic('a name')}",
        city=secret.cyrillic("a city"),
        email=address,
    )
    assert target.ask(PETITION_PATH, form, forwarded).status == 303
    text = folder.wait_for_mail(address, 1)
    code = CODE.search(text)
    assert code
    path = f"/ru/confirm/{own.code(code[1])}/"
    reason = {"visibility": visibility, "reason": secret.cyrillic("a reason")}
    assert target.ask(path, reason, forwarded).status == 303
    assert target.ask(f"{PETITION_PATH}my-signature/", {"email": address}, forwarded).status == 200
    tokens = TOKEN.findall(text) + TOKEN.findall(folder.wait_for_mail(address, MAILS))
    assert len(tokens) == MAILS + 1
    for token in tokens:
        own.token("a token", token)


def test_a_mail_tells_of_its_own_signer_the_address_and_the_links_and_nothing_else_is_left(folder: Folder) -> None:
    for number, visibility in enumerate(("COUNTED", "DELIVERED", "PUBLIC"), start=181):
        sign_confirm_and_ask(folder, visibility, f"203.0.113.{number}")
    assert folder.crew.site.query("SELECT count(*) FROM signatures_outgoingmail") == [(0,)]
    places = dict(files_below(folder.path))
    assert len(places) == MAILS * 3
    assert {place.rpartition(".")[2] for place in places} == {"eml"}
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder.path, *folder.path.iterdir())}
    assert set(modes.values()) == {0o700, 0o600}
    assert modes["mail"] == 0o700
    slug, title = (
        "belarus-political-prisoners",
        folder.crew.site.query("SELECT title_ru FROM signatures_petition")[0][0],
    )
    folder.marks["nobody"].made += [Mark("the petition", (slug,)), Mark("its title", (str(title),))]
    for address, marks in folder.marks.items():
        own = {f"file {path.name}" for path in folder.mails_to(address)}
        found = found_in(places, marks.made)
        assert {place for _, place in found} == own
        # Each that may stand there does, so that what may not would have been found.
        assert {mark for mark, _ in found} == (set(marks.made) if own else set())
