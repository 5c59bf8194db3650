"""Places in messages of any script, with the real gazetteer."""

from __future__ import annotations

import pytest
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message

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


def test_an_ambiguous_name_gives_options_the_larger_first() -> None:
    (found,) = places("Neustadt")
    assert found["options"] == ["neustadt-in-sachsen", "neustadt-vogtland"]
    assert found["value"] == "neustadt-in-sachsen"


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
        "Hallo",
        "danke",
        "12345",
        "004109",
        "0410",
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
