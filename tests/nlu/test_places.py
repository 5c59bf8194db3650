"""Places in messages of any script, with the real gazetteer."""

from __future__ import annotations

import pytest
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message

from bot.languages import languages
from bot.nlu.places import PlaceExtractor, matcher
from bot.nlu.tokenizer import DOC, shared_vocab_doc


def places(text: str) -> list[dict]:
    return matcher().find(shared_vocab_doc(text), text)


def ids(text: str) -> list[str]:
    return [e["value"] for e in places(text)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Ich wohne in Leipzig", "leipzig"),
        ("ich wohne in leipzig", "leipzig"),
        ("LEIPZIG", "leipzig"),
        ("в Лейпциге", "leipzig"),
        ("хочу в Лейпціг", "leipzig"),
        ("من لايبزك", "leipzig"),
        ("بلايبزيغ", "leipzig"),
        ("Lepzig", "leipzig"),
        ("04109", "leipzig"),
        ("٠٤١٠٩", "leipzig"),
        ("meine plz ist 04109.", "leipzig"),
        ("09111", "chemnitz"),
        ("٠٩١١١", "chemnitz"),
        ("у Хемніці", "chemnitz"),
        ("Chemnizt", "chemnitz"),
        ("Karl-Marx-Stadt", "chemnitz"),
        ("مدينة كيمنتس", "chemnitz"),
        ("я в Дрездені", "dresden"),
        ("في دريسدن", "dresden"),
        ("Dresden'de", "dresden"),
        ("Gorlitz", "goerlitz"),
        ("goerlitz", "goerlitz"),
        ("Meissen", "meissen"),
        ("bautzn", "bautzen"),
        ("Ich wohne im Landkreis Leipzig", "landkreis-leipzig"),
        ("Neustadt in Sachsen", "neustadt-in-sachsen"),
        ("Aue", "aue-bad-schlema"),
    ],
)
def test_a_place_is_found(text: str, place: str) -> None:
    (found,) = places(text)
    assert found["value"] == place
    assert found["options"] == []
    assert found["entity"] == "place"


INFLECTED = [
    ("в Лейпциге", "leipzig"),
    ("з Лейпцига", "leipzig"),
    ("під Лейпцигом", "leipzig"),
    ("у Лейпцигу", "leipzig"),
    ("живу под Пирной", "pirna"),
    ("приїхали з Пірни", "pirna"),
    ("в Борне", "borna"),
    ("до Гримми", "grimma"),
    ("у Мітвайду", "mittweida"),
    ("в Аннаберзі", "annaberg-buchholz"),
    ("во Фрайтале", "freital"),
    ("у Фрайбергом", "freiberg"),
    ("Leipzig'teyim", "leipzig"),
    ("leipzigteyim", "leipzig"),
    ("Dresden’deyiz", "dresden"),
    ("pirnadayım", "pirna"),
    ("Zwickau'ya", "zwickau"),
    ("Dresdenli", "dresden"),
    ("li Leipzigê", "leipzig"),
    ("li Riesayê", "riesa"),
    ("ji Pirnayê", "pirna"),
    ("من لايبزك", "leipzig"),
    ("بلايبزغ", "leipzig"),
    ("عدريسدن", "dresden"),
    ("للايبزيغ", "leipzig"),
    ("له لایپزیګ څخه", "leipzig"),
    ("تو لایپزیگم", "leipzig"),
    ("خونه‌م توی مایسنه", "meissen"),
    ("ካብ ላይፕሲግ", "leipzig"),
    ("ኣብ ላይፕዚሽ", "leipzig"),
    ("ኣብ ከምኒትስ", "chemnitz"),
    ("ንላይፕጺግ", "leipzig"),
    ("ኣብላይፕጺግ", "leipzig"),
    ("Lepizig", "leipzig"),
    ("Layipzig", "leipzig"),
    ("Chemniz", "chemnitz"),
    ("Görliz", "goerlitz"),
    ("Zwikau", "zwickau"),
    ("v Bautcene", "bautzen"),
    ("v Gerlice", "goerlitz"),
    ("Hohenstein Ernstthal", "hohenstein-ernstthal"),
    ("Aue Bad Schlema", "aue-bad-schlema"),
    ("Wojerecy", "hoyerswerda"),
    ("Běła Woda", "weisswasser"),
    ("Zhorjelc", "goerlitz"),
]


