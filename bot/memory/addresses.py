"""Addresses finer than a town: streets, houses and rooms, written as in Germany and as in twelve languages."""

from __future__ import annotations

import re

# The word for a street, German as it is heard elsewhere too; a number behind it may be missing in "Eisenbahnstraße".
_STREET = re.compile(
    r"(?<!\w)([\w\-]{0,40}?(?:stra(?:ß|ss)en?|shtrass?e|strass|str|штрасс?е|страсс?е|شتراس[هةايې]|ستراس[هةا]|ሽትራሰ|ስትራሰ|ሽትራስ|ስትራስ))(?!\w)\.?"
    r"(?:\s{0,2}(?:nr\.?|no\.?|№|رقم|شماره)?\s{0,2}(\d{1,4}(?:\s?[a-z](?!\w))?(?:\s?[\-/]\s?\d{1,3}[a-z]?)?)(?!\d|\s?(?:uhr|€|euro|jahr)))?",
    re.I,
)  # fmt: skip
_BEFORE = re.compile(r"(?:(\d{1,4}[a-z]?),?\s)?([\w\-]{2,40}\s)?$")
_WAY = re.compile(
    r"(?<!\w)((?:(?:am|an der|zum|zur|im|auf der)\s)?[\w\-]{0,40}(?:weg|platz|allee|gasse|ring|ufer|damm|chaussee|markt|hof|steig|berg"
    r"|graben|siedlung|höhe|promenade))\s{1,2}(?:nr\.?\s?)?\d{1,3}(?:\s?[a-z](?!\w))?"
    r"(?!\d|[.,]\d|\s?(?:[%€:]|uhr|euro|jahr|monat|kind|tag|stund|min|woch|qm|m²|-?raum|zimmer|person|mal|semester))",
    re.I,
)  # fmt: skip
_NO_WAY = re.compile(
    r"(?:kita|kindergarten|krippen|studien|ausbildungs|arbeits|schul|park|spiel|therapie|hort|schlaf|wohn|heim|betreuungs|kurs|praktikums|sitz"
    r"|steh|lehr|pflege|deutschkurs)-?platz|(?:aus|rück|schul|arbeits|hin|fahrt|heim|instanzen|rechts|bildungs)weg|arbeitsmarkt|wohnungsmarkt"
    r"|flohmarkt|supermarkt|(?:bahn|fried)hof|bezug|weg|platz|hof|berg|park|ring|markt",
    re.I,
)  # fmt: skip
_ABROAD = r"(?:rue|avenue|boulevard|calle|avenida|улиц[аеуы]|ул\.|вул\.|вулиц[яіюи]|проспект\w{0,2}|شارع|بشارع|خیابان|کوچه|سړک|کوڅه|ጎደና|kolana|street|road|lane)"
_ABROAD_BEHIND = re.compile(
    rf"(?<!\w){_ABROAD}(?:\s{{1,2}}[\w.'’\-]{{1,30}}){{1,4}}?,?\s{{0,2}}(?:no\.?|nr\.?|n°|№|д\.|рقم|رقم|پلاک|بناية|#)?\s{{0,2}}\d{{1,4}}[a-zа-я]?(?!\w)"
    r"(?:,?\s{0,2}(?:кв\.?|apt\.?|app\.?)\s{0,2}\d{1,4})?",
    re.I,
)
_ABROAD_FIRST = re.compile(
    r"(?<!\w)\d{1,4}[a-z]?,?\s(?:rue|avenue|boulevard)(?:\s(?:de|du|des|la|le|d'|l')){0,2}(?:\s[A-Z][\w\-]{1,30}){1,3}"
)
_OF = re.compile(
    r"(?<!\w)stra(?:ß|ss)e\s(?:der|des|zum|zur|am|an der)\s[\w.\-]{1,30}(?:\s[A-Z][\w\-]{1,30})?(?:\s{1,2}\d{1,4}[a-z]?)?(?!\w)",
    re.I,
)
# "wir wohnen Am Alten Gut 4": no word for a street, but a number that counts nothing.
_LIVING = re.compile(
    r"(?<!\w)(?:wohn(?:e|en|t|haft)|adresse?|address|live at|live in)(?:\s(?:ist|is|in|bei|at))?:?\s{1,2}((?:[\w\-]{2,30}\s){0,3}(?-i:[A-ZÄÖÜ])[\w\-]{1,30}"
    r"\s\d{1,3}\s?[a-z]?)(?!\w|[.,:]\d|\s?(?:[%€]|uhr|euro|jahr|monat|kind|tag|woch|qm|m²|-?raum|zimmer|person|year|month|week|day|child|kid|hour))",
    re.I,
)  # fmt: skip
_ENGLISH = re.compile(r"(?<!\w)\d{1,4}[a-z]?\s(?:[A-Z][\w\-]{1,30}\s){1,2}(?:street|road|lane|avenue)(?!\w)", re.I)
_TURKISH = re.compile(
    r"(?<!\w)(?:[\w\-]{1,30}\s){1,2}(?:sokak|sokağı|caddesi|cadde|sk\.|cd\.)\s{0,2}(?:no:?\.?)?\s{0,2}\d{1,4}(?!\w)",
    re.I,
)
_ROOM = re.compile(
    r"(?<!\w)(?:zimmer|zi\.|room|кімната|комната|غرفة|غرفه|اتاق|chambre|habitación|cuarto|oda|ode|haus|block|блок|wohnung|apartment|apt\.?|whg\.?|خونه|ክፍሊ)"
    r"\s{0,2}(?:(?:nr\.?|no\.?|№|n°|número|رقم|شماره|numara)\s{0,2}\d{1,4}|\d{2,4})[a-z]?"
    r"(?!\w|\s?(?:[%€]|qm|m²|m2|euro|يورو|یورو|євро|евро|jahr|monat|uhr|person|quad))",
    re.I,
)  # fmt: skip


def addresses(text: str) -> list[tuple[int, int, str]]:
    """Where addresses stand in a text, as (start, end, "address")."""
    found = []
    for m in _STREET.finditer(text):
        start, word = m.start(), m[1].lower()
        alone = word in (
            "str",
            "straße",
            "strasse",
            "straßen",
            "strassen",
            "strass",
            "штрассе",
            "штрасе",
            "شتراسه",
            "شتراسة",
            "ሽትራሰ",
            "ስትራሰ",
        )
        before = _BEFORE.search(text[max(0, start - 60) : start])
        if before is not None and (alone or (before[1] and not m[2])):
            if alone and not before[2]:
                continue
            if alone and not m[2] and not (before[2][:1].isupper() and before[2].strip().lower().endswith("er")):
                continue
            own = before.start(1) if before[1] and not m[2] else before.start(2) if alone and before[2] else -1
            start = max(0, start - 60) + own if own >= 0 else start
        elif alone or word.startswith(("einbahn", "neben", "auf-der", "land", "bundes")):
            continue
        found.append((start, m.end(), "address"))
    found += [(*m.span(), "address") for m in _WAY.finditer(text) if not _NO_WAY.fullmatch(m[1])]
    found += [(*m.span(1), "address") for m in _LIVING.finditer(text)]
    for pattern in (_OF, _ABROAD_BEHIND, _ABROAD_FIRST, _ENGLISH, _TURKISH, _ROOM):
        found += [(*m.span(), "address") for m in pattern.finditer(text)]
    return found
