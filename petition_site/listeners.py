"""The addresses that the web server listens on, as its connections spell them."""

from __future__ import annotations

import ipaddress
import re

HOST_AND_PORT = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9.-]+):(?P<port>[1-9][0-9]{0,4})", re.IGNORECASE)
UNIX = re.compile(r"unix:(?://)?(?P<path>/(?!/).*[^/])")
PORT_MAX = 65_535
IPV6 = 6


def spelt_listener(word: str, *, of_onion: bool) -> str:
    """Normalise a listener to the spelling of a connection's local address; return an empty string if it is invalid."""
    if found := UNIX.fullmatch(word):
        return f"unix:{found['path']}"
    found = HOST_AND_PORT.fullmatch(word)
    if not found or int(found["port"]) > PORT_MAX:
        return ""
    # The only name that gunicorn binds without a lookup.
    host = "127.0.0.1" if found["host"].lower() == "localhost" else found["host"]
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        is_name = not of_onion and not host.startswith("[") and re.search("[a-z]", host, re.IGNORECASE)
        return word if is_name else ""
    is_bracketed = host.startswith("[")
    if is_bracketed != (address.version == IPV6) or (of_onion and address.is_unspecified):
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        # Programs spell such addresses differently.
        return ""
    return f"[{address}]:{found['port']}" if is_bracketed else f"{address}:{found['port']}"
