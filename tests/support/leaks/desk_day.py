"""Simulates a day in the admin, with marked values in everything that is typed there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from tests.support.attacks.raw_http import RawAnswer
from tests.support.attacks.target import HOST, Target
from tests.support.leaks.marked_values import Marks
from tests.support.page_reading import field_value
from tests.support.server.web_site import WebSite, manage

# The default limit of login attempts from one network.
LOGIN_LIMIT = 5
# Nothing is ever erased there, so it may also occur in planner statistics.
AUDIT = ("column signatures_auditentry.reason", "column pg_catalog.pg_statistic.stavalues?")
LIST = "/admin/signatures/signature/"


@dataclass
class DeskDay:
    """An organiser at work.

    note: called with every response; returns it.
    """

    site: WebSite
    target: Target
    marks: Marks
    note: Callable[[RawAnswer], RawAnswer]

    def live_through(self) -> None:
        """Run all events of the day."""
        password = manage(self.site.database_url, "ensure_organiser", **self.site.env).strip()
        self.marks.add("the first password", password)
        self.guess_passwords()
        self.target.log_in(password)
        for name, value in re.findall(r"__Secure-(session|csrf)=([^;]+)", self.target.cookie):
            # A new password ends the session, which deletes its row.
            self.marks.add(f"the cookie {name}", value)
        self.search()
        self.hand_names_over()
        self.change_password(password)

    def guess_passwords(self) -> None:
        """Try wrong accounts and passwords, from one network, and more often than the limit."""
        page = self.target.ask("/admin/login/")
        token = field_value(page.body.decode(), "csrfmiddlewaretoken") or ""
        own = {"Cookie": page.headers["set-cookie"].split(";")[0], "Origin": f"https://{HOST}"}
        # The limit's window may end in between; the next network's window ends at another second.
        for last in (181, 182, 183):
            network = self.marks.add(f"network {last} that guessed passwords", f"203.0.113.{last}")
            statuses = []
            for _ in range(LOGIN_LIMIT + 1):
                wrong = {name: self.marks.latin(f"a wrong {name}") for name in ("username", "password")}
                form = {**wrong, "csrfmiddlewaretoken": token}
                answer = self.target.ask("/admin/login/", form, {**own, "X-Forwarded-For": network})
                statuses.append(self.note(answer).status)
            if statuses == [200] * LOGIN_LIMIT + [429]:
                return
        raise AssertionError(statuses)

    def search(self) -> None:
        """Search for names: with and without results, on a missing page, and while the database refuses."""
        marks, look = self.marks, self.target.as_organiser
        for word in (marks.cyrillic("a search text"), marks.latin("another search text")):
            assert self.note(look(f"{LIST}?q={quote(word)}")).status == 200
        word = marks.latin("a search at an address of the desk that is not there")
        assert self.note(look(f"/admin/{word}/?q={word}")).status == 404
        self.site.query("ALTER TABLE signatures_signature RENAME COLUMN name TO gone")
        word = marks.latin("a search at the desk that fails")
        assert self.note(look(f"{LIST}?q={word}")).status == 500
        self.site.query("ALTER TABLE signatures_signature RENAME COLUMN gone TO name")

    def hand_names_over(self) -> None:
        """Export the list, and hand it over in a package with a password."""
        marks, send = self.marks, self.target.as_organiser
        self.site.query(
            "UPDATE signatures_signature SET first_confirmed_at = first_confirmed_at - interval '1 hour',"
            " last_confirmed_at = last_confirmed_at - interval '1 hour',"
            " current_since = current_since - interval '1 hour'"
        )
        petition, recipient = self.site.query(
            "SELECT petition_id, min(id) FROM signatures_recipient WHERE profile = 'NAMES' GROUP BY 1"
        )[0]
        path = f"/admin/signatures/petition/{petition}"
        form = {"recipient": str(recipient), "language": "en", "delimiter": ","}
        export = send(f"{path}/export/", form | {"reason": marks.cyrillic("an export's reason", *AUDIT)})
        assert self.note(export).status == 200
        assert export.body.count("Ян ".encode()) == 2
        cut_off = datetime.now(UTC) - timedelta(minutes=15)
        form |= {"cut_off": f"{cut_off:%Y-%m-%dT%H:%M}", "only_new": "", "order": "SIGNED", "with_workbook": "on"}
        form |= {"with_document": "on", "reason": marks.cyrillic("a hand-over's reason", *AUDIT)}
        preview = send(f"{path}/hand-over/", form | {"preview": "1"})
        seen = field_value(preview.body.decode(), "seen")
        prepared = send(f"{path}/hand-over/", form | {"prepare": "1", "seen": seen or ""})
        assert self.note(prepared).status == 302
        secret = marks.latin("the password of a package") * 2
        package = send(prepared.headers["location"], {"action": "package", "password": secret})
        assert self.note(package).status == 200

    def change_password(self, old: str) -> None:
        """Change the password."""
        new = self.marks.latin("a new password") + " of an organiser"
        form = {"old_password": old, "new_password1": new, "new_password2": new}
        assert self.note(self.target.as_organiser("/admin/password_change/", form)).status == 302
