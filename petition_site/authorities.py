"""Reads CA certificates for servers whose certificate authority is not a public one."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

from cryptography import x509

from petition_site.env import Reader


def read_authorities(read: Reader, name: str) -> str:
    """Return the PEM certificates in a setting, or an empty string, and record problems with them."""
    text = read.text(name, "", default="")
    if not text:
        return ""
    if "PRIVATE KEY" in text:
        read.problems.append(f"{name} holds a private key: it takes certificates alone.")
        return ""
    try:
        certificates = x509.load_pem_x509_certificates(text.encode())
        ssl.create_default_context(cadata=text)
    except (ValueError, ssl.SSLError):
        read.problems.append(
            f"{name} holds no certificates in PEM (-----BEGIN CERTIFICATE-----): put the path of the authority's file"
            f" into {name}_FILE."
        )
        return ""
    if all(certificate.not_valid_after_utc < datetime.now(UTC) for certificate in certificates):
        read.problems.append(f"{name} holds only certificates that have expired: no server could be trusted.")
    return text
