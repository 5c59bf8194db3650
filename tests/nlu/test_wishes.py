"""Wishes in twelve languages: what is one, what only sounds like one, and the phrase file itself."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.languages import languages
from bot.nlu.normalise import fold
from bot.nlu.phrases import words_of
from bot.nlu.wishes import DATA, LIGHT, NONE, TOKEN, WEAK, WISHES, WORDS, WishFinder, finder

LANGUAGES = sorted(code for code, language in languages().items() if language.trained)
CONTENT = yaml.safe_load(DATA.read_text(encoding="utf-8"))
PHRASES = [(code, wish, p) for code, rows in CONTENT.items() for wish in (NONE, *WISHES) for p in rows[wish]]

# Language, wishes and a message that has exactly these.
SAID = {
    "de": [
        ("open_now", "Welche Apotheke in Leipzig hat jetzt offen?"),
        ("open_now", "ist das jobcenter grad noch auf"),
        ("free", "Beratung kostenlos?"),
        ("free", "Ist der Bus gratis?"),
        ("women", "Gibt es einen Schwimmkurs nur für Frauen"),
        ("men", "Beratung für Männer in Dresden"),
        ("evening", "Ich suche einen Abendkurs B1"),
        ("evening", "Deutschkurs nach der Arbeit"),
        ("weekend", "hat die beratung auch am samstag offen"),
        ("weekend", "und am Wochenende?"),
        ("morning", "Kurs am Vormittag wäre besser"),
        ("online", "Deutschkurs online A2"),
        ("online", "geht das auch online?"),
        ("childcare", "Sprachkurs mit Kinderbetreuung"),
        ("childcare", "kann ich meine kinder mitbringen"),
        ("wheelchair", "Ist das Büro barrierefrei?"),
        ("wheelchair", "komme ich da mit dem rolli rein"),
        ("interpreter", "Zahnarzt mit Dolmetscher"),
        ("appointment_free", "Arzt ohne Termin"),
        ("appointment_free near", "kann ich einfach vorbeikommen, ist das in der Nähe?"),
        ("free evening women", "kostenloser Deutschkurs abends nur für Frauen"),
    ],
    "en": [
        ("open_now near", "open now near me"),
        ("open_now", "which office is open right now"),
        ("free", "is the bus free of charge?"),
        ("free", "where can i get a free lawyer"),
        ("women", "for women only"),
        ("women", "women's group in Zwickau"),
        ("men", "counselling for men"),
        ("evening", "evening course"),
        ("evening", "any german classes after work"),
        ("weekend", "do you have courses on weekends"),
        ("weekend", "weekend?"),
        ("morning", "i can only do a class in the mornings"),
        ("online", "online german course"),
        ("online", "and online?"),
        ("childcare", "course with childcare"),
        ("childcare", "can I bring my kids"),
        ("wheelchair", "is it wheelchair accessible"),
        ("wheelchair", "I come with a wheelchair"),
        ("interpreter", "is there an interpreter there"),
        ("appointment_free", "doctor without appoinment"),
        ("appointment_free", "can I just walk in?"),
        ("near", "the nearest one please"),
    ],
    "ar": [
        ("open_now", "في صيدلية مفتوحة الآن؟"),
        ("open_now", "maftou7 halla2?"),
        ("free", "هل الاستشارة مجانية؟"),
        ("free", "dawra bebalash"),
        ("women", "دورة للنساء فقط"),
        ("women", "course bas lal nisa2"),
        ("men", "استشارة للرجال"),
        ("evening", "بدي كورس مسائي"),
        ("evening", "في دورة بعد الشغل؟"),
        ("weekend", "هل المكتب مفتوح يوم السبت"),
        ("weekend", "وبنهاية الأسبوع؟"),
        ("morning", "كورس الماني الصبح"),
        ("online", "دورة ألماني أونلاين"),
        ("online", "عن بعد؟"),
        ("childcare", "كورس مع حضانة"),
        ("childcare", "ممكن اجيب اولادي معي على الكورس؟"),
        ("wheelchair", "المدخل مناسب لكرسي متحرك؟"),
        ("interpreter", "دكتور عنده ترجمان، في مترجم؟"),
        ("appointment_free", "طبيب بدون موعد"),
        ("appointment_free", "fiye rou7 bala maw3ed"),
        ("near", "شي قريب مني"),
    ],
    "fa": [
        ("open_now", "کدام داروخانه الان باز است؟"),
        ("open_now", "alan baz ast?"),
        ("free", "مشاوره رایگان"),
        ("free", "kelas almani majani"),
        ("free", "کورس مفت است؟"),
        ("women", "کلاس فقط برای خانم‌ها"),
        ("women", "kelase zanane"),
        ("men", "مشاوره برای مردان"),
        ("evening", "کلاس آلمانی شب"),
        ("evening", "کورس بعد از کار"),
        ("weekend", "آخر هفته باز است؟"),
        ("weekend", "کورس روز شنبه"),
        ("morning", "کورس صبح میخواهم"),
        ("online", "کلاس آنلاین آلمانی"),
        ("childcare", "کلاس زبان با مهدکودک"),
        ("childcare", "میتوانم بچه ام را با خود بیاورم؟ bacheamo ba khodam biaram"),
        ("wheelchair", "با ویلچر میشود داخل رفت؟"),
        ("interpreter", "داکتر با ترجمان"),
        ("appointment_free", "داکتر بدون نوبت"),
        ("appointment_free", "bedune vaght"),
        ("near", "جایی نزدیک من"),
    ],
    "ps": [
        ("open_now", "کوم درملتون اوس خلاص دی؟"),
        ("open_now", "os khlas da?"),
        ("free", "وړیا مشوره چیرته ده"),
        ("free", "da kors warya de?"),
        ("women", "یوازې د ښځو لپاره کورس"),
        ("women", "da khazo lapara"),
        ("men", "د نارینه وو لپاره مشوره"),
        ("evening", "د ماښام کورس شته؟"),
        ("weekend", "د شنبې په ورځ خلاص دی؟"),
        ("weekend", "د اونۍ په پای کې"),
        ("morning", "د سهار کورس غواړم"),
        ("online", "انلاین کورس شته؟"),
        ("childcare", "ماشوم له ځانه سره راوړم؟"),
        ("wheelchair", "په ویلچیر کې راتلای شم"),
        ("interpreter", "ډاکټر له ترجمان سره"),
        ("appointment_free", "بې له وخته ورتلای شم؟ بې ترمین"),
        ("near", "ماته نږدې"),
    ],
    "ku": [
        ("open_now", "kîjan dermanxane niha vekirî ye?"),
        ("open_now", "nuha vekiriye"),
        ("free", "kursa belaş heye?"),
        ("free", "sewirmendi be pere"),
        ("women", "kursa tenê ji bo jinan"),
        ("women", "koma jinan"),
        ("men", "şêwirmendî ji bo mêran"),
        ("evening", "kursa almanî êvarê"),
        ("evening", "kurs pisti kar"),
        ("weekend", "dawiya hefteyê vekirî ye?"),
        ("weekend", "roja şemiyê?"),
        ("morning", "kurs serê sibehê"),
        ("online", "kursa almanî online"),
        ("online", "kurs bi riya înternetê"),
        ("childcare", "kurs bi lênêrîna zarokan"),
        ("childcare", "dikarim zarokên xwe bi xwe re bînim?"),
        ("wheelchair", "ez bi kursiya bi teker dikarim werim"),
        ("interpreter", "doktor bi wergêr"),
        ("appointment_free", "bijîşk bê termîn"),
        ("appointment_free", "be randevu"),
        ("near", "nêzîkî min"),
    ],
    "uk": [
        ("open_now", "яка аптека зараз працює"),
        ("open_now", "zaraz vidkryto?"),
        ("free", "безкоштовні курси німецької"),
        ("free", "це безкоштвно?"),
        ("free", "bezkoshtovno"),
        ("women", "група тільки для жінок"),
        ("men", "консультація для чоловіків"),
        ("evening", "вечірні курси"),
        ("evening", "курси після роботи"),
        ("weekend", "чи відкрито у вихідні"),
        ("weekend", "а в суботу?"),
        ("morning", "курс вранці"),
        ("online", "курси німецької онлайн"),
        ("online", "можна онлайн?"),
        ("childcare", "курси з доглядом за дітьми"),
        ("childcare", "чи можна прийти з дитиною на курс"),
        ("wheelchair", "чи можна на інвалідному візку"),
        ("interpreter", "лікар з перекладачем"),
        ("appointment_free", "лікар без запису"),
        ("near", "щось поруч зі мною"),
        ("near", "найближчий центр"),
    ],
    "ru": [
        ("open_now", "какая аптека сейчас открыта"),
        ("open_now", "seychas otkryto?"),
        ("free", "бесплатный юрист"),
        ("free", "kurs besplatno"),
        ("women", "курсы только для женщин"),
        ("women", "dlya zhenshin"),
        ("men", "группа для мужчин"),
        ("evening", "вечерние курсы немецкого"),
        ("evening", "а вечером?"),
        ("weekend", "вы работаете в выходные?"),
        ("weekend", "в субботу открыто?"),
        ("morning", "курс по утрам"),
        ("online", "немецкий онлайн"),
        ("online", "можно через зум?"),
        ("childcare", "курс с присмотром за детьми"),
        ("childcare", "можно прийти с ребёнком?"),
        ("wheelchair", "можно на инвалидной коляске?"),
        ("interpreter", "врач с переводчиком"),
        ("appointment_free", "врач без записи"),
        ("near", "рядом со мной"),
        ("near", "ближайший офис"),
    ],
    "tr": [
        ("open_now", "şu an açık eczane"),
        ("open_now", "simdi acik mi?"),
        ("free", "ücretsiz avukat"),
        ("free", "almanca kursu bedava mi"),
        ("women", "sadece kadınlar için kurs"),
        ("women", "kadinlara ozel"),
        ("men", "erkekler için danışmanlık"),
        ("evening", "akşam kursu"),
        ("evening", "işten sonra almanca kursu"),
        ("weekend", "hafta sonu açık mı"),
        ("weekend", "cumartesi günü?"),
        ("morning", "sabahları kurs var mı"),
        ("online", "online almanca kursu"),
        ("online", "internetten olur mu"),
        ("childcare", "çocuk bakımı olan kurs"),
        ("childcare", "çocuğumla gelebilir miyim"),
        ("wheelchair", "tekerlekli sandalye ile girilebilir mi"),
        ("interpreter", "tercüman olan doktor"),
        ("appointment_free", "randevusuz doktor"),
        ("near", "bana yakın bir yer"),
        ("near", "en yakin"),
    ],
    "es": [
        ("open_now", "¿qué farmacia está abierta ahora?"),
        ("open_now", "abierto ahorita"),
        ("free", "abogado gratis"),
        ("free", "¿Es gratuito?"),
        ("women", "un curso solo para mujeres"),
        ("men", "grupo para hombres"),
        ("evening", "curso por la noche"),
        ("evening", "clases de alemán después del trabajo"),
        ("weekend", "abren los fines de semana"),
        ("weekend", "¿y el sábado?"),
        ("morning", "clases por las mañanas"),
        ("online", "curso de alemán en línea"),
        ("online", "¿y online?"),
        ("childcare", "curso con guardería"),
        ("childcare", "puedo llevar a mis hijos"),
        ("wheelchair", "acceso con silla de ruedas"),
        ("interpreter", "un médico con intérprete"),
        ("appointment_free", "doctor sin cita previa"),
        ("near", "algo cerca de mí"),
    ],
    "fr": [
        ("open_now", "une pharmacie ouverte maintenant"),
        ("open_now", "c'est encore ouvert ?"),
        ("free", "avocat gratuit"),
        ("free", "c gratui?"),
        ("women", "un cours réservé aux femmes"),
        ("women", "groupe de femmes"),
        ("men", "groupe pour hommes"),
        ("evening", "cours du soir"),
        ("evening", "cours d'allemand après le travail"),
        ("weekend", "c'est ouvert le week-end ?"),
        ("weekend", "le samedi ?"),
        ("morning", "un cours le matin"),
        ("online", "cours d'allemand en ligne"),
        ("online", "à distance ?"),
        ("childcare", "un cours avec garde d'enfants"),
        ("childcare", "je peux venir avec mon bébé ?"),
        ("wheelchair", "accès en fauteuil roulant"),
        ("interpreter", "un médecin avec interprète"),
        ("appointment_free", "médecin sans rendez-vous"),
        ("appointment_free", "sans rdv"),
        ("near", "près de chez moi"),
    ],
    "ti": [
        ("open_now", "ሕጂ ክፉት ድዩ?"),
        ("open_now", "hiji kfut do"),
        ("free", "ብነጻ ምኽሪ"),
        ("free", "ነፃ ኮርስ ኣሎ ዶ"),
        ("free", "bnetsa dyu"),
        ("women", "ንደቂ ኣንስትዮ ጥራይ"),
        ("women", "ጉጅለ ደቂ ኣንስትዮ"),
        ("men", "ንደቂ ተባዕትዮ ዝኸውን ምኽሪ"),
        ("evening", "ናይ ምሸት ኮርስ"),
        ("evening", "ኮርስ ድሕሪ ስራሕ"),
        ("weekend", "ቀዳመ ሰንበት ክፉት ድዩ"),
        ("weekend", "ቀዳም?"),
        ("morning", "ኮርስ ንግሆ"),
        ("online", "ኮርስ ብኢንተርነት"),
        ("online", "online ይከኣል ዶ"),
        ("childcare", "ኮርስ ምስ መውዓሊ ህጻናት"),
        ("childcare", "ቆልዓ ሒዘ ክመጽእ ይከኣል ዶ"),
        ("wheelchair", "ብዊልቸር ክኣቱ ይከኣል ዶ"),
        ("interpreter", "ሓኪም ምስ ተርጓሚ"),
        ("appointment_free", "ብዘይ ቆጸራ ሓኪም"),
        ("near", "ኣብ ጥቓይ"),
    ],
}
# Messages without any wish, though words of one are in them.
NOT_SAID = {
    "de": [
        "Guten Abend, ist da jemand?",
        "Freitag habe ich frei",
        "ich bin ein freier Mensch im Freistaat",
        "meine Frauenärztin hat Urlaub",
        "das Amt war geschlossen",
        "Ein offener Brief vom Anwalt",
        "Mein Asylverfahren ist noch offen",
        "ich habe abends oft Fieber",
        "ich habe umsonst gewartet",
        "Wie stelle ich den Antrag online?",
        "schönes Wochenende!",
        "Am Samstag wurde ich geschlagen",
        "als Dolmetscherin arbeiten",
        "Wer bezahlt den Dolmetscher?",
        "ich brauche einen neuen Rollstuhl, wer bezahlt den Rollstuhl",
        "Die nächste Woche habe ich einen Termin",
        "ich habe keinen Termin bekommen",
        "Meine Kinder sind in der Kita",
    ],
    "en": [
        "good evening",
        "I am free on Monday",
        "I feel free here",
        "in my free time I play chess",
        "my women friends",
        "the shop is closed",
        "an open letter",
        "Friday",
        "I want to open a bank account now",
        "my asylum case is still open",
        "the parents' evening was long",
        "yesterday evening he hit me",
        "I have a fever in the evening and feel tired",
        "how do I register online",
        "I work as an interpreter",
        "who pays the interpreter",
        "my wheelchair is broken",
        "I need a new wheelchair for my father",
        "I have no appointment yet",
        "is there a free place in the kindergarten",
        "have a nice weekend",
    ],
    "ar": [
        "مساء الخير",
        "صباح الخير",
        "masa el kheir",
        "عندي وقت فراغ يوم الاثنين",
        "أنا حر",
        "بدي دكتورة نسائية",
        "القضية لسا مفتوحة",
        "أنا بدون فلوس",
        "كيف بسجل اونلاين",
        "ضربني مبارح المسا",
        "مين بيدفع للمترجم",
        "محتاج كرسي متحرك جديد",
        "اشتغلت عندهم ببلاش شهرين",
        "زوجتي بالبيت",
        "ما عندي موعد",
    ],
    "fa": [
        "شب بخیر",
        "صبح بخیر",
        "من آزاد هستم",
        "وقت آزاد دارم",
        "دکتر زنان میخواهم",
        "فردا صبح وقت داکتر دارم",
        "پرونده ام هنوز باز است",
        "باز هم مریض شدم",
        "چطور آنلاین ثبت نام کنم",
        "دیروز عصر مرا زد",
        "شیفت شب هستم",
        "مصرف ترجمان را کی میدهد",
        "ویلچر نو لازم دارم",
        "زنم مریض است",
    ],
    "ps": [
        "ماښام مو پخیر",
        "سهار مو پخیر",
        "زه وزګار یم",
        "د ښځو ډاکټره غواړم",
        "زما دوسیه لا خلاصه ده",
        "پیسې مې خلاصې شوې",
        "کار خلاص شو",
        "زه بې پیسو پاتې یم",
        "ښځه مې ناروغه ده",
        "په کور کې یوازې یم",
        "پرون ماښام یې ووهلم",
        "د ترجمان په توګه کار کوم",
    ],
    "ku": [
        "êvar baş",
        "sibeh baş",
        "ez azad im",
        "wextê min ê vala heye",
        "doktora jinan dixwazim",
        "dosyaya min hîn vekirî ye",
        "ez bê pere mam",
        "ji bo jina min kaxez",
        "duh êvarê ew li min da",
        "wekî wergêr kar dikim",
        "çawa online qeyd bikim",
        "dema min tune",
    ],
    "uk": [
        "добрий вечір",
        "доброго ранку",
        "я вільний у понеділок",
        "вільний час",
        "моя справа ще відкрита",
        "жіноча консультація де",
        "у мене вихідний",
        "вчора ввечері він мене вдарив",
        "чоловік зараз працює",
        "як подати заяву онлайн",
        "хто платить перекладачу",
        "потрібен новий інвалідний візок",
        "найближчим часом",
        "у мене немає терміну",
    ],
    "ru": [
        "добрый вечер",
        "доброе утро",
        "я свободен в понедельник",
        "свободное время",
        "дело ещё открыто",
        "женский врач нужен",
        "у меня выходной",
        "вчера вечером он меня ударил",
        "муж сейчас работает",
        "как подать заявление онлайн",
        "кто платит переводчику",
        "нужна новая инвалидная коляска",
        "в ближайшее время",
        "детская коляска",
        "родительское собрание вечером",
    ],
    "tr": [
        "iyi akşamlar",
        "günaydın",
        "ücretsiz izne çıkardılar",
        "boş zamanım var",
        "kadın doktoru arıyorum",
        "davam hala açık",
        "dün akşam beni dövdü",
        "akşam yemeği",
        "yakın arkadaşım",
        "online başvuru nasıl yapılır",
        "tercüman olarak çalışmak istiyorum",
        "tekerlekli sandalye almak istiyorum",
        "parasız kaldım",
        "yarın sabah mahkemem var",
    ],
    "es": [
        "buenas tardes",
        "buenas noches",
        "tengo tiempo libre",
        "soy libre",
        "mi mujer está enferma",
        "mi caso sigue abierto",
        "ayer por la noche me pegó",
        "mañana tengo juicio",
        "cómo hago la solicitud online",
        "trabajar de intérprete",
        "necesito una silla de ruedas nueva",
        "un familiar cercano",
        "trabajo en turno de noche",
        "no tengo cita",
    ],
    "fr": [
        "bonsoir",
        "bonne soirée",
        "je suis libre lundi",
        "j'ai du temps libre",
        "ma femme est malade",
        "mon dossier est encore ouvert",
        "hier soir il m'a frappée",
        "je veux ouvrir un compte maintenant",
        "comment faire la demande en ligne",
        "traducteur assermenté",
        "il faut un nouveau fauteuil roulant",
        "un parent proche",
        "je n'ai pas de rendez-vous",
        "demain matin au tribunal",
    ],
    "ti": [
        "ሰናይ ምሸት",
        "ሰናይ ንግሆ",
        "ነጻ እየ",
        "ነጻ ግዜ ኣለኒ",
        "ናይ ደቂ ኣንስትዮ ሓኪም",
        "ሰበይተይ ሓሚማ",
        "ትማሊ ምሸት ወቒዑኒ",
        "ጉዳየይ ክሳብ ሕጂ ክፉት እዩ",
        "ቆጸራ የብለይን",
        "ከም ተርጓሚ ክሰርሕ እደሊ",
        "ሓድሽ ዊልቸር የድልየኒ",
        "ገንዘብ የብለይን",
    ],
}


def wishes(text: str) -> set[str]:
    return {e["value"] for e in finder().find(fold(text))}


@pytest.mark.parametrize(("expected", "text"), [row for rows in SAID.values() for row in rows])
def test_a_wish_is_heard(expected: str, text: str) -> None:
    assert wishes(text) == set(expected.split())


@pytest.mark.parametrize("text", [text for texts in NOT_SAID.values() for text in texts])
def test_what_only_sounds_like_a_wish(text: str) -> None:
    assert wishes(text) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_wish_is_tried_in_every_language(language: str) -> None:
    assert {wish for expected, _ in SAID[language] for wish in expected.split()} == set(WISHES)
    assert len(NOT_SAID[language]) >= 6


def test_the_span_is_in_the_text_and_a_wish_comes_once() -> None:
    text = fold("Kostenlos? Ein kostenloser Abendkurs!")
    found = finder().find(text)
    assert [(e["entity"], e["value"], text[e["start"] : e["end"]]) for e in found] == [
        ("wish", "free", "kostenlos"),
        ("wish", "evening", "abendkurs"),
    ]


@given(st.text(max_size=60))
def test_finding_never_fails_and_stays_inside(text: str) -> None:
    for entity in finder().find(fold(text)):
        assert 0 <= entity["start"] < entity["end"] <= len(fold(text))


@pytest.mark.parametrize(
    ("phrase", "text", "hit"),
    [
        ("free|gratis course", "a gratis course", True),
        ("free|gratis course", "a free of course", False),
        ("kurs- abends", "kurse abends", True),
        ("-kurs abends", "sprachkurs abends", True),
        ("-kurs abends", "kurse abends", False),
        ("open right? now", "open now", True),
        ("open right? now", "open right now", True),
        ("open right? now", "open just now", False),
        ("open * now", "open one two three now", True),
        ("open * now", "open one two three four now", False),
        ("open * now", "open. now", False),
        ("open * now", "open, now", False),
        ("open ** now", "open" + " x" * 12 + " now", True),
        ("open ** now", "open" + " x" * 13 + " now", False),
        ("<place> now", "shop now", True),
        ("~ online", "online", True),
        ("~ online", "and online please", True),
        ("~ online", "leipzig online", True),
        ("~ online", "leipzig centre online", False),
        ("walk in", "a walk-in", True),
        ("online", "bank online", False),
        ("online", "bank and online", True),
    ],
)
def test_the_syntax(phrase: str, text: str, hit: bool) -> None:
    rows = {wish: [] for wish in WISHES} | {"none": ["bank online"], "online": [phrase]}
    own = WishFinder({"en": {"words": {"light": "and|please", "place": "shop|office"}, **rows}})
    assert bool(own.find(text)) == hit


def test_every_language_has_every_wish() -> None:
    assert sorted(CONTENT) == LANGUAGES
    for code, rows in CONTENT.items():
        assert set(rows) == {WORDS, NONE, *WISHES}, code
        assert all(rows.values()), code
        assert rows[WORDS][LIGHT], code


def test_phrases_are_unique() -> None:
    counts = Counter((code, fold(phrase)) for code, _, phrase in PHRASES)
    assert [row for row, n in counts.items() if n > 1] == []


def test_a_phrase_means_the_same_in_every_language() -> None:
    """The phrases of all languages are read in every message."""
    meanings: dict[str, set[str]] = {}
    for _, wish, phrase in PHRASES:
        if "<" not in phrase and "|" not in phrase:
            meanings.setdefault(fold(phrase.removeprefix(WEAK)), set()).add(wish)
    assert {phrase: found for phrase, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_phrase_can_be_found(code: str) -> None:
    """Its words are single tokens in their folded form, gaps stand inside, and it is more than optional words."""
    for phrase in (phrase for language, _, phrase in PHRASES if language == code):
        words = words_of(phrase.removeprefix(WEAK), CONTENT[code][WORDS])
        assert not words[0].gap and not words[-1].gap, phrase
        assert any(not word.gap and not word.absent for word in words), phrase
        for option in (option for word in words for option in word.options):
            assert TOKEN.findall(option.strip("-")) == [option.strip("-")], (phrase, option)
            assert fold(option) == option, (phrase, option)
            assert "%" not in option and not re.match(r"-.*-$", option), (phrase, option)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_set_of_words_is_used(code: str) -> None:
    phrases = " ".join(phrase for language, _, phrase in PHRASES if language == code)
    assert {name for name in CONTENT[code][WORDS] if f"<{name}>" not in phrases} == {LIGHT}
    assert not any(" " in words for words in CONTENT[code][WORDS].values())
