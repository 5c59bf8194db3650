"""Posters as they are printed: every code is read by zbarimg, every page measured by poppler, every letter has a glyph."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont

from actions.follow_up import MAIN_TOPICS
from actions.knowledge.loader import load, read_rows
from bot.cli import main as wegweiser
from bot.languages import languages
from bot.settings import ROOT, Settings
from bot.speech.catalogue import Catalogue
from bot.speech.interface import strings
from bot.staff.links import telegram_link, web_link
from bot.staff.posters import layout
from bot.staff.posters.numbers import NUMBERS, numbers
from bot.staff.posters.order import Order, OrderError
from bot.staff.posters.sheet import pictograms_of_topics
from bot.staff.posters.studio import Studio

URL, BOT = "https://wegweiser.sachsen.example", "WegweiserSachsenBot"
SETTINGS = Settings(public_url=URL, telegram_name=BOT)
SCHNEEBERG, CHEMNITZ = "aufnahmeeinrichtung-schneeberg", "aufnahmeeinrichtung-chemnitz"
DRESDEN, LEIPZIG = "aufnahmeeinrichtung-dresden-stauffenbergallee", "notunterkunft-ukraine-leipzig"
SIX = ("ar", "fa", "ti", "uk", "ku", "de")
OTHERS = ("en", "ps", "ru", "tr", "es", "fr")
NOTO = Path("/usr/share/fonts/truetype/noto")
FONTS = {"Arabic": "NotoSansArabic", "Ethiopic": "NotoSansEthiopic"}
# Site, languages, format, topics (None: the main areas), channel.
SHEETS: list[tuple[str, tuple[str, ...], str, tuple[str, ...] | None, str]] = [
    (SCHNEEBERG, SIX, "a4", None, "both"),
    (CHEMNITZ, OTHERS, "a4", None, "both"),
    (DRESDEN, ("fa",), "a4", ("german_course",), "both"),
    (LEIPZIG, ("uk", "de"), "a5", None, "both"),
    (LEIPZIG, SIX, "a5", ("doctor",), "web"),
    (CHEMNITZ, SIX, "a6", None, "both"),
    (DRESDEN, ("ti",), "a6", (), "telegram"),
    (SCHNEEBERG, ("ar", "ps", "de"), "strips", None, "both"),
    (LEIPZIG, SIX, "strips", ("ukraine_protection",), "both"),
    (DRESDEN, SIX, "wallet", None, "both"),
    (CHEMNITZ, ("ps", "ru"), "wallet", (), "web"),
    ("place:duerrroehrsdorf-dittersbach", ("ar", "uk", "de"), "a4", (), "both"),
]


class Longer(Catalogue):
    """The same sentences, 1.6 times as long."""

    def text(self, msgid: str, language: str) -> tuple[str, str]:
        text, found = super().text(msgid, language)
        words = text.split()
        return " ".join([*words, *(words * 2)[: -(-len(words) * 6 // 10)]]), found


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(ROOT / "locales")


@pytest.fixture(scope="module")
def studio(catalogue: Catalogue) -> Studio:
    return Studio.load(SETTINGS, catalogue, MAIN_TOPICS)


@pytest.fixture(scope="module")
def longer(catalogue: Catalogue) -> Studio:
    return Studio.load(SETTINGS, Longer(catalogue._texts), MAIN_TOPICS)


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def codes_of(pdf: Path, folder: Path) -> Counter[str]:
    """What the codes of a sheet say, read from the printed picture at two resolutions.

    Among two dozen codes zbar overlooks some at the one or the other, whichever their size.
    """
    found: Counter[str] = Counter()
    for dots in ("200", "400"):
        run("pdftoppm", "-r", dots, "-gray", "-png", "-singlefile", str(pdf), str(folder / "sheet"))
        read = run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(folder / "sheet.png"))
        found |= Counter(read.splitlines())
    return found


def expected(order: Order) -> Counter[str]:
    links = []
    for language in order.languages:
        target = order.target(language)
        both = {"telegram": telegram_link(target, BOT), "web": web_link(target, URL)}
        links.append([link for kind, link in both.items() if order.channel in (kind, "both")])
    size = layout.sizes(order.format, len(links), len(links[0]), bool(order.topics))
    found: Counter[str] = Counter()
    pieces = {"strips": layout.STRIPS, "wallet": layout.CARDS}.get(order.format, 0)
    for number in range(pieces):
        found.update(links[number % len(links)])
    if order.format != "wallet" and size.code:
        for row in links:
            found.update(row)
    return found


def words_of(pdf: Path) -> list[tuple[str, float, float, float, float]]:
    """Every word with left, top, right and bottom in points."""
    page = ElementTree.fromstring(run("pdftotext", "-bbox", str(pdf), "-"))
    name = "{http://www.w3.org/1999/xhtml}word"
    sides = ("xMin", "yMin", "xMax", "yMax")
    return [(w.text or "", *(float(w.get(s, "nan")) for s in sides)) for w in page.iter(name)]  # type: ignore[misc]


def check_page(pdf: Path, order: Order) -> None:
    """One page of the right size, everything on it, no words over others."""
    facts = dict(line.split(":", 1) for line in run("pdfinfo", str(pdf)).splitlines())
    page = layout.PAGES[order.format]
    assert facts["Pages"].strip() == "1"
    width, height = (float(n) * 25.4 / 72 for n in re.findall(r"[\d.]+", facts["Page size"])[:2])
    assert (round(width), round(height)) == (page.width, page.height)
    words = words_of(pdf)
    assert len(words) > 20
    across, down = page.width / 25.4 * 72, page.height / 25.4 * 72
    for text, left, top, right, bottom in words:
        assert 0 < left <= right < across and 0 < top < bottom < down, text
    over = []
    if order.format == "strips":  # the turned words have boxes that are not turned
        edge = (page.height - page.margin - layout.TALL) / 25.4 * 72
        words = [word for word in words if word[2] < edge]
    for (one, *a), (two, *b) in combinations(words, 2):
        # the upper and lower quarter of a line may be the empty part of its neighbour
        heights = [(s[3] - s[1]) / 4 for s in (a, b)]
        wide = min(a[2], b[2]) - max(a[0], b[0])
        tall = min(a[3] - heights[0], b[3] - heights[1]) - max(a[1] + heights[0], b[1] + heights[1])
        if wide > 1 and tall > 1:
            over.append((one, two))
    assert over == []


def check_fonts(pdf: Path) -> None:
    """Only our families are used, and all are in the file."""
    rows = run("pdffonts", str(pdf)).splitlines()[2:]
    assert rows
    for row in rows:
        name = row.split()[0].partition("+")[2]
        assert name.startswith(("Noto-Sans", "NotoSans")), row
        assert row.split()[-5] == "yes", f"not embedded: {row}"


@pytest.mark.parametrize(("site", "chosen", "format", "topics", "channel"), SHEETS)
def test_a_sheet_is_printed_and_read(
    studio: Studio,
    site: str,
    chosen: tuple[str, ...],
    format: str,
    topics: tuple[str, ...] | None,
    channel: str,
    tmp_path: Path,
) -> None:
    order = studio.order(site, chosen, format, topics, channel)
    pdf = tmp_path / "sheet.pdf"
    pdf.write_bytes(studio.pdf(order))
    check_page(pdf, order)
    check_fonts(pdf)
    wanted = expected(order)
    assert len(wanted) == len(chosen) * (2 if channel == "both" else 1)
    assert codes_of(pdf, tmp_path) == wanted


@pytest.mark.parametrize("format", layout.PAGES)
def test_texts_much_longer_than_ours_still_fit(longer: Studio, format: str, tmp_path: Path) -> None:
    order = longer.order("iks-saechsische-schweiz-freital", ("de", "uk", "fr", "ar", "ti", "es"), format)
    pdf = tmp_path / "sheet.pdf"
    pdf.write_bytes(longer.pdf(order))
    check_page(pdf, order)


@pytest.mark.parametrize("format", layout.PAGES)
@pytest.mark.parametrize("channel", ["both", "web"])
def test_codes_are_large_enough_to_be_scanned(format: str, channel: str) -> None:
    """Millimetres without the white border; the codes of our longest links have 49 modules and 8 of border."""
    count = 2 if channel == "both" else 1
    for languages_ in range(1, 7):
        for topics in (True, False):
            code = layout.sizes(format, languages_, count, topics).code * 41 / 49
            if format == "a4":
                assert code >= 25
            elif format in ("a5", "a6"):
                assert code >= {"a5": 17, "a6": 10}[format]
            else:
                assert format == "wallet" or code == 0 or code >= 25


def test_one_topic_is_in_the_codes_and_several_are_not(studio: Studio) -> None:
    assert studio.order(DRESDEN, ["fa"], "a4", ["doctor"]).target("fa").topic == "doctor"
    assert studio.order(DRESDEN, ["fa"], "a4", ["doctor", "find_job"]).target("fa").topic == ""
    assert studio.order(DRESDEN, ["fa"], "a4").topics == MAIN_TOPICS


@pytest.mark.parametrize("code", [code for code, language in languages().items() if language.trained])
def test_the_fonts_have_every_letter(studio: Studio, code: str) -> None:
    """Everything a sheet can say in a language is in the family that the sheet names for it, or in Noto Sans."""
    words = studio._words
    keys = [key for key in strings("staff") if key != "staff_share"]
    said = [words.say(key, code) for key in keys] + [words.title(t, code) for t in pictograms_of_topics()]
    said += [words.checked(stamp, code) for stamp in ("2026", "2026-03", "2026-05-18")]
    for sentence in said:
        script = languages()[sentence.lang].script
        covered = glyphs(FONTS.get(script, "NotoSans")) | glyphs("NotoSans")
        letters = {c for c in sentence.text if not c.isspace() and unicodedata.category(c) != "Cf"}
        assert not letters - covered, (sentence, letters - covered)
    assert {c for c in languages()[code].endonym if not c.isspace()} <= glyphs(
        FONTS.get(languages()[code].script, "NotoSans")
    ) | glyphs("NotoSans")


def test_letters_of_pashto_kurmanji_and_tigrinya_have_glyphs() -> None:
    assert {*map(ord, "ټډړږښڼڅځېۍپچژگ")} <= {*map(ord, glyphs("NotoSansArabic"))}
    assert {*"êîûçşÊÎÛÇŞıİğĞ"} | {*"їієґЇІЄҐёъыэ"} <= glyphs("NotoSans")
    assert {*"ትግርኛቐኸዀዅጐ።፡፦"} <= glyphs("NotoSansEthiopic")


@lru_cache
def glyphs(family: str) -> frozenset[str]:
    """Letters that both weights of a family have."""
    weights = [TTFont(NOTO / f"{family}-{weight}.ttf").getBestCmap() for weight in ("Regular", "Bold")]
    return frozenset(chr(c) for c in weights[0].keys() & weights[1].keys())


def test_a_block_is_in_one_language_and_its_direction(studio: Studio, catalogue: Catalogue) -> None:
    missing = Catalogue({**catalogue._texts, "ar": {}})
    html = Studio.load(SETTINGS, missing, ()).html(studio.order(DRESDEN, ["ar", "de"], "a5", []))
    assert '<p class="headline ltr" lang="en" dir="ltr">Questions? Ask here.</p>' in html
    assert 'lang="ar" dir="rtl">العربية</p>' in html
    assert "In your own language" in html


def test_the_page_needs_nothing_from_elsewhere(studio: Studio) -> None:
    html = studio.html(studio.order(SCHNEEBERG, SIX, "strips"))
    assert not re.search(r"(src|href|url|@import)\s*[=(]", html.replace('xmlns="http://www.w3.org/2000/svg"', ""))
    assert "<script" not in html and "Erstaufnahmeeinrichtung Schneeberg" in html


@pytest.mark.parametrize("format", ["a4", "strips", "wallet"])
def test_a_name_that_an_editor_was_fooled_into_stays_a_name(studio: Studio, format: str) -> None:
    order = studio.order(DRESDEN, ["ar", "de"], format)
    name = '</p><script src=//x.de></script>" onload="x() {{ 7 * 7 }} \u202egnal'
    html = studio.html(replace(order, site=replace(order.site, name=name)))
    assert "<script" not in html and 'onload="' not in html
    assert "&lt;script src=//x.de&gt;" in html and "{{ 7 * 7 }}" in html


def test_every_topic_but_crises_has_a_pictogram() -> None:
    data = ROOT / "data"
    crises = {row["topic"] for row in read_rows(data / "articles" / "crisis.yml", "articles")}
    known = set(load(data / "articles", data / "knowledge").articles)
    assert set(pictograms_of_topics()) == known - crises
    for name in set(pictograms_of_topics().values()):
        assert (ROOT / "bot" / "staff" / "posters" / "pictograms" / f"{name}.svg").exists()


def test_the_numbers_are_those_of_the_directory(studio: Studio) -> None:
    from datetime import date

    found = numbers(studio._services, date(2026, 11, 29))
    assert [n.number for n in found] == [
        "112", "110", "116 117", "0361 730730", "116 016", "116 111", "0800 1110111",
    ]  # fmt: skip
    assert {n.key for n in found} == set(NUMBERS.values()) <= set(strings("staff"))
    assert [n.seen for n in found if not n.seen] == [""], "only 116 117 has sources without a date"
    later = {n.number for n in numbers(studio._services, date(2034, 1, 1))}
    assert {"112", "110"} <= later and "116 016" not in later, "old numbers are left out, the lasting ones stay"


WRONG: list[tuple[dict[str, object], str]] = [
    ({"site": "Schneeberg"}, "aufnahmeeinrichtung-schneeberg"),
    ({"site": "\x1b[31m" + "x" * 9000}, "there is no site '.{60,80}…'"),
    ({"languages": []}, "at least one language"),
    ({"languages": ["ar", "xx"]}, "'xx' is no language"),
    ({"languages": ["ckb"]}, "'ckb' is no language that is answered"),
    ({"languages": [*SIX, "en"]}, "at most 6 languages"),
    ({"topics": ["cooking"]}, "no topic 'cooking'"),
    ({"topics": ["emergency_medical"]}, "no topic"),
    ({"topics": list(pictograms_of_topics())[:9]}, "at most 8 topics"),
    ({"format": "a3"}, "the format must be one of a4, a5"),
    ({"channel": "fax"}, "the channel must be one of"),
    ({"campaign": "Großes Fest"}, "a campaign is up to 20"),
    ({"site": "place:landkreis-saechsische-schweiz-osterzgebirge", "topics": ["doctor"]}, "leave the topic out"),
]


@pytest.mark.parametrize(("wish", "said"), WRONG)
def test_a_wrong_wish_is_explained(studio: Studio, wish: dict[str, object], said: str) -> None:
    given: dict[str, object] = {"site": DRESDEN, "languages": ["ar"], **wish}
    with pytest.raises(OrderError, match=said) as caught:
        studio.order(**given)  # type: ignore[arg-type]
    for text in (str(caught.value), caught.value.german):
        assert 10 < len(text) < 600 and text.isprintable()


def test_without_any_address_nothing_is_printed(catalogue: Catalogue) -> None:
    nowhere = Studio.load(Settings(), catalogue, ())
    with pytest.raises(OrderError, match="set WEGWEISER_PUBLIC_URL or WEGWEISER_TELEGRAM_NAME"):
        nowhere.order(DRESDEN, ["ar"])
    web = Studio.load(Settings(public_url=URL), catalogue, ())
    with pytest.raises(OrderError, match="set WEGWEISER_TELEGRAM_NAME"):
        web.order(DRESDEN, ["ar"], channel="telegram")
    html = web.html(web.order(DRESDEN, ["ar"], topics=[]))
    assert "wegweiser.sachsen.example" in html and "t.me" not in html and html.count('class="square"') == 1


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.setenv("WEGWEISER_PUBLIC_URL", URL)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = wegweiser(["poster", *arguments])
        return (code, *capsys.readouterr())

    return call


def test_the_command_writes_a_file(command: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    out = tmp_path / "plakat.pdf"
    code, said, _ = command("--site", CHEMNITZ, "--languages", "ar, de", "--format", "a5", "--out", str(out))
    assert code == 0 and out.read_bytes().startswith(b"%PDF") and "campaign aufnahmeein-chemnitz" in said
    page = tmp_path / "plakat.HTML"
    code, _, _ = command(
        "--site", CHEMNITZ, "--languages", "ti", "--topics", "", "--campaign", "x1", "--out", str(page)
    )
    assert code == 0 and "Kennung x1" in page.read_text(encoding="utf-8")


def test_the_command_lists_sites(command: Callable[..., tuple[int, str, str]]) -> None:
    code, said, _ = command("--list-sites")
    assert code == 0
    assert {f"{SCHNEEBERG} Erstaufnahmeeinrichtung Schneeberg", "place:plauen Plauen"} <= set(said.splitlines())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "--site is missing"),
        (("--site", CHEMNITZ, "--languages", "ar"), 2, "--out is missing"),
        (("--site", CHEMNITZ, "--languages", "ar", "--out", "x.doc"), 2, "must end in .pdf or .html"),
        (("--site", "Chemnits", "--languages", "ar", "--out", "x.pdf"), 2, "near to it: "),
        (
            ("--site", CHEMNITZ, "--languages", "ar", "--topics", "", "--out", "/proc/none/x.html"),
            1,
            "cannot be written",
        ),
    ],
)
def test_the_command_explains(
    command: Callable[..., tuple[int, str, str]], arguments: tuple[str, ...], code: int, said: str
) -> None:
    found, out, problem = command(*arguments)
    assert (found, out) == (code, "") and said in problem and problem.count("\n") == 1
