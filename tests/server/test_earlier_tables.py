"""A database with people in it comes up from the tables of the release before, and nobody in it is lost or shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.faults.leaving import CONFIRMED, UNLIMITED, People, confirm, let_people_sign
from tests.support.server.web_site import PETITION_PATH, WebSite, manage, new_database, signer

pytestmark = pytest.mark.xdist_group("servers")

# The newest migration of the release before this one: raise it with each release (docs/releasing.md).
RELEASE_BEFORE = "0013_erase_permission"
KEPT = {
    "signatures": "SELECT id, state, state_reason, visibility, name, city, name_review, email_key"
    " FROM signatures_signature ORDER BY id",
    "attempts": "SELECT id, name_encrypted, confirmed_at FROM signatures_attempt ORDER BY id",
    "tally": "SELECT kind, visibility, source, language, country, sum(amount) FROM signatures_tally"
    " GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
    "texts": "SELECT slug, status, title_en, title_ru, title_be FROM signatures_petition ORDER BY id",
}


def state_of(site: WebSite) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that people have done."""
    return {
        kind: [tuple(bytes(one) if isinstance(one, memoryview) else one for one in row) for row in site.query(query)]
        for kind, query in KEPT.items()
    }


@pytest.fixture
def site(loaded_database: str, tmp_path: Path) -> Iterator[WebSite]:
    """Return a site with a worker at hand."""
    with new_database(loaded_database) as (_, url):
        running = WebSite(url, tmp_path, env=UNLIMITED)
        try:
            running.start()
            yield running
        finally:
            running.stop()


def test_whoever_signed_on_the_tables_of_the_release_before_is_there_and_has_all_rights(
    site: WebSite, tmp_path: Path
) -> None:
    people = let_people_sign([site])
    for action, some in {"WITHDRAW": people.withdrawn, "DELIVERED": people.lowered, "COUNTED": people.counted}.items():
        for address in some:
            people.act(site, address, action)
    site.stop()
    before = state_of(site)
    assert len(before["signatures"]) == CONFIRMED - len(people.withdrawn)
    url = site.database_url
    manage(url, "migrate", "signatures", RELEASE_BEFORE, "--verbosity=0")
    assert site.query("SELECT to_regclass('signatures_erasure')") == [(None,)]
    manage(url, "migrate", "--verbosity=0")
    assert state_of(site) == before

    (tmp_path / "new").mkdir()
    # That release had no journal.
    new = WebSite(url, tmp_path / "new", env=UNLIMITED)
    try:
        new.start()
        check_that_people_can_act(new, people)
    finally:
        new.stop()
    assert "Traceback" not in new.log
    for command in ("check_tally", "check_audit"):
        manage(url, command, **new.env)


def check_that_people_can_act(site: WebSite, people: People) -> None:
    """Let those who signed before use their links, and somebody new sign."""
    kept, other = people.kept[:2]
    assert site.get(people.link(kept)).status == 200
    people.act(site, kept, "WITHDRAW")
    people.act(site, other, "COUNTED")
    assert site.query("SELECT count(*) FROM signatures_signature WHERE id = %s", [people.number_of[kept]]) == [(0,)]
    assert confirm(site, people.codes[people.still]) == 303
    assert site.post(PETITION_PATH, signer()).status == 303
