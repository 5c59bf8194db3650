"""What is to be printed, checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.languages import languages
from bot.staff.links import LinkError, Target, fitted
from bot.staff.posters.sites import Site, alike

FORMATS = {
    "a4": "Plakat A4",
    "a5": "Plakat A5",
    "a6": "Karte A6",
    "strips": "Plakat A4 mit Abreißstreifen",
    "wallet": "Klappkärtchen für den Geldbeutel (A4, sechs Stück)",
}
CHANNELS = ("both", "web", "telegram")
MOST_LANGUAGES = 6
MOST_TOPICS = 8


class OrderError(ValueError):
    """Nothing can be printed like this; the message says why in English, `german` for staff in German."""

    def __init__(self, message: str, german: str) -> None:
        super().__init__(message)
        self.german = german


@dataclass(frozen=True, slots=True)
class Order:
    """One sheet. `topics` are shown as pictograms; the codes carry the topic when it is only one."""

    site: Site
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    format: str
    channel: str
    campaign: str

    def target(self, language: str) -> Target:
        """Where the codes of a language lead."""
        topic = self.topics[0] if len(self.topics) == 1 else ""
        return Target(self.site.place, topic, language, self.campaign)

    @property
    def file_name(self) -> str:
        """A name for the file, without its ending."""
        return f"wegweiser-{self.campaign or 'plakat'}-{self.format}-{'-'.join(self.languages)}"


def checked(
    sites: Mapping[str, Site],
    known_topics: Collection[str],
    *,
    site: str,
    languages: Sequence[str],
    topics: Sequence[str],
    format: str,
    channel: str,
    campaign: str,
) -> Order:
    """The order when everything in it is right; OrderError for the first thing that is not."""
    if site not in sites:
        raise _unknown_site(site, sites)
    chosen, subjects = tuple(dict.fromkeys(languages)), tuple(dict.fromkeys(topics))
    _check_languages(chosen)
    for topic in subjects:
        if topic not in known_topics:
            name = _shown(topic)
            raise OrderError(f"there is no topic {name}", f"Das Thema {name} gibt es nicht.")
    if len(subjects) > MOST_TOPICS:
        raise OrderError(f"at most {MOST_TOPICS} topics fit", f"Es passen höchstens {MOST_TOPICS} Themen darauf.")
    if format not in FORMATS:
        allowed = ", ".join(FORMATS)
        raise OrderError(f"the format must be one of {allowed}", f"Das Format muss eines von {allowed} sein.")
    if channel not in CHANNELS:
        allowed = ", ".join(CHANNELS)
        raise OrderError(f"the channel must be one of {allowed}", f"Der Kanal muss einer von {allowed} sein.")
    order = Order(sites[site], chosen, subjects, format, channel, campaign or sites[site].campaign)
    try:
        short = fitted(order.target(language) for language in chosen)[0].campaign
    except LinkError as exc:
        raise OrderError(str(exc), _german(campaign)) from exc
    return Order(order.site, chosen, subjects, format, channel, short)


def _check_languages(chosen: tuple[str, ...]) -> None:
    known = [code for code, language in languages().items() if language.trained]
    if not chosen:
        raise OrderError("choose at least one language", "Bitte wählen Sie mindestens eine Sprache.")
    for code in chosen:
        if code not in known:
            name = _shown(code)
            raise OrderError(
                f"{name} is no language that is answered: {', '.join(known)}",
                f"{name} ist keine Sprache, in der geantwortet wird. Möglich sind {', '.join(known)}.",
            )
    if len(chosen) > MOST_LANGUAGES:
        raise OrderError(
            f"at most {MOST_LANGUAGES} languages fit on one sheet, not {len(chosen)}",
            f"Auf ein Blatt passen höchstens {MOST_LANGUAGES} Sprachen, nicht {len(chosen)}.",
        )


def _unknown_site(site: str, sites: Mapping[str, Site]) -> OrderError:
    near = ", ".join(f"{found.id} ({found.name})" for found in alike(site[:100], sites.values()))
    name = _shown(site)
    return OrderError(
        f"there is no site {name}" + (f"; near to it: {near}" if near else "; --list-sites lists them"),
        f"Den Standort {name} gibt es nicht." + (f" Ähnlich sind: {near}." if near else ""),
    )


def _german(campaign: str) -> str:
    if campaign:
        return "Die Kampagne braucht 1 bis 20 Kleinbuchstaben, Ziffern und Bindestriche; oder das Thema ist zu lang."
    return "Ort und Thema sind zusammen zu lang für einen Link. Bitte wählen Sie mehrere Themen oder keines."


def _shown(text: str) -> str:
    """What somebody typed, short and without control characters."""
    return repr(text[:60] + ("…" if len(text) > 60 else ""))
