"""One bad record for each rule of the directory's validation."""

from copy import deepcopy
from datetime import date

import pytest

from actions.directory.validation import lost_slots, problems

GOOD = {
    "id": "psz-leipzig",
    "name": "Psychosoziales Zentrum",
    "alternate_name": "PSZ",
    "organization": "Mosaik Leipzig e.V.",
    "status": "active",
    "kind": "psychosocial_centre",
    "topics": ["mental_health"],
    "description": "Free counselling, Monday 9:00 to 12:00, since 2020-2022.",
    "eligibility": {"description": "adults", "gender": "women", "minimum_age": 18, "statuses": ["tolerated"]},
    "area": ["leipzig"],
    "location": {"address_1": "Peterssteinweg 3", "city": "Leipzig", "postal_code": "04107"},
    "phone": "+49 341 123456",
    "email": "hallo@example.org",
    "url": "https://example.org",
    "hours": "Mo-Fr 09:00-12:00, Tu 13:00-17:00",
    "hours_note": "Ask first.",
    "by_appointment": True,
    "languages": ["de", "ar"],
    "cost": "free",
    "free": True,
    "confidence": "high",
    "checked": {"address": "2024-01", "phone": "2024-01", "hours": "2024-01"},
    "sources": [
        {"url": "https://example.org/a", "seen": "2024-01", "supports": ["address", "phone", "hours"]},
        {"url": "https://example.org/b", "seen": "undated", "remark": "about 2018", "supports": ["email", "notes"]},
        {"url": "https://example.org/c", "seen": "2019", "supports": ["phone"]},
    ],
    "notes": "For editors.",
}
KINDS = {"psychosocial_centre": {}, "womens_shelter": {}, "mens_shelter": {}}
TOPICS = {f"topic_{n}" for n in range(7)} | {"mental_health"}
GONE = object()


def check(*services: dict, places: set[str] | None = None) -> list[str]:
    return problems(list(services), KINDS, TOPICS, places, today=date(2026, 11, 22))


def changed(**changes: object) -> dict:
    record = {**deepcopy(GOOD), **changes}
    return {key: value for key, value in record.items() if value is not GONE}


def test_a_good_record_has_no_problems():
    assert check(GOOD, places={"leipzig"}) == []


@pytest.mark.parametrize(
    "key", ["id", "name", "status", "kind", "topics", "description", "eligibility", "area", "confidence", "sources"]
)
def test_required_keys(key):
    assert any(problem.endswith(f": {key} is missing") for problem in check(changed(**{key: GONE})))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"fax": "1"}, "unknown key fax"),
        ({"name": ""}, "name is empty or has spaces around it"),
        ({"name": 7}, "name must be text"),
        ({"topics": "mental_health"}, "topics must be a list"),
        ({"checked": ["2024"]}, "checked must be a mapping"),
        ({"free": False}, "free must be true or absent"),
        ({"id": "PSZ_Leipzig"}, "the id is not an ascii slug"),
        ({"status": "closed"}, "unknown status closed"),
        ({"confidence": "sure"}, "unknown confidence sure"),
        ({"kind": "castle"}, "unknown kind castle"),
        ({"topics": ["mental_health", "football"]}, "unknown topic football"),
        ({"topics": ["mental_health"] * 2}, "topics must differ and be six at most"),
        ({"topics": [f"topic_{n}" for n in range(7)]}, "topics must differ and be six at most"),
        ({"area": ["atlantis"]}, "unknown place atlantis"),
        ({"languages": ["Arabic"]}, "Arabic is not a language code"),
        ({"eligibility": {"income": "low"}}, "unknown key eligibility.income"),
        ({"eligibility": {"gender": "all"}}, "unknown gender all"),
        ({"eligibility": {"statuses": ["guest"]}}, "unknown legal status guest"),
        ({"eligibility": {"minimum_age": 27, "maximum_age": 12}}, "the ages in eligibility make no sense"),
        ({"location": {"street": "A", "city": "B"}}, "unknown key location.street"),
        ({"location": {"address_1": "Peterssteinweg 3"}}, "location without a city"),
        ({"location": {"city": "Leipzig", "postal_code": "4107"}}, "postal code 4107 has not five digits"),
        ({"kind": "womens_shelter"}, "a shelter must not show its street"),
        ({"kind": "mens_shelter"}, "a shelter must not show its street"),
        ({"phone": "0341 123456"}, "phone 0341 123456 is neither +49 with spaces nor a short number"),
        ({"phone": "+49341123456"}, "phone +49341123456 is neither +49 with spaces nor a short number"),
        ({"email": "somebody"}, "somebody is not an e-mail address"),
        ({"url": "example.org"}, "example.org is not a web address"),
        ({"description": "Call 0341 123456."}, "a phone number stands in description"),
        ({"description": "Call +49 341 123456."}, "a phone number stands in description"),
        ({"hours_note": "At night 116117."}, "a phone number stands in hours_note"),
        ({"hours": "when the sun shines"}, "hours when the sun shines cannot be read"),
        (
            {"hours": "Mo-Fr 07:30-11:00; Tu 13:00-17:00"},
            "hours lose Tu 07:30-11:00 to a later rule; write a comma where times are added",
        ),
        ({"email": "a@example.org", "sources": GOOD["sources"][:1]}, "no source supports email"),
        ({"checked": {"colour": "2024"}}, "checked.colour although there is no such field"),
        ({"url": GONE, "checked": {"url": "2024"}}, "checked.url although there is no such field"),
        ({"checked": {"phone": "January 2024"}}, "checked.phone is not a year, month or day in ISO form"),
        ({"checked": {"phone": "2026-12"}}, "checked.phone lies in the future"),
        ({"checked": {"phone": "2019"}}, "checked.phone is not the newest date of its sources"),
        ({"checked": {"email": "2024"}}, "checked.email is not the newest date of its sources"),
    ],
)
def test_rules_of_a_record(changes, sentence):
    record = changed(**changes)
    assert f"{record['id']}: {sentence}" in check(record, places={"leipzig"})