@pytest.mark.parametrize(("text", "place"), INFLECTED)
def test_inflected_misspelt_and_foreign_forms(text: str, place: str) -> None:
    (found,) = places(text)
    assert (found["value"], found["options"]) == (place, [])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Leipzig-Grünau", "leipzig-gruenau"),
        ("Connewitz", "leipzig-connewitz"),
        ("Reudnitz", "leipzig-reudnitz"),
        ("Lindenau", "leipzig-lindenau"),
        ("Plagwitz", "leipzig-plagwitz"),
        ("Paunsdorf", "leipzig-paunsdorf"),
        ("Gohlis", "leipzig-gohlis"),
        ("Eutritzsch", "leipzig-eutritzsch"),
        ("Schönefeld", "leipzig-schoenefeld"),
        ("Volkmarsdorf", "leipzig-volkmarsdorf"),
        ("Anger-Crottendorf", "leipzig-anger-crottendorf"),
        ("Mockau", "leipzig-mockau"),
        ("Stötteritz", "leipzig-stoetteritz"),
        ("Südvorstadt Leipzig", "leipzig-suedvorstadt"),
        ("Leipzig Zentrum", "leipzig-zentrum"),
        ("Leutzsch", "leipzig-leutzsch"),
        ("Leipzig Neustadt", "leipzig-volkmarsdorf"),
        ("Dresden Neustadt", "dresden-neustadt"),
        ("Gorbitz", "dresden-gorbitz"),
        ("Prohlis", "dresden-prohlis"),
        ("Friedrichstadt", "dresden-friedrichstadt"),
        ("Johannstadt", "dresden-johannstadt"),
        ("Löbtau", "dresden-loebtau"),
        ("Pieschen", "dresden-pieschen"),
        ("Striesen", "dresden-striesen"),
        ("Blasewitz", "dresden-blasewitz"),
        ("Klotzsche", "dresden-klotzsche"),
        ("Dresden-Plauen", "dresden-plauen"),
        ("Laubegast", "dresden-laubegast"),
        ("Sonnenberg", "chemnitz-sonnenberg"),
        ("Kappel", "chemnitz-kappel"),
        ("Helbersdorf", "chemnitz-helbersdorf"),
        ("Chemnitz Gablenz", "chemnitz-gablenz"),
        ("Kaßberg", "chemnitz-kassberg"),
        ("Chemnitz-Markersdorf", "chemnitz-markersdorf"),
        ("Hutholz", "chemnitz-hutholz"),
        ("Ebersdorf", "chemnitz-ebersdorf"),
        ("Yorckgebiet", "chemnitz-yorckgebiet"),
        ("Горбіц", "dresden-gorbitz"),
        ("غروناو", "leipzig-gruenau"),
    ],
)
def test_quarters_of_the_three_cities(text: str, place: str) -> None:
    (found,) = places(text)
    assert (found["value"], found["options"]) == (place, [])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Bad Schlema", "aue-bad-schlema"),
        ("Neugersdorf", "ebersbach-neugersdorf"),
        ("Zöblitz", "marienberg"),
        ("Bretnig-Hauswalde", "grossroehrsdorf"),
        ("Mylau", "reichenbach-im-vogtland"),
        ("Zschaitz", "jahnatal"),
        ("Ringenhain", "steinigtwolmsdorf"),
        ("Espenhain", "roetha"),
        ("Grillenburg", "tharandt"),
        ("Zwickau Eckersbach", "zwickau"),
        ("Pirna Copitz", "pirna"),
    ],
)
def test_former_municipalities_and_parts_of_towns(text: str, place: str) -> None:
    assert set(ids(text)) == {place}
    assert all(e["options"] == [] for e in places(text))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("I live in the camp Dölzig", "schkeuditz"),
        ("كمب دولتسش", "schkeuditz"),
        ("انا ساكن بكمب بدولزيغ", "schkeuditz"),
        ("کمپ دولتسیگ", "schkeuditz"),
        ("живу в Дёльциге", "schkeuditz"),
        ("у таборі Дельціг", "schkeuditz"),
        ("em li Dölzigê ne", "schkeuditz"),
        ("ካምፕ ዶልጺግ", "schkeuditz"),
        ("Adalbert-Stifter-Weg 25", "chemnitz-ebersdorf"),
        ("EAE Dresden Stauffenbergallee", "dresden-neustadt"),
        ("Stauffenbergallee 2b, 01099 Dresden", "dresden-neustadt"),
        ("Штауффенбергаллее", "dresden-neustadt"),
        ("Graf-Zeppelin-Ring", "leipzig"),
        ("Jägerkaserne", "schneeberg"),
        ("Lager Schneeberg", "schneeberg"),
    ],
)
def test_reception_centres_by_the_names_people_use(text: str, place: str) -> None:
    assert set(ids(text)) == {place}


