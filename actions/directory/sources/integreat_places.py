"""From one place of an Integreat region to one Service of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from actions.directory.geo import Gazetteer, Place, fold
from actions.directory.model import Eligibility, Service
from actions.directory.sources.contact import LARGE_CODES, email_address, phone_number, web_address
from actions.directory.sources.integreat_categories import Categories
from actions.directory.sources.integreat_fields import description, hours
from actions.directory.sources.integreat_models import Contact, Poi, Region
from actions.directory.sources.text import plain
from actions.directory.validation import SHELTERS

LICENCE = "Integreat, CC BY 4.0"
LONGEST_NAME = 200
CLOSED = "Temporarily closed, says the region in Integreat."


class Unusable(Exception):
    """The place cannot become a Service; the text says why, without its contents."""


class Places:
    """Builds Services: id `integreat:{region}:{location.id}`, texts in German, dated by the last edit."""

    def __init__(self, gazetteer: Gazetteer, categories: Categories) -> None:
        self._gazetteer, self._categories = gazetteer, categories

    def service(self, poi: Poi, region: Region, district: str, town_only: bool, today: date) -> Service:
        """The Service of a place; `district` is our id of the region's, `town_only` a region that is one town.

        Raises Unusable for a place without a name, or of a kind that answers no topic.
        """
        name = " ".join((poi.title or poi.location.name).split())[:LONGEST_NAME]
        if not name:
            raise Unusable("no name")
        meaning = self._categories.of(name, poi.category.name, poi.category.icon)
        if meaning is None:
            raise Unusable(f"no topic for the category {poi.category.name or poi.category.icon or 'none'}")
        # The door of a shelter is secret, even where an editor has entered it.
        shelter = meaning.kind in SHELTERS
        where = poi.location
        latitude, longitude = where.point if not shelter else (None, None)
        osm, by_appointment = hours(poi.opening_hours) if not poi.temporarily_closed else ("", False)
        values = {
            "name": name,
            "organization": " ".join(poi.organization.name.split()),
            "description": self._description(poi),
            "address": "" if shelter else " ".join(where.address.split()),
            "phone": _first(_phone(c.phone_number) or _phone(c.mobile_number) for c in _ways(poi)),
            "email": _first(email_address(c.email) for c in _ways(poi)),
            "url": self._website(poi, by_appointment),
            "hours": osm or by_appointment,
        }
        seen = poi.updated if poi.updated and poi.updated <= (today + timedelta(days=1)).isoformat() else ""
        postcode = where.postcode.strip()
        return Service(
            id=f"integreat:{region.path}:{where.id}",
            name=name,
            topics=meaning.topics,
            kind=meaning.kind,
            status="inactive" if poi.temporarily_closed else "active",
            confidence="high",
            organization=str(values["organization"]),
            description=str(values["description"]),
            eligibility=Eligibility(gender=meaning.gender),
            area=self._area(poi, district, town_only),
            address_1=str(values["address"]),
            city=" ".join(where.town.split()),
            postal_code=postcode if not shelter and re.fullmatch("[0-9]{5}", postcode) else "",
            latitude=latitude,
            longitude=longitude,
            phone=str(values["phone"]),
            email=str(values["email"]),
            url=str(values["url"]),
            hours=osm,
            by_appointment=by_appointment,
            wheelchair=poi.barrier_free,
            checked={field: seen for field, value in values.items() if value and field != "organization"}
            if seen
            else {},
            sources=(
                {
                    "url": poi.url,
                    "seen": seen or "undated",
                    "remark": f"{region.name}, {LICENCE}",
                    "supports": [field for field, value in values.items() if value],
                },
            ),
            notes=CLOSED if poi.temporarily_closed else "",
        )

    @staticmethod
    def _description(poi: Poi) -> str:
        """The editors' summary, else the beginning of the text; "" where the text is in another language."""
        if poi.id is None:
            return ""  # the region writes in another language than German
        return description(" ".join(poi.meta_description.split()) or plain(poi.content) or plain(poi.excerpt))

    @staticmethod
    def _website(poi: Poi, by_appointment: bool) -> str:
        """Where to book, when one must; else the place's own website, its page for people or its organisation's."""
        bookings = [poi.appointment_url, *(c.appointment_url for c in _ways(poi))]
        websites = [*(c.website for c in _ways(poi)), poi.url, poi.organization.website]
        return _first(web_address(text) for text in ([*bookings, *websites] if by_appointment else websites))

    def _area(self, poi: Poi, district: str, town_only: bool) -> tuple[str, ...]:
        """The town it is in, when the region covers it, and the district, unless the region is one town of it."""
        town = self._town(poi, district)
        if town_only and town is not None:
            return (town.id,)
        found = [town.id] if town is not None else []
        return tuple(dict.fromkeys([*found, district]))

    def _town(self, poi: Poi, district: str) -> Place | None:
        by_code = self._gazetteer.by_postcode(poi.location.postcode.strip())
        by_name = self._gazetteer.candidates(poi.location.town)
        exact = [place for place in by_code if fold(place.name) == fold(poi.location.town)]
        both = [place for place in by_code if place in by_name]
        for places in (exact, both, by_name, by_code if len(by_code) == 1 else []):
            inside = [
                place for place in places if place.kind in ("city", "municipality") and place.district == district
            ]
            if inside:
                return inside[0]
        return None


def _ways(poi: Poi) -> list[Contact]:
    """Contacts to try in turn: those for everything, else those for a part of it, then the fields of the place.

    These fields repeat the first contact for everything, or are all that older servers have. They come last, as
    the CMS fills them from an archived contact, too.
    """
    general = [contact for contact in poi.contacts if not contact.area_of_responsibility.strip()]
    older = Contact(email=poi.email, phone_number=poi.phone_number, website=poi.website)
    return [*(general or poi.contacts), older]


def _phone(text: str) -> str:
    """Editors write area codes of any length: only the best known are cut off a number in one piece."""
    return phone_number(text, LARGE_CODES)


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")
