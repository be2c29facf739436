"""Every address of the desk, one a line: what it is about, and whose role opens it or sends its form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.support.attacks.routes import all_routes

NO_ROLE = "no role"
# As in ``factories.make_organiser``.
SUPERUSER = ""
ADMINISTRATORS = frozenset({SUPERUSER, "Administrators"})
ORGANISERS = ADMINISTRATORS | {"Organisers"}
MODERATORS = ORGANISERS | {"Moderators"}
TYPISTS = ORGANISERS | {"Typists"}
WRITERS = ORGANISERS | {"Editors"}
DELIVERERS = ORGANISERS | {"Auditors"}
READERS_OF_NEWS = WRITERS | {"Auditors"}
READERS_OF_THE_LOG = ADMINISTRATORS | {"Auditors"}
EVERY_ROLE = WRITERS | MODERATORS | TYPISTS | {"Auditors"}
NOBODY: frozenset[str] = frozenset()
# What stands in an address for a row of a petition.
ROWS = (
    "petition",
    "draft",
    "approval",
    "signature",
    "batch",
    "delivery",
    "update",
    "version",
    "entry",
    "bundle",
    "sheet",
)
# Without a word about what to do these pages refuse everybody.
ANSWERED = {"action": "answered"}
COUNTS = {"action": "CONFIRMED"}
Roles = frozenset[str]


@dataclass(frozen=True)
class Address:
    """Who gets to an address.

    :param is_of_site: whether a role in one petition does not matter
    :param opens: the roles that read it
    :param sends: the roles whose form is taken
    :param words: what the form says, where it is refused to everybody without
    :param needs_factor: whether it is closed to those who have not given their second factor
    """

    is_of_site: bool
    opens: Roles
    sends: Roles
    words: Mapping[str, str] = field(default_factory=dict)
    needs_factor: bool = True


def of_a_petition(
    roles: Roles, *, form: Roles | None = None, words: Mapping[str, str] | None = None, needs_factor: bool = True
) -> Address:
    """Describe a page or list of what belongs to petitions: a role in one of them is enough for what is of that one."""
    return Address(False, roles, roles if form is None else form, words or {}, needs_factor)  # noqa: FBT003


def of_the_site(
    roles: Roles, *, form: Roles | None = None, words: Mapping[str, str] | None = None, needs_factor: bool = True
) -> Address:
    """Describe a page of what belongs to no petition: only a role in the whole site matters."""
    return Address(True, roles, roles if form is None else form, words or {}, needs_factor)  # noqa: FBT003


def everybody(*, opens: bool = True, sends: bool = True, needs_factor: bool = True) -> Address:
    """Describe a page for whoever has an account, with a role or without."""
    all_of_them = EVERY_ROLE | {NO_ROLE}
    return Address(False, all_of_them if opens else NOBODY, all_of_them if sends else NOBODY, {}, needs_factor)  # noqa: FBT003


ADDRESSES = {
    "/admin/": everybody(),
    "/admin/password_change/": everybody(),
    "/admin/alerts/": everybody(),
    "/admin/account/": everybody(),
    "/admin/sessions/": everybody(),
    "/admin/switches/": of_the_site(ADMINISTRATORS),
    "/admin/logged-in/": everybody(),
    "/admin/guide/": everybody(sends=False),
    "/admin/guide/{page}/": everybody(sends=False),
    "/admin/second-factor/": everybody(needs_factor=False),
    "/admin/second-factor/codes/": everybody(needs_factor=False),
    "/admin/second-factor/mine/": everybody(sends=False, needs_factor=False),
    "/admin/approvals/": everybody(sends=False),
    "/admin/approvals/{approval}/": of_a_petition(DELIVERERS),
    "/admin/shown-text/": everybody(opens=False),
    "/admin/{app_label}/": of_a_petition(EVERY_ROLE),
    "/admin/signatures/petition/": of_a_petition(EVERY_ROLE),
    "/admin/signatures/petition/add/": of_the_site(WRITERS),
    "/admin/signatures/petition/{petition}/change/": of_a_petition(EVERY_ROLE, form=WRITERS),
    "/admin/signatures/petition/{petition}/history/": of_a_petition(EVERY_ROLE),
    "/admin/signatures/petition/{petition}/preview/{language}/": of_a_petition(EVERY_ROLE, form=NOBODY),
    "/admin/signatures/petition/{petition}/numbers.csv": of_a_petition(EVERY_ROLE, form=NOBODY),
    "/admin/signatures/petition/{petition}/publish/": of_a_petition(ORGANISERS),
    "/admin/signatures/petition/{petition}/export/": of_a_petition(ORGANISERS),
    "/admin/signatures/petition/{petition}/hand-over/": of_a_petition(ORGANISERS),
    "/admin/signatures/petition/{petition}/lead-petitioner/": of_a_petition(ORGANISERS),
    "/admin/signatures/petition/{petition}/names/": of_a_petition(MODERATORS),
    "/admin/signatures/petition/{petition}/reasons/": of_a_petition(MODERATORS),
    "/admin/signatures/petition/{petition}/waves/": of_a_petition(MODERATORS),
    "/admin/signatures/petition/{petition}/rules/": of_a_petition(MODERATORS, form=NOBODY),
    "/admin/signatures/petition/{petition}/rules/new/": of_a_petition(MODERATORS),
    "/admin/signatures/petition/{petition}/rules/{batch}/": of_a_petition(MODERATORS),
    "/admin/signatures/petition/{petition}/paper/": of_a_petition(TYPISTS),
    "/admin/signatures/petition/{petition}/paper/{bundle}/": of_a_petition(TYPISTS, form=ORGANISERS),
    "/admin/signatures/petition/{petition}/paper/{bundle}/sheets.pdf": of_a_petition(TYPISTS, form=NOBODY),
    "/admin/signatures/petition/{petition}/paper/sheets/{sheet}/": of_a_petition(TYPISTS),
    "/admin/signatures/petition/{petition}/people/": of_the_site(ADMINISTRATORS),
    "/admin/signatures/petition/{petition}/duplicate/": of_the_site(WRITERS),
    "/admin/signatures/petition/{petition}/link/": of_a_petition(EVERY_ROLE, form=NOBODY),
    "/admin/signatures/petition/{petition}/link/{language}/{name}": of_a_petition(EVERY_ROLE, form=NOBODY),
    "/admin/signatures/petition/{petition}/picture/": of_a_petition(WRITERS),
    "/admin/signatures/petition/{petition}/picture/{size}.webp": of_a_petition(EVERY_ROLE, form=NOBODY),
    "/admin/signatures/petition/{draft}/online/": of_a_petition(WRITERS, form=ORGANISERS),
    "/admin/signatures/petition/{draft}/delete-draft/": of_a_petition(ORGANISERS),
    "/admin/signatures/petition/{petition}/close/": of_a_petition(ORGANISERS),
    "/admin/signatures/petition/{petition}/archive/": of_a_petition(ORGANISERS),
    "/admin/signatures/petition/{petition}/purge/": of_a_petition(ADMINISTRATORS),
    "/admin/signatures/petition/{petition}/delete/": of_a_petition(NOBODY),
    "/admin/signatures/delivery/{delivery}/history/": of_a_petition(DELIVERERS),
    "/admin/signatures/delivery/": of_a_petition(DELIVERERS),
    "/admin/signatures/delivery/{delivery}/change/": of_a_petition(DELIVERERS, form=ORGANISERS, words=ANSWERED),
    "/admin/signatures/delivery/check/": of_a_petition(DELIVERERS),
    "/admin/signatures/delivery/add/": of_a_petition(NOBODY),
    "/admin/signatures/delivery/{delivery}/delete/": of_a_petition(NOBODY),
    "/admin/signatures/signature/": of_a_petition(MODERATORS),
    "/admin/signatures/signature/{signature}/change/": of_a_petition(MODERATORS, form=NOBODY),
    "/admin/signatures/signature/{signature}/history/": of_a_petition(MODERATORS),
    "/admin/signatures/signature/{signature}/decide/": of_a_petition(NOBODY, form=MODERATORS, words=COUNTS),
    "/admin/signatures/signature/{signature}/erase/": of_a_petition(ORGANISERS),
    "/admin/signatures/signature/add/": of_a_petition(NOBODY),
    "/admin/signatures/signature/{signature}/delete/": of_a_petition(NOBODY),
    "/admin/signatures/update/": of_a_petition(READERS_OF_NEWS),
    "/admin/signatures/update/add/": of_a_petition(WRITERS),
    "/admin/signatures/update/{update}/change/": of_a_petition(READERS_OF_NEWS, form=WRITERS),
    "/admin/signatures/update/{update}/publish/": of_a_petition(READERS_OF_NEWS, form=WRITERS),
    "/admin/signatures/update/{update}/preview/{language}/": of_a_petition(READERS_OF_NEWS, form=NOBODY),
    "/admin/signatures/update/{update}/history/": of_a_petition(READERS_OF_NEWS),
    "/admin/signatures/update/{update}/delete/": of_a_petition(NOBODY),
    "/admin/signatures/textversion/": of_a_petition(EVERY_ROLE),
    "/admin/signatures/textversion/{version}/change/": of_a_petition(EVERY_ROLE, form=NOBODY),
    "/admin/signatures/textversion/{version}/history/": of_a_petition(EVERY_ROLE),
    "/admin/signatures/textversion/{version}/delete/": of_a_petition(NOBODY),
    "/admin/signatures/textversion/add/": of_a_petition(NOBODY),
    "/admin/signatures/auditentry/": of_a_petition(READERS_OF_THE_LOG),
    "/admin/signatures/auditentry/{entry}/change/": of_a_petition(READERS_OF_THE_LOG, form=NOBODY),
    "/admin/signatures/auditentry/{entry}/history/": of_a_petition(READERS_OF_THE_LOG),
    "/admin/signatures/auditentry/{entry}/delete/": of_a_petition(NOBODY),
    "/admin/signatures/auditentry/add/": of_a_petition(NOBODY),
    "/admin/signatures/auditentry/check/": of_the_site(READERS_OF_THE_LOG),
    "/admin/signatures/auditentry/export/": of_the_site(NOBODY, form=READERS_OF_THE_LOG),
    "/admin/signatures/bouncecount/": of_the_site(ADMINISTRATORS),
    "/admin/signatures/bouncecount/{bounces}/change/": of_the_site(ADMINISTRATORS, form=NOBODY),
    "/admin/signatures/bouncecount/{bounces}/history/": of_the_site(ADMINISTRATORS),
    "/admin/signatures/bouncecount/{bounces}/delete/": of_the_site(NOBODY),
    "/admin/signatures/bouncecount/add/": of_the_site(NOBODY),
    "/admin/signatures/organiser/": of_the_site(ADMINISTRATORS),
    "/admin/signatures/organiser/add/": of_the_site(ADMINISTRATORS),
    "/admin/signatures/organiser/{organiser}/change/": of_the_site(ADMINISTRATORS),
    "/admin/signatures/organiser/{organiser}/link/": of_the_site(ADMINISTRATORS),
    "/admin/signatures/organiser/{organiser}/sessions/": of_the_site(ADMINISTRATORS),
    "/admin/signatures/organiser/{organiser}/close/": of_the_site(ADMINISTRATORS),
    "/admin/signatures/organiser/{organiser}/open/": of_the_site(ADMINISTRATORS),
    "/admin/second-factor/of/{organiser}/": of_the_site(ADMINISTRATORS),
    "/admin/signatures/organiser/{organiser}/history/": of_the_site(ADMINISTRATORS),
    "/admin/signatures/organiser/{organiser}/delete/": of_the_site(NOBODY),
}
# What is not a page of its own, with the reason.
ELSEWHERE = {
    "/admin/login/": "for everybody",
    "/admin/logout/": "ends the session",
    "/admin/password_change/done/": "one sentence for whoever has an account",
    "/admin/set-password/{app_label}/": "for whoever holds the link",
    **{
        f"/admin/second-factor/{page}": "one's own, after a proof that is fresh"
        for page in (
            "password/",
            "set-up/",
            "set-up/qr.png",
            "remove/{app_label}/{object_id}/",
            "passkey/add/begin/",
            "passkey/add/complete/",
            "passkey/begin/",
            "passkey/complete/",
        )
    },
    "/admin/jsi18n/": "words for Django's scripts",
    "/admin/autocomplete/": "nothing is offered for it",
    "/admin/r/{content_type_id}/{object_id}/": "leads to nothing, since no model has an address of its own",
    "/admin/{url}": "everything else: not found, or led to the same with a slash",
    **{
        f"/admin/signatures/{name}/{{object_id}}/": "leads to the page for changing"
        for name in (
            "auditentry",
            "bouncecount",
            "delivery",
            "organiser",
            "petition",
            "signature",
            "textversion",
            "update",
        )
    },
}


def names_a_row(path: str) -> bool:
    """Return whether an address is of a row that belongs to a petition."""
    return any(f"{{{name}}}" in path for name in ROWS)


def shape(path: str) -> str:
    """Return an address without the names of its parameters."""
    return re.sub(r"{\w+}", "{}", path)


def unknown_addresses() -> set[str]:
    """Return the addresses of the desk that are neither in the table nor given a reason."""
    there = {shape(route.pattern) for route in all_routes() if route.is_admin}
    return there ^ {shape(path) for path in (*ADDRESSES, *ELSEWHERE)}
