"""Values that tend to break parsers, for parts of URLs and for form fields."""

from __future__ import annotations

# For paths and queries: percent-encoded or not, valid or broken.
SEGMENTS = [
    *(
        b"%00 %ff%fe % %zz %1 %2e%2e%2f %2F \xff\xfe \xd0\x98 %D0%98%D0%B2 %ED%A0%80 %F0%9F%92%A9 %u0041"
        b" %0d%0aX-Injected:1"
        b" '%20OR%201=1-- {{7*7}} {%25debug%25} 0 -1 1 99999999999999999999999 1e9 0x1 NaN .. ..; // a//b ;a=b __ _5F"
        b" add change Zyzz-YVA7 ZZZZ-ZZZZ-ZZZZ-ZZZZ gAAAAAB"
    ).split(),
    b"a" * 3000,
    b"%41" * 900,
    b"",
]
# Texts and bytes for fields, headers and names of fields.
VALUES = [
    b"",
    b" ",
    b"\0",
    b"Anna\0Maria",
    b"\xff\xfe\xfd",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    "\u202eАлесь\u200b\ufeff".encode(),
    "Z\u0351\u0345".encode() * 300,
    "\N{PILE OF POO}".encode() * 50,
    "\ufdfa".encode() * 40,
    b"'; DROP TABLE signatures_signature; --",
    b"=HYPERLINK(1)",
    b"<script>alert(1)</script>",
    b"{{ settings.SECRET_KEY }}{% debug %}%(x)s%s{0.__class__}",
    b"a@b.example\r\nBcc: c@d.example",
    b"a" * 64 + b"@" + b"b" * 185 + b".example",
    b"a@" + b"b." * 120 + b"example",
    b"a@[127.0.0.1]",
    b'"\\""@example.org',
    "д@пример.испытание".encode(),
    b"a@xn--" + b"9" * 60 + b".example",
    b"99999999999999999999999999",
    b"-1",
    b"1e400",
    b"9" * 5000,
    "١".encode(),
    b"0x1",
    b"NaN",
    b"on",
    b"1",
    b"en",
    b"PUBLIC",
    b"COUNTED",
    b"WITHDRAW",
    b"0000-00-00",
    b"9999-12-31",
    b"10000-01-01",
    b"25:61",
    b"[]",
    b"__all__",
    b"../../../../etc/passwd",
    b"%00%ff%",
]