@pytest.mark.parametrize("key", ["location", "phone", "email", "hours", "hours_note"])
def test_contact_is_hidden_when_confidence_is_low_or_the_service_is_gone(key):
    assert f"psz-leipzig: {key} although confidence is low" in check(changed(confidence="low"))
    assert f"psz-leipzig: {key} although the service is defunct" in check(changed(status="defunct"))


def test_a_defunct_service_has_no_website():
    assert "psz-leipzig: url although the service is defunct" in check(changed(status="defunct"))


@pytest.mark.parametrize("key", ["location", "phone", "email", "hours", "hours_note"])
def test_each_shown_contact_field_needs_a_source(key):
    sources = [{"url": "https://example.org", "seen": "undated", "supports": ["name"]}]
    assert f"psz-leipzig: no source supports {key}" in check(changed(sources=sources, checked=GONE))


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ({"seen": "2024", "supports": ["phone"]}, "source 1 needs url and supports"),
        ({"url": "x", "seen": "2024", "supports": []}, "source 1 needs url and supports"),
        ({"url": "x", "seen": "2024", "supports": ["phone"], "by": "me"}, "unknown key by in source 1"),
        ({"url": "x", "seen": "2024", "supports": ["website"]}, "source 1 supports unknown website"),
        ({"url": "x", "supports": ["phone"]}, "seen of source 1 is not a year, month or day in ISO form"),
        ({"url": "x", "seen": 2024, "supports": ["phone"]}, "seen of source 1 is not a year, month or day in ISO form"),
        ({"url": "x", "seen": "2027", "supports": ["phone"]}, "seen of source 1 lies in the future"),
    ],
)
def test_sources(source, sentence):
    assert f"psz-leipzig: {sentence}" in check(changed(sources=[source]))


def test_ids_are_unique():
    assert check(GOOD, GOOD) == ["psz-leipzig: the id is used 2 times"]


@pytest.mark.parametrize("phone", ["112", "110", "115", "116117", "0800 4555500", "+49 30 443509821"])
def test_phones_as_they_are_dialled(phone):
    assert check(changed(phone=phone)) == []


@pytest.mark.parametrize(
    "expression",
    ["24/7", "Mo 17:00+", "week 1-53/2 Th 17:00-19:00", "Mo-Fr 08:00-10:00; Su,PH 10:30-13:30", "Fr 22:00-02:00"],
)
def test_hours_that_lose_nothing(expression):
    assert lost_slots(expression) == []
