"""Makes posters: the data, the words and the press together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from actions.directory.freshness import Limits
from actions.directory.geo import Gazetteer
from actions.directory.model import Service, load_records, service_from_record
from actions.knowledge.loader import load as load_knowledge
from bot.settings import ROOT, Settings
from bot.speech.catalogue import Catalogue
from bot.staff.posters import press, sheet
from bot.staff.posters.numbers import numbers
from bot.staff.posters.order import Order, OrderError, checked
from bot.staff.posters.sites import Site, sites_of
from bot.staff.posters.words import Words


class Studio:
    """Sites, orders, and sheets as HTML and PDF. Making one takes some seconds of one core."""

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        services: Sequence[Service],
        gazetteer: Gazetteer,
        titles: dict[str, str],
        main_topics: Sequence[str] = (),
        today: Callable[[], date] = date.today,
    ) -> None:
        self._sites = {site.id: site for site in sites_of(services, gazetteer)}
        self._services, self._today = services, today
        self._limits = Limits(settings.old_months, settings.very_old_months)
        self._words = Words(catalogue, titles)
        self._topics = [topic for topic in sheet.pictograms_of_topics() if topic in titles]
        self._main = tuple(topic for topic in main_topics if topic in self._topics)
        self._addresses = sheet.Addresses(settings.public_url, settings.telegram_name)

    @classmethod
    def load(cls, settings: Settings, catalogue: Catalogue, main_topics: Sequence[str] = ()) -> Studio:
        """Read the directory, the places and the titles of topics from data/."""
        data = ROOT / "data"
        services = [service_from_record(record) for record in load_records(data / "services")]
        gazetteer = Gazetteer.load(data / "places.yml", data / "postcodes.yml")
        articles = load_knowledge(data / "articles", data / "knowledge").articles
        titles = {topic: article.title for topic, article in articles.items()}
        return cls(settings, catalogue, services, gazetteer, titles, main_topics)

    def sites(self) -> list[Site]:
        """Where a sheet can hang: offices by name, then towns."""
        return list(self._sites.values())

    def topics(self) -> list[tuple[str, str]]:
        """Id and German title of the topics a sheet can be about."""
        return [(topic, self._words.title(topic, "de").text) for topic in self._topics]

    def order(
        self,
        site: str,
        languages: Sequence[str],
        format: str = "a4",
        topics: Sequence[str] | None = None,
        channel: str = "both",
        campaign: str = "",
    ) -> Order:
        """A checked order; None as topics means the main areas. OrderError says what is wrong."""
        order = checked(
            self._sites, self._topics, site=site, languages=languages, format=format, channel=channel,
            topics=self._main if topics is None else topics, campaign=campaign,
        )  # fmt: skip
        missing = {"web": not self._addresses.public_url, "telegram": not self._addresses.bot_name}
        if all(missing.values()) or missing.get(channel, False):
            names = {"web": "WEGWEISER_PUBLIC_URL", "telegram": "WEGWEISER_TELEGRAM_NAME"}
            needed = names.get(channel, " or ".join(names.values()))
            raise OrderError(
                f"a code leads nowhere yet: set {needed}",
                f"Die Codes haben noch kein Ziel. Bitte setzen Sie {needed.replace(' or ', ' oder ')}.",
            )
        return order

    def html(self, order: Order) -> str:
        """The sheet as a page to print from a browser."""
        return self._made(order)[0]

    def pdf(self, order: Order) -> bytes:
        """The sheet as PDF, one page."""
        return bytes(self._made(order)[1].write_pdf())

    def _made(self, order: Order) -> tuple[str, Any]:
        today = self._today()
        known = numbers(self._services, today, self._limits) if order.format == "wallet" else []
        try:
            return press.fitted(sheet.drawer(order, self._words, self._addresses, known, today))
        except press.PressError as exc:
            raise OrderError(
                str(exc), "Die Texte passen nicht auf dieses Blatt. Bitte wählen Sie weniger Sprachen."
            ) from exc
