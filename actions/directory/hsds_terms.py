"""Identifiers and vocabulary of our HSDS export: stable UUIDs, taxonomies, terms, and attributes that use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from actions.directory.freshness import Shown
from actions.directory.model import Service

# Never change it: every id that other systems keep rests on it.
NAMESPACE = UUID("426c6ae0-5e0c-46d2-8a9c-a874d4d00c7d")

TOPICS = "wegweiser-topics"
KINDS = "wegweiser-kinds"
CONFIDENCE = "wegweiser-confidence"
STATUSES = "wegweiser-statuses"
AUDIENCE = "wegweiser-audience"
FEATURES = "wegweiser-features"
RECORD = "wegweiser-record"
# Taxonomy: what it is, and what its terms say of a service (`link_type` of the attribute).
TAXONOMIES = {
    TOPICS: ("What the service helps with; the first topic is the main one.", "topic"),
    KINDS: ("What kind of service it is.", "kind"),
    CONFIDENCE: ("How sure the directory is that the record is right.", "confidence"),
    STATUSES: ("Residence statuses the service is for; none means that no source limits it.", "eligibility"),
    AUDIENCE: ("Whom the service is limited to; none means that no source limits it.", "eligibility"),
    FEATURES: ("What eases or conditions coming; absent means not known.", "feature"),
    RECORD: ("Facts about the record itself, given in the attribute's value.", "record"),
}
_FIXED = {
    CONFIDENCE: {
        "high": ("confidence:high", "Published by an authority or by the service itself."),
        "medium": ("confidence:medium", "Likely right, from other sources: ask before relying on it."),
        "low": ("confidence:low", "Not confirmed: no number, address or hours are given."),
    },
    STATUSES: {
        "asylum_seeker": ("Asylum seekers", "People in the asylum procedure (Aufenthaltsgestattung)."),
        "tolerated": ("Tolerated people", "People with a Duldung."),
        "recognised": ("Recognised refugees", "People with refugee status or subsidiary protection."),
        "ukraine": ("Temporary protection", "People from Ukraine under section 24 of the Residence Act."),
        "eu": ("EU citizens", "Citizens of the European Union."),
        "student_worker": ("Students and workers", "People with a visa or title for study or work."),
        "undocumented": ("People without papers", "People without a residence title."),
    },
    AUDIENCE: {"women": ("For women", "For women only."), "men": ("For men", "For men only.")},
    FEATURES: {
        "by_appointment": ("By appointment", "An appointment is needed."),
        "telephone_only": ("By telephone only", "There is no door to go to, or it is not public."),
        "interpreters": ("With interpreters", "Interpreters take part when needed."),
        "free": ("Free of charge", "The service costs the person nothing."),
        "childcare": ("With childcare", "Children are looked after meanwhile."),
        "wheelchair": ("Wheelchair access", "The place can be reached with a wheelchair."),
    },
    RECORD: {
        "id": ("Record", "Identifier of the record in Wegweiser's own directory."),
        "checked": ("Checked", "Year, month or day of the oldest check among the details given."),
        "warning": ("Warning", "old, undated, withheld or unconfirmed; the service's alert says it in words."),
        "source": ("Source", "Address of a page that supports the record."),
    },
}


def identity(*parts: str) -> str:
    """The UUID of a thing of ours, the same on every server and in every release."""
    return str(uuid5(NAMESPACE, "\n".join(parts)))


class Terms:
    """All taxonomies and terms as HSDS objects, and attributes that name them.

    `kinds` is the mapping of kinds.yml (`label`, `german`); `topics` maps a topic to its English title.
    """

    def __init__(self, kinds: Mapping[str, Mapping[str, str]], topics: Mapping[str, str]) -> None:
        vocabulary = {
            TOPICS: {code: (title, title) for code, title in topics.items()},
            KINDS: {code: (row["label"], f"German: {row['german']}") for code, row in kinds.items()},
            **_FIXED,
        }
        self.taxonomies: dict[str, dict[str, Any]] = {}
        self.terms: dict[tuple[str, str], dict[str, Any]] = {}
        for taxonomy, (description, _) in TAXONOMIES.items():
            taxonomy_id = identity("taxonomy", taxonomy)
            self.taxonomies[taxonomy] = {"id": taxonomy_id, "name": taxonomy, "description": description}
            for code, (name, meaning) in vocabulary[taxonomy].items():
                self.terms[taxonomy, code] = {
                    "id": identity("term", taxonomy, code),
                    "code": code,
                    "name": name,
                    "description": meaning,
                    "taxonomy": taxonomy,
                    "taxonomy_id": taxonomy_id,
                    "language": "en",
                }

    def attribute(self, record: str, taxonomy: str, code: str, value: str = "") -> dict[str, Any]:
        """An attribute of the service whose own id is `record`; KeyError for a word outside the vocabulary."""
        term = self.terms[taxonomy, code]
        found = {
            "id": identity("attribute", record, taxonomy, code, value),
            "link_id": identity("service", record),
            "link_type": TAXONOMIES[taxonomy][1],
            "link_entity": "service",
            "taxonomy_term_id": term["id"],
            "taxonomy_term": term,
        }
        return {**found, "value": value} if value else found


def words_for(service: Service, may: Shown) -> list[tuple[str, str, str]]:
    """(taxonomy, code, value) of everything that attributes say of a service."""
    features = ["telephone_only", "interpreters", "free", "childcare", "wheelchair"]
    if may.hours:
        features.insert(0, "by_appointment")
    pages = dict.fromkeys(str(source.get("url") or "") for source in service.sources)
    gender = service.eligibility.gender
    return [
        (RECORD, "id", service.id),
        (CONFIDENCE, service.confidence, ""),
        (KINDS, service.kind, ""),
        *((TOPICS, topic, "") for topic in service.topics),
        *((STATUSES, status, "") for status in service.eligibility.statuses),
        *((AUDIENCE, code, "") for code in [gender] if code),
        *((FEATURES, name, "") for name in features if getattr(service, name)),
        *((RECORD, "checked", stamp) for stamp in [may.checked] if stamp),
        *((RECORD, "warning", warning) for warning in [may.warning] if warning),
        *((RECORD, "source", page) for page in pages if page.startswith("http")),
    ]
