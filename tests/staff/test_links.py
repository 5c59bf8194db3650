"""Links of posters and of staff: what is read back from them is what they were made of."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from actions.directory.geo import Gazetteer
from actions.directory.model import load_records, service_from_record
from actions.knowledge.loader import load
from bot.channels.telegram.start import MOST, Start, read_start
from bot.languages import languages
from bot.settings import ROOT
from bot.staff.links import LinkError, Target, fitted, share_text, short_address, telegram_link, web_link
from bot.staff.posters.sites import Site, sites_of

DATA = ROOT / "data"
URL = "https://wegweiser.example.org"
BOT = "WegweiserBot"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(DATA / "places.yml", DATA / "postcodes.yml")


@pytest.fixture(scope="module")
def sites(gazetteer: Gazetteer) -> list[Site]:
    return sites_of([service_from_record(r) for r in load_records(DATA / "services")], gazetteer)


@pytest.fixture(scope="module")
def topics() -> frozenset[str]:
    return frozenset(load(DATA / "articles", DATA / "knowledge").articles)


def read(link: str, gazetteer: Gazetteer, topics: frozenset[str]) -> Start:
    data = parse_qs(urlsplit(link).query).get("start", [""])[0]
    assert len(data) <= MOST
    return read_start(data, frozenset(languages()), frozenset(gazetteer.places), topics)


def test_every_site_is_read_back_with_any_topic(
    sites: list[Site], gazetteer: Gazetteer, topics: frozenset[str]
) -> None:
    refused = set()
    for site in sites:
        for topic in ("", "doctor", "german_course", max(topics, key=len)):
            target = Target(site.place, topic, "ckb", site.campaign)
            try:
                (found,) = fitted([target])
            except LinkError:
                refused.add((site.place, topic))
                continue
            assert read(telegram_link(found, BOT), gazetteer, topics) == found.start
            assert site.campaign.startswith(found.campaign) and len(found.campaign) >= 2
            assert (found.place, found.topic, found.language) == (site.place, topic, "ckb")
    # Without a topic every site has its link; with the longest only the longest names of places have none.
    assert {place for place, topic in refused if topic != max(topics, key=len)} <= {
        "landkreis-saechsische-schweiz-osterzgebirge"
    }
    assert "" not in {topic for _, topic in refused}


def test_the_web_link_carries_the_same() -> None:
    link = web_link(Target("leipzig", "german_course", "ar", "vhs-leipzig"), URL + "/")
    assert link.startswith(URL + "/?")
    assert parse_qs(urlsplit(link).query) == {
        "lang": ["ar"], "topic": ["german_course"], "place": ["leipzig"], "c": ["vhs-leipzig"],
    }  # fmt: skip
    assert web_link(Target(), URL) == URL + "/"
    assert telegram_link(Target(), BOT) == f"https://t.me/{BOT}"


def test_all_links_of_a_sheet_have_one_campaign() -> None:
    targets = [Target("duerrroehrsdorf-dittersbach", "forced_marriage_trafficking", x, "a" * 20) for x in ("ckb", "de")]
    with pytest.raises(LinkError, match="leave the topic out"):
        fitted(targets)
    found = fitted([Target("markkleeberg", "forced_marriage_trafficking", x, "b" * 20) for x in ("ckb", "de")])
    assert found[0].campaign == found[1].campaign != "b" * 20
    assert [len(t.start.data) for t in found] == [MOST, MOST - 1]
    assert fitted([]) == []


@pytest.mark.parametrize("campaign", ["Großes Fest", "a" * 21, "x_y", "-a", "a\nb", "&topic=x"])
def test_a_campaign_is_a_short_name(campaign: str) -> None:
    target = Target("leipzig", "", "ar", campaign)
    for make in (lambda: fitted([target]), lambda: web_link(target, URL), lambda: telegram_link(target, BOT)):
        with pytest.raises(LinkError, match="campaign is up to 20"):
            make()


def test_what_is_not_set_up_has_no_link() -> None:
    with pytest.raises(LinkError, match="WEGWEISER_PUBLIC_URL"):
        web_link(Target("leipzig"), "")
    with pytest.raises(LinkError, match="WEGWEISER_TELEGRAM_NAME"):
        telegram_link(Target("leipzig"), "")
    with pytest.raises(LinkError, match="no link can be made"):
        share_text(Target("leipzig"), "German courses", "Ask here.")


def test_the_text_to_forward_ends_with_the_links() -> None:
    target = Target("leipzig", "german_course", "ar", "inline")
    text = share_text(target, "دورات", "اسألوا هنا.", URL, BOT)
    assert text.split("\n") == ["دورات", "اسألوا هنا.", web_link(target, URL), telegram_link(target, BOT)]
    assert share_text(target, "دورات", "", bot_name=BOT).split("\n") == ["دورات", telegram_link(target, BOT)]


def test_people_type_the_short_address() -> None:
    assert short_address("https://wegweiser.example.org/") == "wegweiser.example.org"
    assert short_address("http://127.0.0.1:5005/hilfe") == "127.0.0.1:5005/hilfe"


def test_every_site_has_a_campaign_and_a_place_of_its_own(sites: list[Site], gazetteer: Gazetteer) -> None:
    assert len({site.campaign for site in sites}) == len({site.id for site in sites}) == len(sites) > 700
    assert all(gazetteer.get(site.place) for site in sites)
    towns = {p.id for p in gazetteer.places.values() if p.kind in ("city", "municipality")}
    assert {f"place:{town}" for town in towns} <= {site.id for site in sites}


def test_no_poster_names_a_hidden_address(sites: list[Site]) -> None:
    records = [service_from_record(r) for r in load_records(DATA / "services")]
    hidden = {r.id for r in records if r.kind in ("womens_shelter", "mens_shelter", "trafficking_counselling")}
    assert len(hidden) > 10
    assert not hidden & {site.id for site in sites}


def test_inline_mode_offers_the_link_too(gazetteer: Gazetteer) -> None:
    from types import SimpleNamespace
    from typing import Any

    from bot.channels.telegram.inline import results
    from bot.settings import Settings
    from bot.speech.catalogue import Catalogue
    from bot.speech.reply import Card, Reply
    from bot.wiring import _share

    knowledge = load(DATA / "articles", DATA / "knowledge")
    resources = SimpleNamespace(knowledge=knowledge, gazetteer=gazetteer)
    agent: Any = SimpleNamespace(resources=resources, nlg=SimpleNamespace(catalogue=Catalogue.load(ROOT / "locales")))
    share = _share(Settings(public_url=URL, telegram_name=BOT), agent)
    reply = Reply("Kurse.", "de", "ltr", cards=[Card("a", "VHS")], topic="german_course", place="Leipzig")
    text = share(reply)
    target = Target("leipzig", "german_course", "de", "inline")
    assert text.split("\n")[-2:] == [web_link(target, URL), telegram_link(target, BOT)]
    assert [row.title for row in results(reply, text)] == ["Kurse.", text.split("\n")[0], "VHS"]
    assert results(reply, text)[1].input_message_content.message_text == text  # type: ignore[union-attr]
    for topic in ("", "emergency_violence", "no_topic"):
        assert share(Reply("x", "de", "ltr", topic=topic)) == ""
    assert _share(Settings(), agent)(reply) == ""
    assert [row.title for row in results(reply)] == ["Kurse.", "VHS"]
