"""E-mails, also spelt out or mistyped, names of accounts, and links to persons."""

from __future__ import annotations

import re

Found = tuple[int, int, str]

# "@" as it is said in the languages of the messages.
_AT = (
    "at|ät|arroba|arrova|arobase|arrobase|arobas|klammeraffe|kuyruklu a|et işareti|собака|собачка|собачку|равлик|песик|эт|ет|et|dog"
    "|آت|أت|ات|ات ساين|ات ساین|اټ|ایټ|ኣት|አት"
)
_DOT = "dot|punkt|punto|point|nokta|точка|тчк|крапка|نقطة|نقطه|نکته|دوت|دات|ټکی|ነጥቢ|ዶት|xal|noqte|noghte"
# Hosts of e-mails, with what becomes of them in a hurry and in other letters.
_HOST = (
    "gmail|gmial|gmal|gmai|gamil|gmaill|gmali|gemail|gimail|gmeil|g mail|gmil|googlemail|google mail|hotmai?l{1,3}|hotmial|homtail|outloo?k|outlok|live|msn|ya[hn]o{1,3}|yahooo?|jahoo|ymail|icloud|iclud"
    "|gmx|web|t[\\- ]?online|freenet|posteo|mailbox|proton(?:mail)?|arcor|aol|mail|inbox|list|bk|rambler|yandex|jandex|ya|ukr|i\\.ua|meta|laposte|orange|free|wanadoo|hotmail"
    "|جيميل|جی ?میل|جیمیل|هوتميل|هاتمیل|ياهو|یاهو|джи?мейл|гмейл|гмаил|жмейл|хотмейл|яндекс|мейл|укр|ጂሜይል|ጂመይል|ጂሜል|ያሁ"
)
_TOP = "com|coom|cmo|con|cim|de|net|org|ru|ua|fr|es|eu|info|me|io|tr|at|ch|uk|ir|sy|co|kz|by|az|am|ge|pl|it|nl|be|se|edu|gov|كوم|کوم|کام|ком|нет|ру|уа|де|دي|دی|ኮም"
_SEP = rf"(?:\s{{0,2}}[.,·]\s{{0,2}}|\s?[(\[{{]?\s?(?:{_DOT})\s?[)\]}}]?\s?|\s)"
_LOCAL = rf"[\w+\-]{{1,64}}(?:(?:\.|\s(?:{_DOT})\s|\s\.\s?)[\w+\-]{{1,40}}){{0,4}}"
_DOTTED = rf"(?:\s?[(\[{{]?\s?(?:{_DOT})\s?[)\]}}]?\s?|\s?[.,]\s?)"
# With the sign: what follows may have spaces and commas where dots belong.
_MAIL = re.compile(
    rf"[\w.+\-]{{1,64}}\s{{0,2}}[@＠﹫]\s{{0,2}}(?:{_HOST})(?:{_SEP}(?:{_TOP})(?!\w)){{1,2}}"
    r"|"
    r"[\w.+\-]{1,64}(?:[@＠﹫]{1,2}\s{0,2}|\s{0,2}(?:[(\[{<]\s?(?:@|at|ät|a|ad)\s?[)\]}>]|\s[@＠﹫]\s)\s{0,2})[\w.\-]{1,100}"
    rf"(?:{_DOTTED}(?:{_TOP})(?!\w)){{0,2}}"
    r"|"
    rf"[\w.+\-]{{1,64}}\s{{0,2}}[@＠﹫]\s{{0,2}}(?:{_HOST})(?!\w)",
    re.I,
)
# Without it: "name at gmx de" by its host, "first.name at firm punkt de" by signs of an address on both sides.
_SPELT = re.compile(
    rf"{_LOCAL}(?:\s{{1,2}}(?:{_AT})\s{{1,2}}|[\-_](?:at|ät)[\-_])(?:(?:{_HOST})(?:{_SEP}(?:{_TOP})(?!\w)){{1,2}}"
    rf"|[\w\-]{{2,60}}\s(?:{_DOT})\s(?:{_TOP})(?!\w))",
    re.I,
)
_SPELT_SIGNS = re.compile(
    rf"(?=\w{{0,40}}[._\d])[\w+.\-]{{2,64}}\s{{1,2}}(?:{_AT})\s{{1,2}}[\w\-]{{2,60}}(?:[.,]\s?(?:{_TOP})(?!\w)){{1,2}}",
    re.I,
)
# The sign forgotten: "first.namegmail.com", "name90 gmail.com".
_NO_SIGN = re.compile(
    r"(?<![\w./])(?!www\.)(?:[\w+\-][\w.+\-]{2,63}|(?=\w{0,40}[._\d])[\w.+\-]{3,64}\s)(?:gmail|gmial|googlemail|hotmail|yahoo|outlook|icloud|gmx|web\.de)"
    rf"[.,]?\s?(?:{_TOP})(?!\w)",
    re.I,
)
_HANDLE = re.compile(r"(?<![\w@.])@\w[\w.\-]{1,38}\w")
# A name of an account: Latin letters with a sign or a digit, behind the name of the service.
_ACCOUNT = re.compile(
    r"(?<!\w)(?:insta|instagram\w{0,4}|telegram\w{0,4}|tiktok\w{0,4}|snap(?:chat)?|facebook\w{0,4}|fb|viber|skype|signal|discord|инст\w{1,8}|телеграм\w{0,3}|тик ?ток\w{0,2}"
    r"|انستا\w{0,4}|اینستا\w{0,4}|تلغرام|تيليجرام|تلجرام|تلگرام|ټلګرام|فيسبوك|فیسبوک|تيك توك|ተለግራም|ቴሌግራም|ፌስቡክ|ኢንስታግራም)"
    r"(?:\s?[:=]\s?|\s(?:ist|is|name|user|adım|hesabım|min|هو|è|es)\s|\s)((?=[a-z]\w{0,30}[._\d])[a-z][\w.]{2,38}\w)",
    re.I,
)
_SITES = (
    r"t\.me|telegram\.me|wa\.me|fb\.com|fb\.me|m\.me|facebook\.com|instagram\.com|instagr\.am|tiktok\.com|linkedin\.com|xing\.com|youtube\.com|twitter\.com|x\.com"
    r"|vk\.com|vk\.ru|ok\.ru|snapchat\.com|threads\.net|signal\.me|viber\.com|paypal\.me|kleinanzeigen\.de"
)
_LINK = re.compile(rf"(?:https?\s?:\s?//\s?|www\.|(?<![\w@.])(?:[a-z]{{1,10}}\.)?(?:{_SITES})(?=/))\S{{1,500}}", re.I)
# "www.bamf.de" alone names nobody.
_BARE = re.compile(r"(?:https?://)?[\w.\-]{1,200}/?[.,!?)]?")


def mails(text: str) -> list[Found]:
    """E-mails and names of accounts."""
    found = [(*m.span(), "email") for p in (_MAIL, _SPELT, _SPELT_SIGNS, _NO_SIGN) for m in p.finditer(text)]
    found += [(*m.span(), "name") for m in _HANDLE.finditer(text)]
    return found + [(*m.span(1), "name") for m in _ACCOUNT.finditer(text)]


def links(text: str) -> list[Found]:
    """Links with anything behind the host."""
    return [(*m.span(), "link") for m in _LINK.finditer(text) if not _BARE.fullmatch(m[0])]