AMBIGUOUS = {
    "Neustadt": ["neustadt-in-sachsen", "neustadt-vogtland", "dresden-neustadt"],
    "نويشتات": ["neustadt-in-sachsen", "neustadt-vogtland", "dresden-neustadt"],
    "Auerbach": ["auerbach-vogtland", "auerbach-erzgebirge"],
    "Bernsdorf": ["bernsdorf-oberlausitz", "bernsdorf-zwickau", "chemnitz-bernsdorf"],
    "Hartmannsdorf": ["hartmannsdorf", "hartmannsdorf-bei-kirchberg", "hartmannsdorf-reichenau"],
    "Kirchberg": ["kirchberg", "lugau"],
    "Lichtenberg": ["lichtenberg-erzgebirge", "lichtenberg"],
    "Neukirchen": ["neukirchen-erzgebirge", "neukirchen-pleisse"],
    "Oelsnitz": ["oelsnitz-vogtland", "oelsnitz-erzgebirge"],
    "Ельсніц": ["oelsnitz-vogtland", "oelsnitz-erzgebirge"],
    "Reuth": ["weischlitz", "neumark"],
    "Ebersbach": ["ebersbach-neugersdorf", "ebersbach", "doebeln", "bad-lausick", "schoepstal"],
    "Gersdorf": ["gersdorf", "hartha", "markersdorf", "haselbachtal", "striegistal"],
    "Horka": ["horka", "crostwitz"],
    "Dorfchemnitz": ["dorfchemnitz", "zwoenitz"],
    "Waldkirchen": ["lengenfeld", "gruenhainichen"],
    "Bärenstein": ["baerenstein", "altenberg"],
    "Pfaffroda": ["olbernhau", "schoenberg"],
    "Reichenbach": ["reichenbach-im-vogtland", "reichenbach-oberlausitz"],
    "Rosenbach": ["rosenbach-oberlausitz", "rosenbach-vogtland"],
    "Limbach": ["limbach-oberfrohna", "limbach"],
    "Markersdorf": ["markersdorf", "chemnitz-markersdorf"],
    "Gablenz": ["gablenz", "chemnitz-gablenz", "crimmitschau", "stollberg"],
    "Südvorstadt": ["leipzig-suedvorstadt", "dresden-suedvorstadt"],
    "Lausitz": ["landkreis-bautzen", "landkreis-goerlitz"],
}


@pytest.mark.parametrize("name", sorted(AMBIGUOUS))
def test_an_ambiguous_name_gives_options_the_likeliest_first(name: str) -> None:
    (found,) = places(f"Ich wohne in {name}")
    assert found["options"] == AMBIGUOUS[name]
    assert found["value"] == AMBIGUOUS[name][0]


