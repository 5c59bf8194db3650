"""Addresses finer than a town: streets, houses and rooms, written as in Germany and as in twelve languages."""

from __future__ import annotations

import re

from bot.memory.name_lists import is_first_name

# What a number counts is no house: an hour, money, years, persons, rooms.
_UNITS = (
    r"[%€:°]|[.,:]\d|uhr|h(?!\w)|euro?|jahr|monat|kind|tag|stund|min|woch|qm|m²|m2|-?raum|zimmer|person|leute|mal(?!\w)|semester|points?|punkt|prozent|grad|kilomet|km"
    r"|years?|months?|weeks?|days?|child|kid|hours?|people|rooms?|times|años?|meses|mes(?!\w)|días?|dias?|semana|hora|niñ|hij|ans(?!\w)|mois|jours?|semaine|heure|enfant|fois"
    r"|yıl|yil|sene|ay(?!\w)|aydır|gün|gun(?!\w)|hafta|saat|çocuk|cocuk|kişi|kisi|oda(?!\w)|sal(?!\w)|meh|roj|zarok|kes(?!\w)"
    r"|год|года|лет|рок|роки|місяц|месяц|тижн|недел|день|дн[еяі]|годин|час|дит|дет|евро|євро|чел|осіб|люд|раз|кімнат|комнат"
    r"|سن|سال|شهر|ماه|يوم|ايام|أيام|روز|اسبوع|أسبوع|هفته|ساع|ولد|اولاد|أولاد|ولاد|طفل|اطفال|أطفال|بچه|نفر|شخص|اشخاص|غرف|اتاق|يورو|یورو|كال|کال|میاش|ورځ|کس|ماشوم|متر|مره|مرة"
    r"|ዓመት|ወርሒ|መዓልት|ሰሙን|ሰዓት|ቆልዑ|ደቂ|ሰባት|ዩሮ|ክፍሊ"
)
_NO_UNIT = rf"(?!\d|\s{{0,2}}(?:{_UNITS}))"
_HOUSE = r"\d{1,4}(?:\s?(?:[a-zа-я]|bis|ter)(?!\w))?(?:\s?[\-/–]\s?\d{1,3}[a-z]?)?"
_NR = r"(?:nr\.?|no\.?|n°|nº|№|#|номер|رقم|شماره|پلاک|نمبر|ቁጽሪ|hejmar|numara|numéro|número)"
# The word for a street, German as it is heard elsewhere too; a number behind it may be missing in "Eisenbahnstraße".
_ENDINGS = (
    r"s?tra(?:ß|ss|s)s?en?|stra(?:ß|ss)|[sş]?[ck]?hs?trass?[ae]|[sş]trass?[ae]|strsse|srtasse|strase|[sş]tr|шт[рл]асс?[еэаиіоы]?|страсс?[еэаиі]|штр"
    r"|[إا]?[شس]تراس[هةايېيیئىو]?|[إا]?شتر|[شس]طراس[هةاي]?|شتغاس[هةا]|ሽትራ[ሰስሳሲሴ]|ስትራ[ሰስሳሲሴ]|እሽትራሰ"
)
# "Eisenbahnstraße'de", "Konradstr.'nin".
_HANGING = r"(?:['’][a-zêîıöü]{1,4}|de|da|ye|yê|ê)?"
_STREET = re.compile(
    rf"(?<!\w)([\w\-]{{0,40}}?(?:{_ENDINGS}))(?:{_HANGING})(?!\w)\.?"
    rf"(?:\s{{0,2}},?\s{{0,2}}(?:{_NR}\s{{0,2}})?({_HOUSE}){_NO_UNIT})?",
    re.I,
)
_ALONE = re.compile(rf"(?:{_ENDINGS}|land(?:stra(?:ß|ss)e|str))", re.I)
# Words before a street that stands alone: its name, with "Äußere", "Am" or "Alte" before it.
_BEFORE = re.compile(
    r"(?:(\d{1,4}[a-z]?),?\s)?((?:(?:äu(?:ß|ss)ere|innere|obere|untere|alte|neue|gro(?:ß|ss)e|kleine|hohe|lange|kurze|hintere|vordere|st\.|sankt|dr\.)[ \-])?[\w\-'’.]{2,40}\s)?$",
    re.I,
)
_GIVEN = re.compile(r"(?<!\w)([^\W\d_]\w{2,20})\s$")
_NO_STREET = ("einbahn", "neben", "auf-der", "land", "bundes", "bundestr")
_WAY = re.compile(
    r"(?<!\w)((?:(?:am|an der|zum|zur|im|auf der)\s)?[\w\-]{0,40}(?:weg|platz|allee|gasse|ring|ufer|damm|chaussee|markt|hof|steig|berg"
    r"|graben|siedlung|höhe|promenade|pfad|stieg|zeile|winkel|anger|kai|brücke|bogen|hain|wiesen?|aue|leite|terrasse|platzl|pl\.|gässchen|gasschen"
    r"|alee|alle|plats|вег|плац|алле[ея]|аллея|гассе|ринг|уфер|дамм|маркт|хоф|штайг|берг|пляц|платц|плац"
    rf"|پلاتس|بلاتس|پلاتز|بلاتز|فيغ|ویگ|وېګ|آليه|اليه|آلی|غاسه|گاسه|ګاسه|رينغ|رینگ|ፕላትዝ|ፕላጽ|ቨግ|ኣለ|ጋሰ|ሪንግ)),?\s{{1,2}}(?:{_NR}\s?)?{_HOUSE}{_NO_UNIT}",
    re.I,
)
# "Karl Marx Allee 20": its name stands apart.
_WAY_APART = re.compile(
    r"(?<!\w)(?:(?:[\w\-]{2,20}\s){1,2}(?:allee|alee|gasse|ufer|damm|chaussee|промена\w{1,2}|алле[ея]|гассе|ринг|уфер|дамм|плац|платц|بلاتس|پلاتس|پلاتز|آليه|اليه|آلی|غاسه|گاسه|رینگ|رينغ|ፕላትዝ|ጋሰ|ሪንግ)"
    rf"|[\w\-]{{2,20}}er\s(?:weg|platz|ring|berg|markt|hof|höhe|plats)),?\s{{1,2}}(?:{_NR}\s?)?{_HOUSE}{_NO_UNIT}",
    re.I,
)
_NO_WAY = re.compile(
    r"(?:kita|kindergarten|krippen|studien|ausbildungs|arbeits|schul|park|spiel|therapie|hort|schlaf|wohn|heim|betreuungs|kurs|praktikums|sitz"
    r"|steh|lehr|pflege|deutschkurs)-?platz|(?:aus|rück|schul|arbeits|hin|fahrt|heim|instanzen|rechts|bildungs)weg|arbeitsmarkt|wohnungsmarkt"
    r"|flohmarkt|supermarkt|(?:bahn|fried)hof|bezug|weg|platz|hof|berg|park|ring|markt|alle|alee|aue|kai|bogen|winkel|zeile|вег|берг|ринг|хоф|маркт|ኣለ|آلی",
    re.I,
)  # fmt: skip
# "Am Alten Gut 4", "Unter den Linden 5".
_AT_THE = re.compile(
    r"(?<!\w)(?:am|an der|an den|auf der|auf dem|unter den|hinter der|hinter dem|hinterm|zum|zur|in der|in den)\s"
    r"(?!montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|januar|februar|märz|april|mai|juni|juli|august|sept|okt|nov|dez|bahnhof|hauptbahnhof|klasse|woche|schule"
    r"|telefon|ende|anfang|stufe|regel|zeit|stadt|nummer|seite|zone|größe|frist|linie|haltestelle|gruppe|gleis|rente)"
    rf"(?:(?-i:[A-ZÄÖÜ])[\wäöüß\-]{{1,30}}\s){{1,2}}\d{{1,3}}(?:\s?[a-z](?!\w))?(?!\w|\.(?:\s?\d|\s[a-zA-ZÄÖÜ])){_NO_UNIT}",
    re.I,
)
_ABROAD = r"(?:rue|avenue|av\.|boulevard|bd\.?|impasse|calle|avenida|carrera|улиц[аеуыію]|ул\.?|вул\.?|вулиц[яіюи]|проспект\w{0,2}|просп\.|переулок|пров\.|провулок|бульвар\w{0,2}|ب?شارع|زنقة|زقاق|خیابان|خیابون|کوچه|سړک|کوڅه|ጎደና|ጐደና|kolana|kuça|street|road|lane|strasse|stra(?:ß|s)e|штрассе)"
_ABROAD_BEHIND = re.compile(
    rf"(?<!\w){_ABROAD}(?:\s{{1,2}}[\w.'’\-]{{1,30}}){{1,4}}?,?\s{{0,2}}(?:{_NR}|д\.|буд\.?|будинок|дом|بناية)?\s{{0,2}}\d{{1,4}}[a-zа-я]?(?!\w)"
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
    r"(?<!\w)(?:wohn(?:e|en|t|haft)|zieh(?:e|en|t)|gezogen|anschrift|adress[ea]?|address|live|living|stay|staying|moved|flat|gemeldet|vivo|vivimos|vive|dirección|direccion|habite|habitons|adresim\w{0,3}|oturuyor\w{0,3}"
    r"|kalıyor\w{0,3}|evim\w{0,2}|navnîşan\w{0,2}|dijîm|dijîn|mala min|mala me|живу|живем\w?|живём|живет|живёт|проживаю|адрес\w{0,2}|прописан\w?)(?:\s(?:ist|is|war|in|bei|at|to|nach|on|lautet|en|à|au|li|на|по|в|моя?|min|me|i|now|jetzt|hier|der|die|den|im)){0,3}\s?[:,]?\s{1,2}"
    rf"((?:[\w\-.]{{2,30}}\s){{0,3}}(?-i:[A-ZÄÖÜА-ЯІЇЄ])[\w\-.]{{1,30}},?\s\d{{1,3}}(?:\s?[a-z](?!\w))?)(?!\w|[.,]\d){_NO_UNIT}",
    re.I,
)  # fmt: skip
# In lower case, too, right behind "in" or "in der" and at an end: "wohne in lutherstr 5" has its word, "wohne lindenau 7" not.
_LIVING_LOWER = re.compile(
    r"(?<!\w)(?:wohn(?:e|en|t|haft)|adress[ea]?|address|anschrift|live|stay|vivo|vivimos|habite|oturuyor\w{0,3}|adresim\w{0,3}|dijîm|живу|живем\w?|адрес\w{0,2}"
    r"|ساكن\w{0,2}|ساكنين|نسكن|اسكن|عنواني|العنوان|عنوان\w{0,2}|بيتي|خونم|خونمون|خانه‌ام|آدرس\w{0,3}|ادرس\w{0,3}|پته مې|کور مې|اوسېږم|ኣድራሻ\w{0,2}|ገዛይ|ዝነብር|እነብር)"
    r"(?:\s(?:ist|is|in|der|at|en|à|li|на|по|в|moja?|min|me|ما|من|في|ب|په|ኣብ)){0,3}\s?[:,]?\s{1,2}((?:[\w\-.]{2,30}\s){0,1}[\w\-.]{3,30},?\s\d{1,3}(?:\s?[a-z](?!\w))?)"
    rf"(?=\s{{0,2}}(?:$|[.,;!?،\n)]|\d{{5}}|طابق|طبقه|الطابق|منزل|этаж|поверх|kat(?!\w)|etage|piso|stock|og(?!\w)|ደርቢ|leipzig|dresden|chemnitz))(?![.,]\d){_NO_UNIT}",
    re.I,
)
# A house and a postal code beside each other, whatever the street is called.
_POSTAL = re.compile(
    rf"(?<!\w)(?:(?-i:[A-ZÄÖÜ])[\w.\-]{{1,30}}\s){{0,3}}[^\W\d][\w.\-]{{2,40}},?\s{_HOUSE}(?=\s?[,\-–]?\s{{0,2}}(?:in\s)?(?:D[\- ]?)?0[1-9]\d{{3}}(?!\s{{0,2}}[\d/\-]))",
    re.I,
)
_ENGLISH = re.compile(
    r"(?<!\w)(?:\d{1,4}[a-z]?\s(?:[A-Z][\w\-]{1,30}\s){1,2}(?:street|road|lane|avenue)|(?:[A-Z][\w\-]{1,30}\s){1,2}(?:street|road|lane|avenue),?\s(?:no\.?\s?)?\d{1,4}[a-z]?)(?!\w)",
    re.I,
)
_TURKISH = re.compile(
    r"(?<!\w)(?:[\w\-]{1,30}\s){1,2}(?:sokak|sokağı|sokagi|caddesi|cadde|sk\.|cd\.|cad\.|mahallesi|mah\.|bulvarı|улица|вулиця)(?:['’]?n?d[ae])?,?\s{0,2}(?:no:?\.?)?\s{0,2}\d{1,4}(?!\w)",
    re.I,
)
_ROOM = re.compile(
    r"(?<!\w)(?:zimmer|zi\.|room|кімната|комната|غرفة|غرفه|اتاق|chambre|habitación|cuarto|oda|ode|haus|block|блок|wohnung|apartment|apt\.?|whg\.?|خونه|ክፍሊ)"
    rf"\s{{0,2}}(?:(?:{_NR})\s{{0,2}}\d{{1,4}}|\d{{2,4}})[a-z]?"
    r"(?!\w|\s?(?:[%€]|qm|m²|m2|euro|يورو|یورو|євро|евро|jahr|monat|uhr|person|quad))",
    re.I,
)  # fmt: skip


