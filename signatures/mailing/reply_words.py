"""The words by which mail servers report what is wrong on our side, or with a recipient's mailbox.

Servers use many wordings and languages, so these are signs and no proof: a mail is kept for any word that points to
us, and is deleted only for words about a mailbox.
"""

from __future__ import annotations

import re

from signatures.models.relay import RelayFault

# With reply code 452 or 552, mentioning a mailbox is enough: it is full.
MENTIONS_MAILBOX = re.compile(r"(mail|in)box|account|\buser\b|recipient", re.IGNORECASE)
OF_SENDING = re.compile(r"sen[dt]|submi|relay|\bhour|dai?ly|per day|24.hour|rate|connection|too many", re.IGNORECASE)
# Wording about the receiving side that contains words for sending.
NOT_OF_SENDING = re.compile(r"resend|receiving (mail|messages) (too quickly|at a rate)", re.IGNORECASE)
GREYLISTED = re.compile(r"gr[ae]y.?list", re.IGNORECASE)
# A full mailbox, with any reply code.
SAYS_MAILBOX_IS_FULL = re.compile(r"(mail|in)box.{0,30}(full|quota|storage|space)|full (mail|in)box", re.IGNORECASE)
# The order matters: "relay quota" is a quota, "unauthenticated … DMARC" is not about logging in.
WORDS = {
    RelayFault.QUOTA: (
        r"quota|l[ií]mit|limiet|allowance|exce(ed|ss)|too (many|much|frequent|fast)|throttl|\brate\b|credits?\b"
        r"|used up|max(imum)? (number|e?mails|messages|recipients|amount)"
        r"|(mails|messages) (per|an|a) (hour|day|minute|connection)"
        r"|kontingent|contingent|überschr|uberschr|ueberschr|zu viele|cuota|\bcotas?\b|excedi|superad|superat"
        r"|dépass|depass"
        r"|przekrocz|překroč|лимит|ліміт|квот|превыш|перевищ|исчерпан|вичерпан|слишком (много|част)|забагато"
        r"|kotas|aşıldı|配额|超过|超出|上限|制限|한도|할당량|سقف|سهمیه|الحد"
    ),
    RelayFault.PROOF: r"\bspf\b|dkim|dmarc|unauthenticated (e?mail|message)|authentication checks",
    RelayFault.SENDER: (
        r"sender|envelope.?from|from.?(address|header|domain)|mail from|return.?path|send(ing)? (as|on behalf)|\bsendas"
        r"|send from|not verified|(?<!recipient )(?<!address )verif(y|ication) failed"
        r"|отправител|відправник|absender|expéditeur|expediteur|remitente|mittente|nadawc"
    ),
    RelayFault.LOGIN: (
        r"\bauth\b|authenticat|credential|not logged in|log ?in first|pop before|password|authentifizier|anmeld"
        r"|парол|авториз|аутентифик"
    ),
    RelayFault.NAME: (
        r"helo|ehlo|fully.?qualified|fqdn|reverse (dns|lookup|mapping|host)|\bptr\b|\brdns\b|your host ?name"
    ),
    RelayFault.TLS: r"\btls\b|starttls|\bssl\b|encrypt|certificate",
    RelayFault.RELAYING: r"\b(un)?relay(ing|ed)?\b(?! recipient)|rcpthosts|gateway to that|not allowed to send",
    RelayFault.SIZE: r"too (large|big)|message.{0,20}size|size.{0,10}(limit|exceed)",
    RelayFault.POLICY: (
        r"spam|unsolicited|\bbulk\b|bl[oa]ck.?list|blocked|banned|denied|dnsbl|\brbl\b|polic(y|ies)|reputation|abuse"
        r"|suspicio|not authori[sz]ed|prohibit|not permitted|(sending|your account).{0,30}(disabled|locked|suspended)"
        r"|\byour (\w+ )?(domain|ip|plan|client|account|host|server|network|provider|subscription|user ?name|tenant"
        r"|customer|organi[sz]ation|licen[cs]e|service|mailer|outgoing)\b"
        r"|expired|subscription|\bplan\b|\btrial\b|billing|payment|invoice|unpaid|overdue|licen[cs]e"
        r"|\bihre?[mnrs]? |\bvotre\b|\bvos\b|\bsu (cuenta|dominio|plan)|\btuo\b|\bsuo\b|\bваш|\bтариф|оплат|подписк"
        r"|gesperrt|abgelaufen|спам|блокир|заблок|запре[тщ]|заборон|отклонен.{0,20}политик|политик"
    ),
    RelayFault.CONTENT: (
        r"content|virus|malware|attachment|\bheader|message.{0,15}(reject|refus|not accepted)|transaction failed"
    ),
}
COMPILED = {fault: re.compile(words, re.IGNORECASE) for fault, words in WORDS.items()}
# Words for the recipient or its domain, required before a refusal counts as final.
OF_RECIPIENT = re.compile(
    r"user|(mail|in)box|recipient|address|account|domain|\bhosts?\b|\bmx\b|destination|\bname\b|alias|employee|addressee"
    r"|unknown|not found|(does|do|did).{0,4}n.?t exist|non.?exist|no longer|nobody|no such|moved"
    r"|пользовател|ящик|адрес|получател|домен|користувач|скриньк|одержувач"
    r"|empf(ä|ae)nger|postfach|benutzer|nutzer|adresse|konto|destinataire|destinatario|usuario|utilisateur|buz[oó]n"
    r"|odbiorc|użytkownik|skrzynk|用户|邮箱|收件人|ユーザー|사용자",
    re.IGNORECASE,
)
# Postfix prefixes this to every refusal at RCPT.
PREFIX = re.compile(r"recipient address rejected:?", re.IGNORECASE)
BOX = r"\b(user|(mail|in)box|recipient|account|addressee|target address|e?mail address)(name)?s?\b"
NOT_THERE = (
    r"\b(no such|no|un(known|available|routeable|deliverable)|invalid|inactive|disabled|discontinued|bad|missing"
    r"|not.{0,10}(found|exist|known|local|listed|available|valid|active|here)|((does|do|did|has|have).{0,4}n.?t|cannot)"
    r".{0,20}(exist|have|found|receive|deliver)|non.?exist\w*|no longer|closed|deactivated|terminated|moved|rejected)\b"
)
NAMES_MAILBOX = re.compile(
    rf"{NOT_THERE}.{{0,20}}{BOX}|{BOX}.{{0,40}}{NOT_THERE}|{BOX}.{{0,10}}full\b|undeliverable|unrout(e)?able"
    r"|(on|by|for) the target address"
    r"|(нет такого|неизвестн|не существует|не найден).{0,30}(пользовател|ящик|адрес|получат)"
    r"|(пользовател|ящик|адрес|получат).{0,40}(не существует|не найден|неизвест|недоступ|отключ|заблок)"
    r"|(empf(ä|ae)nger|postfach|benutzer|adresse).{0,30}(unbekannt|nicht|ungültig)|unbekannte.{0,12}(empf|benutz|adress)",
    re.IGNORECASE,
)
# Words about our own account rather than the recipient's, though they mention users and accounts.
OF_OURS = re.compile(r"\bsending\b|\byour (account|user|mailbox)|no valid recipients", re.IGNORECASE)
# What another server replied to Postfix or Exim when asked about this one recipient.
QUOTES_ANOTHER = re.compile(
    r"\bhost \S+ (said|refused)|undeliverable address|unverified address|in reply to \S+ ?\S* command|call(out|back)"
    r"|response to .{0,60} was|recipient verif|remote (server|host|mx|mta) (said|respon|answer|return|reject)",
    re.IGNORECASE,
)


def fault_by_words(said: str, *, skip: RelayFault | None = None) -> RelayFault | None:
    """Return the first fault on our side that these words show, in the order of WORDS, or None."""
    return next((fault for fault, words in COMPILED.items() if fault != skip and words.search(said)), None)


def names_mailbox(said: str) -> bool:
    """Return whether these words say that the recipient's mailbox does not exist or accepts nothing."""
    return bool(NAMES_MAILBOX.search(PREFIX.sub(" ", said))) and not OF_OURS.search(said)


def quotes_another(said: str) -> bool:
    """Return whether a server quotes another one's reply about a recipient, who may own that server."""
    return bool(QUOTES_ANOTHER.search(said))