def test_the_options_of_a_name_can_be_told_apart_in_every_language() -> None:
    """They become buttons, of which at most five are shown."""
    trained = [code for code, language in languages().items() if language.trained]
    alike = []
    for place in matcher().gazetteer.places.values():
        for form in place.forms():
            for found in places(form):
                options = [matcher().gazetteer.places[i] for i in found["options"]]
                alike += [(form, code) for code in trained if len({p.display(code) for p in options}) < len(options)]
                alike += [(form, "many")] * (len(options) > 5)
    assert alike == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Leipzig", "leipzig"),
        ("Zwickau", "zwickau"),
        ("Bautzen", "bautzen"),
        ("Görlitz", "goerlitz"),
        ("Meißen", "meissen"),
        ("Landkreis Leipzig", "landkreis-leipzig"),
        ("Kreis Zwickau", "landkreis-zwickau"),
        ("LK Bautzen", "landkreis-bautzen"),
        ("Görlitz (Landkreis)", "landkreis-goerlitz"),
        ("im Leipziger Landkreis", "landkreis-leipzig"),
        ("район Баутцен", "landkreis-bautzen"),
        ("منطقة لايبزيغ", "landkreis-leipzig"),
    ],
)
def test_a_city_and_its_landkreis(text: str, place: str) -> None:
    (found,) = places(text)
    assert (found["value"], found["options"]) == (place, [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Plauen", ["plauen"]),
        ("Плауен", ["plauen"]),
        ("Dresden Plauen", ["dresden-plauen"]),
        ("Ich wohne in Dresden, in Plauen", ["dresden-plauen"] * 2),
        ("Plauen in Dresden", ["dresden-plauen"] * 2),
        ("Дрезден, Плауен", ["dresden-plauen"] * 2),
        ("von Dresden nach Plauen", ["dresden", "plauen"]),
        ("Dresden oder Plauen", ["dresden", "plauen"]),
        ("Zug Dresden - Plauen", ["dresden", "plauen"]),
        ("Neustadt, Vogtland", ["neustadt-vogtland"] * 2),
        ("Neustadt (Vogtland)", ["neustadt-vogtland"] * 2),
        ("Neustadt bei Stolpen", ["neustadt-in-sachsen", "stolpen"]),
        ("Neustadt in Dresden", ["dresden-neustadt"] * 2),
        ("Dresden, Neustadt", ["dresden-neustadt"] * 2),
        ("Neustadt, в Дрездене", ["dresden-neustadt"] * 2),
        ("draesden neustadt", ["dresden-neustadt"] * 2),
        ("درسدن نويشتات", ["dresden-neustadt"] * 2),
        ("01844 Neustadt", ["neustadt-in-sachsen"] * 2),
        ("08233 Treuen", ["treuen"] * 2),
        ("Oelsnitz im Erzgebirge", ["oelsnitz-erzgebirge"] * 2),
        ("Auerbach bei Plauen", ["auerbach-vogtland", "plauen"]),
        ("Markersdorf in Chemnitz", ["chemnitz-markersdorf"] * 2),
        ("Chemnitz, Bernsdorf", ["chemnitz-bernsdorf"] * 2),
        ("Wachau bei Markkleeberg", ["markkleeberg"] * 2),
        ("Leipzig, Südvorstadt", ["leipzig-suedvorstadt"] * 2),
        ("Görlitz, Altstadt", ["goerlitz"] * 2),
        ("Leipzig: Grünau", ["leipzig-gruenau"] * 2),
        ("Ich wohne in Grimma im Landkreis Leipzig", ["grimma", "grimma"]),
        ("Leipzig und Landkreis Leipzig", ["leipzig", "landkreis-leipzig"]),
    ],
)
def test_a_second_place_settles_a_name(text: str, found: list[str]) -> None:
    assert ids(text) == found
    assert all(e["options"] == [] for e in places(text))


def test_every_name_stays_covered_when_it_has_the_value_of_another() -> None:
    """What is nothing but places must stay so for the decision."""
    text = "neustadt in dresden"
    assert [text[e["start"] : e["end"]] for e in places(text)] == ["neustadt", "dresden"]


