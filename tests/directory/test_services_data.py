"""The embedded directory: every record valid, in its area's file, and no research record lost."""

from pathlib import Path

import yaml

from actions.directory.validation import problems

ROOT = Path(__file__).parents[2]
AREAS = {
    "language": "german_course literacy_course job_german_course language_exam learn_by_yourself interpreter",
    "education": "childcare school mother_tongue_lessons school_certificate university study_funding",
    "work": "work_permit find_job vocational_training recognition labour_rights self_employment driving_licence",
    "housing": "find_housing housing_costs housing_problem reception_centre residence_obligation emergency_shelter",
    "health": "doctor health_insurance medicine mental_health pregnancy vaccination disability_care addiction",
    "residence": "asylum_procedure residence_permit rejection family_reunification ukraine_protection"
    " skilled_immigration citizenship passport_documents address_registration voluntary_return",
    "protection": "migration_counselling legal_advice domestic_violence forced_marriage_trafficking discrimination"
    " hate_crime lgbtiq women_girls unaccompanied_minor extremism_help",
    "daily_life": "social_benefits family_benefits bank_account debt_contracts transport meet_people volunteering"
    " food_clothes rights_and_values religion police_safety programme_info saxony_facts",
    "crisis": "emergency_medical emergency_violence crisis_suicide",
}
AREA_OF = {topic: area for area, topics in AREAS.items() for topic in topics.split()}
KINDS = yaml.safe_load((ROOT / "data/services/kinds.yml").read_text(encoding="utf-8"))["kinds"]
FILES = {
    area: yaml.safe_load((ROOT / f"data/services/{area}.yml").read_text(encoding="utf-8"))["services"] for area in AREAS
}
SERVICES = [service for services in FILES.values() for service in services]


def test_the_directory_has_no_problems():
    assert problems(SERVICES, KINDS, set(AREA_OF), None) == []


def test_areas_are_places_of_the_gazetteer():
    gazetteer = yaml.safe_load((ROOT / "data/places.yml").read_text(encoding="utf-8"))["places"]
    ids = {place["id"] for place in gazetteer}
    assert sorted({place for service in SERVICES for place in service["area"]} - ids) == []


def test_a_record_lives_in_the_area_of_its_first_topic():
    astray = [s["id"] for area, services in FILES.items() for s in services if AREA_OF[s["topics"][0]] != area]
    assert astray == []


def test_every_research_record_is_kept_or_merged():
    lines = (Path(__file__).parent / "service_ids.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split(" -> ") for line in lines if not line.startswith("#")]
    kept = {row[-1] for row in rows}
    assert len(rows) == 431
    assert len(SERVICES) == 423
    assert {service["id"] for service in SERVICES} == kept


def test_kinds_are_used_and_their_labels_fit_a_card():
    assert set(KINDS) == {service["kind"] for service in SERVICES}
    assert [key for key, kind in KINDS.items() if set(kind) != {"label", "german"} or len(kind["label"]) > 40] == []


def test_no_date_is_newer_than_the_research():
    dates = [date for service in SERVICES for date in service.get("checked", {}).values()]
    assert max(dates) <= "2026-11"