def addresses(text: str) -> list[tuple[int, int, str]]:
    """Where addresses stand in a text, as (start, end, "address")."""
    found = [span for m in _STREET.finditer(text) if (span := _street(text, m)) is not None]
    found += [m.span() for m in _WAY.finditer(text) if not _NO_WAY.fullmatch(m[1])]
    found += [m.span(1) for pattern in (_LIVING, _LIVING_LOWER) for m in pattern.finditer(text)]
    for pattern in (_WAY_APART, _AT_THE, _OF, _ABROAD_BEHIND, _ABROAD_FIRST, _ENGLISH, _TURKISH, _ROOM, _POSTAL):
        found += [m.span() for m in pattern.finditer(text)]
    return [(start, end, "address") for start, end in found]


def _street(text: str, m: re.Match[str]) -> tuple[int, int] | None:
    """A street with its number, and with its name where the word for a street stands alone; None when it is none."""
    start, word = m.start(), m[1].lower()
    alone = _ALONE.fullmatch(word) is not None
    before = _BEFORE.search(text[max(0, start - 80) : start])
    if not alone and not m[2] and word.startswith(_NO_STREET):
        return None
    if before is None:
        return None if alone else m.span()
    offset = max(0, start - 80)
    if alone:
        named = before[2]
        first = bool(before[1]) and not m[2]  # "15 Lützner Straße"
        if not named or (not m[2] and not first and not (named[:1].isupper() and named.strip().lower().endswith("er"))):
            return None
        start = offset + before.start(1 if first else 2)
        given = _GIVEN.search(text[max(0, start - 40) : start])  # "Karl Liebknecht Straße"
        if given is not None and is_first_name(given[1]):
            start = max(0, start - 40) + given.start(1)
        return start, m.end()
    if before[1] and not m[2]:  # "93 Eisenbahnstraße"
        return offset + before.start(1), m.end()
    return m.span()