def test_two_ambiguous_names_do_not_settle_each_other() -> None:
    assert [bool(e["options"]) for e in places("Auerbach oder Oelsnitz")] == [True, True]


def test_a_shared_postal_code_gives_its_places_as_options() -> None:
    shared = {c: r["places"] for c, r in matcher().gazetteer.postcodes.items() if len(r.get("places", ())) > 1}
    assert shared
    towns = matcher().gazetteer.places
    for code, members in list(shared.items())[:20]:
        (found,) = places(code)
        known = [m for m in members if m in towns]
        assert found["value"] in known
        if len(known) > 1 and not any(towns[m].kind == "city" for m in known):
            assert set(found["options"]) <= set(known)


@pytest.mark.parametrize(
    "text",
    [
        "das ist eine wohnung",
        "wo kann ich deutsch lernen",
        "ich bin 30 jahre alt",
        "Kind krank",
        "ich wohne in der aue",
        "wir waren in den bergen",
        "am lichtenberg",
        "500 mark",
        "i need a doctor for my child",
        "how do i find work",
        "як знайти квартиру",
        "мені потрібен лікар",
        "اين اجد طبيب",
        "احتاج مساعدة في السكن",
        "من از کابل آمدم",
        "قیمت طلا در کابل",
        "زه له کابل نه راغلم",
        "واکسین کرونا",
        "لقاح كورونا",
        "کلوچه می‌خواهم",
        "me duele la pierna",
        "no siento las piernas",
        "me muero de risa",
        "her du destên min girêdan",
        "pêlavên zivistanê",
        "bilêta mehane",
        "mafên jin û mêran",
        "ji nişka ve",
        "during the flight",
        "meine schwesta krampft",
        "el saydali ma yintini",
        "потом зайду",
        "из Ростова-на-Дону",
        "mne 20 goda",
        "Plätze in Krippen",
        "den wahren Grund",
        "am selben Tag",
        "Laz'ım",
        "я из Польши",
        "Hallo",
        "danke",
        "12345",
        "004109",
        "0410",
        "0911",
        "0911 22222",
        "01761234567",
        "+49 341 04109123",
        "",
        "🙂",
    ],
)
def test_everyday_words_and_other_numbers_give_no_place(text: str) -> None:
    assert ids(text) == []


def test_towns_that_are_words_need_their_capital() -> None:
    assert ids("Ich wohne in Bergen") == ["bergen"]
    assert ids("Ich komme aus Thum") == ["thum"]
    assert ids("thum") == []


def test_two_places_in_one_message() -> None:
    assert ids("Leipzig oder Dresden") == ["leipzig", "dresden"]
    assert ids("04109 oder Dresden, 09111") == ["leipzig", "dresden", "chemnitz"]  # in their order
    assert set(ids("01097 Dresden")) == {"dresden"}


def test_offsets_lie_on_the_normalised_text() -> None:
    text = "Ich wohne in LEIPZIG!"
    (found,) = places(text)
    assert text[found["start"] : found["end"]] == "LEIPZIG"


def test_every_large_town_is_found_by_its_name_in_every_language() -> None:
    missed = []
    for place in matcher().gazetteer.places.values():
        if place.kind != "city":
            continue
        for form in (place.name, *(place.names.get(code, "") for code in ("ar", "uk"))):
            if form and place.id not in ids(form):
                missed.append((place.id, form))
    assert missed == []


def test_saxony_and_germany_are_left_to_the_topic() -> None:
    message = Message(
        {"text": "Arbeit in Sachsen oder Leipzig", DOC: shared_vocab_doc("Arbeit in Sachsen oder Leipzig")}
    )
    PlaceExtractor().process([message])
    assert [e["value"] for e in message.get(ENTITIES)] == ["leipzig"]


def test_the_extractor_keeps_what_others_found() -> None:
    message = Message({"text": "Leipzig", DOC: shared_vocab_doc("Leipzig"), ENTITIES: [{"entity": "status"}]})
    PlaceExtractor().process([message, Message({"text": "not tokenised"})])
    assert [e["entity"] for e in message.get(ENTITIES)] == ["status", "place"]
