"""The records in the DNS by which other mail servers believe ours: SPF, DKIM, DMARC, MX, PTR."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import dns.exception
import dns.resolver
import dns.reversename
from django.conf import settings

from signatures.doctor.findings import Finding, Options, fine, warn, wrong
from signatures.safeguarding.mailboxes import registered_domain

TIMEOUT_SECONDS = 5.0
DNS_PORT = 53
# RFC 7208, 4.6.4.
LOOKUPS_MAX = 10
LOOKUP = re.compile(r"[+?~-]?(?:include:|a(?=[:/]|$)|mx(?=[:/]|$)|ptr(?=[:]|$)|exists:)|redirect=")
INCLUDED = re.compile(r"(?:[+?~-]?include:|redirect=)(\S+)")
HERE = {"localhost", "127.0.0.1", "::1"}
TABLE = "docs/operations.md has the records under “Being believed by other mail servers”."


class Records:
    """Asks a DNS server; a name without such a record is no error."""

    def __init__(self, nameserver: str) -> None:
        """Use the given server, an address perhaps with a port, or the system's."""
        self.resolver = dns.resolver.Resolver(configure=not nameserver)
        if nameserver:
            host, _, port = nameserver.rpartition(":") if nameserver.count(":") == 1 else (nameserver, "", "")
            self.resolver.nameservers = [host]
            self.resolver.port = int(port or DNS_PORT)
        self.resolver.lifetime = TIMEOUT_SECONDS

    def of(self, name: str, kind: str) -> list[str]:
        """Return the records of a name as texts.

        :raises dns.exception.DNSException: if no server answers
        """
        try:
            found = self.resolver.resolve(name, kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        if kind == "TXT":
            return [b"".join(record.strings).decode("utf-8", "replace") for record in found]
        return [record.to_text() for record in found]

    def exists(self, name: str) -> bool:
        """Return whether there is anything at a name or below it (RFC 8020)."""
        try:
            self.resolver.resolve(name, "TXT", search=False)
        except dns.resolver.NXDOMAIN:
            return False
        except dns.resolver.NoAnswer:
            return True
        return True


def check_mail_records(options: Options) -> Iterator[Finding]:
    """Look the records of the sender's and the bounces' domains up."""
    sender = settings.MAIL_SENDER.rpartition("@")[2].lower()
    bounces = settings.BOUNCE_ADDRESS.rpartition("@")[2].lower()
    try:
        records = Records(options.nameserver)
        found = [
            *_of_spf(records, bounces),
            *_of_dkim(records, sender),
            *_of_dmarc(records, sender),
            *_of_bounces(records, bounces),
            *_of_address(records),
        ]
    except (dns.exception.DNSException, ValueError) as error:
        yield warn(
            f"The DNS does not answer ({type(error).__name__}), so that nothing is known of SPF, DKIM and DMARC.",
            "Look at /etc/resolv.conf, or name a server by --nameserver.",
        )
        return
    if registered_domain(sender) != registered_domain(bounces):
        found.append(
            warn(
                "MAIL_SENDER and BOUNCE_ADDRESS are in domains of different owners: DMARC cannot go by SPF.",
                "Use one domain for both, or one below the other.",
            )
        )
    yield from found or [fine("SPF, DKIM, DMARC, MX and PTR are there.")]


def _of_spf(records: Records, domain: str) -> Iterator[Finding]:
    found = [text for text in records.of(domain, "TXT") if text.lower().split(" ")[0] == "v=spf1"]
    if not found:
        yield wrong("The domain of BOUNCE_ADDRESS has no SPF record: many providers refuse its mails.", TABLE)
        return
    if len(found) > 1:
        yield wrong("The domain of BOUNCE_ADDRESS has several SPF records, so none is valid.", "Merge them into one.")
        return
    words = found[0].lower().split()
    if {"+all", "all"} & set(words):
        yield wrong("The SPF record lets every machine send in our name (+all).", "Let it end with -all.")
    elif not {"-all", "~all"} & set(words) and not any(word.startswith("redirect=") for word in words):
        yield warn("The SPF record ends with neither -all nor ~all, so that it says nothing.", "Let it end with -all.")
    if (lookups := _lookups(records, found[0], 0)) > LOOKUPS_MAX:
        yield wrong(
            f"The SPF record needs {lookups} further look-ups, more than ten: it counts as broken.",
            "Take out what sends no mail, or name addresses instead of hosts.",
        )


def _lookups(records: Records, text: str, depth: int) -> int:
    amount = 0
    for word in text.lower().split()[1:]:
        amount += bool(LOOKUP.match(word))
        included = INCLUDED.fullmatch(word)
        if included and depth <= LOOKUPS_MAX and "%" not in word:
            inner = [one for one in records.of(included[1], "TXT") if one.lower().startswith("v=spf1")]
            amount += _lookups(records, inner[0], depth + 1) if inner else 0
        if amount > 2 * LOOKUPS_MAX:
            break
    return amount


def _of_dkim(records: Records, domain: str) -> Iterator[Finding]:
    # The selector is the relay's secret; but where nothing lies below this name there is no key at all.
    if not records.exists(f"_domainkey.{domain}"):
        yield wrong("The domain of MAIL_SENDER has no key for DKIM at all.", TABLE)


def _of_dmarc(records: Records, domain: str) -> Iterator[Finding]:
    names = dict.fromkeys([domain, registered_domain(domain)])
    found: list[str] = []
    for name in names:
        found = found or [text for text in records.of(f"_dmarc.{name}", "TXT") if text.lower().startswith("v=dmarc1")]
    if not found:
        yield wrong("The domain of MAIL_SENDER has no DMARC record: large providers refuse many mails.", TABLE)
    elif len(found) > 1:
        yield wrong("There are several DMARC records, so that none is valid.", "Leave one.")
    elif re.search(r"\bruf\s*=", found[0], re.IGNORECASE):
        yield warn(
            "The DMARC record asks for reports on single mails (ruf), which hold addresses of signers.",
            "Take ruf= out, and keep rua=.",
        )


def _of_bounces(records: Records, domain: str) -> Iterator[Finding]:
    exchangers = records.of(domain, "MX")
    if any(record.split()[-1] == "." for record in exchangers):
        yield wrong("The domain of BOUNCE_ADDRESS takes no mails (a null MX), so that no bounce arrives.", TABLE)
    elif not exchangers and not records.of(domain, "A") and not records.of(domain, "AAAA"):
        yield wrong("The domain of BOUNCE_ADDRESS has no MX: providers refuse mails that cannot come back.", TABLE)


def _of_address(records: Records) -> Iterator[Finding]:
    """Check the names of this machine, where it is the one that sends to other mail servers."""
    name = settings.MAIL_HELO_NAME
    if name.startswith("[") or (urlsplit(settings.EMAIL_URL).hostname or "") not in HERE:
        return
    addresses = records.of(name, "A") + records.of(name, "AAAA")
    if not addresses:
        yield wrong("MAIL_HELO_NAME has no address in the DNS.", "Enter an A record for it, or choose another name.")
    for address in addresses:
        names = records.of(dns.reversename.from_address(address).to_text(), "PTR")
        if not any(one.rstrip(".").lower() == name.lower() for one in names):
            yield wrong(
                "An address of MAIL_HELO_NAME does not lead back to that name (PTR): many providers refuse its mails.",
                "Set it in the panel of the hosting firm.",
            )
