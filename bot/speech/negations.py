"""Whether a translation still says "not": the difference between "you may" and "you may not" must survive.

A rough check by the signs of negation in each language. It finds a sentence that lost its negation altogether, not
one that negates the wrong word; that takes a reader.
"""

from __future__ import annotations

import re

_ENGLISH = re.compile(r"\b(not|no|never|nobody|nothing|neither|nor|cannot|without|none)\b|n't\b", re.I)
# English that negates nothing.
_IDIOMS = re.compile(
    r"costs? nothing|without delay|says? no\b|\ba no\b|answer no\b|\bno lessons\b|not sure|\bno later than", re.I
)
_MARKS = re.compile("[\u064b-\u065f\u2066-\u2069]")

_SIGNS = {
    "de": r"\bnicht|\bkein|\bnie\b|niemals|niemand|nichts|\bohne\b|weder|\bun\w+|los\w*\b|frei\b|ambulant|verboten|\bnein\b",
    "ar": r"\b(?:و|ف|أ|ب|ل)?(?:لا|لم|لن|ليس\w*|لست\w*|لسنا|غير|عدم|دون|ألا)\b|\bو?ب?(?:لا|دون|غير)\w*|\bو?ما\b|\bإلا\b|ممنوع|مجان|أحد"
    r"|عاطل|منع",
    "uk": r"\bне|\bні|без|жодн|заборон|відмов|замал|відстор",
    "ru": r"\bне|\bни|\bнет\b|\bбе[зс]|запрещ|отказ|мало|отстран",
    "fa": r"\bن|‌ن|بدون|\bبی|هیچ|غیر|ممنوع|ضروری",
    "ps": r"نه|بې|نشت|هېڅ|\bمه\b|غیر|پرته|\bنا|ون[هوکړښ]|\bبهر|پرله‌?پسې|مګر",
    "ku": r"\b(?:ber|der|wer|hil|ji ber)?n[eaiî]|\bbê|\bti |\btu |qet|je bilî|n[ei]\b",
    "tr": r"değil|yok|hiç|m[ae]z|m[ae][dmynks]|m[ıiuü]y|s[ıiuü]z|\bne\b|m[ae]\b|hariç|hayır",
    "es": r"\bno\b|nunca|nadie|\bnada\b|\bni\b|\bsin\b|ning[uú]n|tampoco|imposible|jamás|indispensable|ininterrump|seguid|salvo",
    "fr": r"\bne\b|\bn['’]|\bpas\b|jamais|personne|\brien\b|\bsans\b|aucun|\bni\b|\bnon\b|gratuit|inconnu|interdit|au maximum",
    "ti": r"ኣይ|ዘይ|የለ|የብ|ኣልቦ|[ክከኸ]ይ|[ከኸ]የ|ዘየ|ኣየ|ዋላ|ብነጻ|ወጻኢ",
}
SIGNS = {code: re.compile(pattern, re.I) for code, pattern in _SIGNS.items()}


def lost(text: str, translated: str, language: str) -> bool:
    """True when the English sentence negates something and the translation nothing; languages without signs pass."""
    signs = SIGNS.get(language)
    if signs is None or not _ENGLISH.search(_IDIOMS.sub("", text)):
        return False
    return signs.search(_MARKS.sub("", translated)) is None


def english(text: str) -> list[str]:
    """The words of an English sentence that negate, in lower case and in their order."""
    return [match.group(0).lower() for match in _ENGLISH.finditer(_IDIOMS.sub("", text))]
