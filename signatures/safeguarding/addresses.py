"""The canonical form of e-mail addresses, by which repeat signers are recognised.

The rules below are reviewed constants: changing one lets people who signed under the old form sign a second time.
"""

from __future__ import annotations

from dataclasses import dataclass

import idna

from signatures.normal_forms import normal_form


@dataclass(frozen=True)
class Provider:
    """How one mail provider interprets the part before the @.

    :param domain: the domain that stands for all domains of the provider
    :param tag: the character that starts a tag which the provider ignores, or an empty string
    :param ignored: characters that the provider ignores
    :param as_hyphen: characters that the provider treats as a hyphen
    """

    domain: str
    tag: str = "+"
    ignored: str = ""
    as_hyphen: str = ""


GMAIL = Provider("gmail.com", ignored=".")
YANDEX = Provider("yandex.ru", as_hyphen=".")
PROTON = Provider("proton.me", ignored="._-")
ICLOUD = Provider("icloud.com")
PROVIDERS: dict[str, Provider] = {
    "gmail.com": GMAIL,
    "googlemail.com": GMAIL,
    **dict.fromkeys(
        ["yandex.ru", "ya.ru", "yandex.com", "yandex.by", "yandex.kz", "yandex.ua", "narod.ru"],
        YANDEX,
    ),
    **dict.fromkeys(["proton.me", "protonmail.com", "pm.me"], PROTON),
    **dict.fromkeys(["icloud.com", "me.com", "mac.com"], ICLOUD),
    # One mailbox per domain at these; only the tag is ignored.
    **{
        domain: Provider(domain)
        for domain in (
            "mail.ru",
            "bk.ru",
            "inbox.ru",
            "list.ru",
            "internet.ru",
            "vk.com",
            "rambler.ru",
            "tut.by",
            "mail.by",
            "outlook.com",
            "hotmail.com",
            "live.com",
            "msn.com",
            "fastmail.com",
            "fastmail.fm",
            "tuta.com",
            "tutanota.com",
            "mailfence.com",
            "posteo.de",
            "mailbox.org",
            "zoho.com",
        )
    },
}
# Other large providers of the world: adding one changes nobody's key.
OTHER_LARGE_PROVIDERS = """
yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.ca yahoo.co.in yahoo.co.jp yahoo.com.br
yahoo.com.ar yahoo.com.mx yahoo.com.au yahoo.co.id yahoo.com.vn ymail.com rocketmail.com myyahoo.com aol.com
aim.com outlook.de outlook.fr outlook.es outlook.it outlook.jp outlook.com.br hotmail.co.uk hotmail.de
hotmail.fr hotmail.it hotmail.es live.co.uk live.de live.fr live.nl live.it windowslive.com
gmx.de gmx.net gmx.at gmx.ch gmx.com web.de freenet.de t-online.de arcor.de mail.de email.de
mail.com email.com usa.com hushmail.com hey.com duck.com simplelogin.com proton.ch
orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr libero.it virgilio.it alice.it tin.it tiscali.it
telefonica.net terra.com.br uol.com.br bol.com.br ig.com.br sapo.pt
wp.pl o2.pl onet.pl onet.eu op.pl vp.pl poczta.onet.pl interia.pl interia.eu interia.com gazeta.pl tlen.pl
poczta.fm go2.pl seznam.cz email.cz post.cz centrum.cz centrum.sk atlas.cz volny.cz azet.sk zoznam.sk
ukr.net i.ua meta.ua bigmir.net inbox.lv inbox.lt one.lt mail.ee hot.ee freemail.hu citromail.hu abv.bg mail.bg
xmail.ru lenta.ru myrambler.ru autorambler.ru ro.ru mail.ua mail.kz inbox.eu
btinternet.com sky.com talktalk.net virginmedia.com ntlworld.com comcast.net verizon.net att.net sbcglobal.net
bellsouth.net cox.net charter.net rogers.com shaw.ca sympatico.ca bigpond.com optusnet.com.au xtra.co.nz
ziggo.nl kpnmail.nl planet.nl telenet.be skynet.be bluewin.ch telia.com online.no walla.co.il walla.com
qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com 139.com naver.com daum.net
hanmail.net rediffmail.com
"""
# Domains where so many unrelated people have mailboxes that the domain says nothing about a person, and that a limit on
# the domain would shut people out. In the form that canonical_address returns.
LARGE_PROVIDERS = frozenset([*(provider.domain for provider in PROVIDERS.values()), *OTHER_LARGE_PROVIDERS.split()])


def canonical_domain(domain: str) -> str:
    """Return a domain in lower-case ASCII (IDNA 2008 with UTS 46 mapping, RFC 5891), or only lower-cased if invalid."""
    try:
        return idna.encode(domain.rstrip("."), uts46=True).decode().lower()
    except idna.IDNAError:
        return domain.lower()


def canonical_address(address: str) -> str:
    """Return the form of a valid address that is equal for all spellings of one mailbox.

    :param address: a syntactically valid address, local part and domain in any script
    """
    local, _, domain = address.rpartition("@")
    domain = canonical_domain(domain)
    local = normal_form("NFC", normal_form("NFC", local).casefold())
    provider = PROVIDERS.get(domain)
    if provider is None:
        return f"{local}@{domain}"
    if provider.tag:
        local = local.partition(provider.tag)[0] or local
    cleaned = "".join(c for c in local if c not in provider.ignored)
    for character in provider.as_hyphen:
        cleaned = cleaned.replace(character, "-")
    return f"{cleaned or local}@{provider.domain}"


def is_at_large_provider(canonical: str) -> bool:
    """Return whether a canonical address belongs to a provider whose domain says nothing about a person."""
    return canonical.rpartition("@")[2] in LARGE_PROVIDERS
