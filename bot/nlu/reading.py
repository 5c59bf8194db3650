"""Latin-letter Ukrainian and Arabic read back into their own letters, as far as rules go.

People without the right keyboard type by sound. The encoder and the n-grams know the words in their own
script, so a rough way back helps both; it is only what the classifier reads, never what anybody sees.
"""

from __future__ import annotations

import re
import unicodedata

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

_UKRAINIAN = [
    ("shch", "щ"), ("sch", "щ"), ("zgh", "зг"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"),
    ("yu", "ю"), ("ju", "ю"), ("iu", "ю"), ("ya", "я"), ("ja", "я"), ("ia", "я"), ("ye", "є"), ("je", "є"), ("ie", "є"),
    ("yi", "ї"), ("ji", "ї"), ("iy", "ій"), ("yy", "ий"), ("yj", "ий"), ("ij", "ій"), ("yo", "йо"), ("jo", "йо"),
    ("a", "а"), ("b", "б"), ("v", "в"), ("w", "в"), ("h", "г"), ("g", "г"), ("d", "д"), ("e", "е"), ("z", "з"),
    ("i", "і"), ("y", "и"), ("j", "й"), ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"),
    ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"), ("f", "ф"), ("c", "ц"), ("x", "х"), ("q", "к"), ("'", "ь"),
]  # fmt: skip
_ARABIC = [
    ("sh", "ش"), ("ch", "ش"), ("kh", "خ"), ("gh", "غ"), ("3'", "غ"), ("th", "ث"), ("dh", "ذ"), ("ou", "و"), ("oo", "و"),
    ("ee", "ي"), ("aa", "ا"), ("2", "ا"), ("3", "ع"), ("5", "خ"), ("6", "ط"), ("7", "ح"), ("8", "ق"), ("9", "ق"),
    ("b", "ب"), ("p", "ب"), ("t", "ت"), ("j", "ج"), ("g", "ج"), ("d", "د"), ("r", "ر"), ("z", "ز"), ("s", "س"),
    ("f", "ف"), ("v", "ف"), ("q", "ق"), ("k", "ك"), ("c", "ك"), ("l", "ل"), ("m", "م"), ("n", "ن"), ("h", "ه"),
    ("w", "و"), ("o", "و"), ("u", "و"), ("y", "ي"), ("i", "ي"), ("x", "كس"),
]  # fmt: skip
_TABLES = {"uk": _UKRAINIAN, "ar": _ARABIC}
_WORD = re.compile(r"[0-9a-z'’]+")
_GERMAN = re.compile(
    r"[äöüß]|sch(?!i|o|a|e|u)|amt$|ung$|schein$|karte$|geld$|center$|behörde|kurs$|haus$|termin|^(?:a1|a2|b1|b2|c1|c2)$"
)


def reading(text: str, language: str) -> str:
    """The text with its Latin words in the letters of `language` (uk, ar); other texts as they are.

    German-looking words, numbers and words in other scripts stay.
    """
    table = _TABLES.get(language)
    if table is None or not _latin(text):
        return text
    folded = unicodedata.normalize("NFC", text).casefold()
    return _WORD.sub(lambda m: _word(m.group(0), table, language), folded)


def reading_of(message: Message) -> str:
    """The reading of a message; its language is a code in training and LanguageIdentifier's answer later."""
    language = message.get("language")
    code = language.get("name", "") if isinstance(language, dict) else str(language or "")
    return reading(str(message.get(TEXT) or ""), code)


def _latin(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and sum("a" <= c.casefold() <= "z" for c in letters) > 0.7 * len(letters)


def _word(word: str, table: list[tuple[str, str]], language: str) -> str:
    if word.isdigit() or _GERMAN.search(word):
        return word
    out: list[str] = []
    at = 0
    while at < len(word):
        for latin, own in table:
            if word.startswith(latin, at):
                out.append(own)
                at += len(latin)
                break
        else:
            if language == "ar" and word[at] in "ae":
                # Short vowels are not written; at the edge of a word they are letters.
                out.append("ا" if at == 0 else "ه" if at == len(word) - 1 else "")
            else:
                out.append(word[at])
            at += 1
    return "".join(out)
