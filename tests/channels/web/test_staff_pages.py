"""The staff pages over real HTTP: posters, report, link, call-backs, review; what is off, wrong or hostile."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest

from bot.channels.web.staff import page as staff_page
from bot.channels.web.staff.book import Goal, Named, Sheet, Unable
from bot.channels.web.staff.page import inside
from bot.channels.web.staff.wishes import found
from tests.fakes.staff_server import SITES, Browser, StaffServer, serve_staff, token_of

POSTER = "site=ea-leipzig&language=ar&language=de&topic=doctor&format=a4&campaign=test-1"


@pytest.fixture(scope="module")
def server() -> Iterator[StaffServer]:
    with serve_staff() as running:
        yield running


@pytest.fixture(scope="module")
def login(server: StaffServer) -> Browser:
    return server.staff()


@pytest.fixture
def staff(server: StaffServer, login: Browser) -> Browser:
    server.office.__init__()  # type: ignore[misc]
    return login


def test_the_overview_leads_to_all_parts(staff: Browser) -> None:
    text = staff.get("/staff").text
    for part in ("posters", "link", "report", "callbacks", "review"):
        assert f'<a href="/staff/{part}">' in text
        assert staff.get(f"/staff/{part}").status_code == 200
    assert staff.get("/staff/").headers["location"] == "/staff"
    assert staff.head("/staff").status_code == 200


@pytest.mark.parametrize(
    ("part", "off"),
    [
        *(("posters", {"poster": None}), ("report", {"report": None}), ("link", {"link": None})),
        *(("callbacks", {"callbacks": None}), ("review", {"queue": None})),
    ],
)
def test_a_part_that_is_off_says_so(part: str, off: dict[str, None]) -> None:
    with serve_staff(book={**off, "notes": {part: "Es fehlt die Einstellung X."}}) as server:
        staff = server.staff()
        answer = staff.get(f"/staff/{part}")
        assert answer.status_code == 404
        assert "nicht eingeschaltet" in answer.text and "Es fehlt die Einstellung X." in answer.text
        overview = staff.get("/staff").text
        assert f'href="/staff/{part}"' not in overview and "Es fehlt die Einstellung X." in overview
        for below in (
            "/staff/posters/pdf?" + POSTER,
            "/staff/report/2026-10.csv",
            "/staff/link/qr?topic=doctor&to=web",
        ):
            if below.startswith(f"/staff/{part}"):
                assert staff.get(below).status_code == 404


# Posters


@pytest.mark.parametrize("site", ["ea-leipzig", "Erstaufnahme Leipzig-Mockau", "erstaufnahme mockau", "MOCKAU"])
def test_a_poster(server: StaffServer, staff: Browser, site: str) -> None:
    answer = staff.get("/staff/posters/pdf?" + POSTER.replace("ea-leipzig", site))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="plakat-ea-leipzig.pdf"'
    assert server.office.sheets == [(Sheet("ea-leipzig", ("doctor",), ("ar", "de"), "a4", "test-1"), "pdf")]


def test_a_preview_may_be_styled_and_run_nothing(server: StaffServer, staff: Browser) -> None:
    answer = staff.get("/staff/posters/html?" + POSTER)
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-disposition"].startswith("inline")
    policy = answer.headers["content-security-policy"]
    assert (
        "script-src" not in policy and "default-src 'none'" in policy and "style-src 'self' 'unsafe-inline'" in policy
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Bitte füllen Sie das Formular aus."),
        ("language=ar&format=a4", "Bitte geben Sie den Standort an."),
        ("site=Rathaus&language=ar&format=a4", "Wir kennen den Standort „Rathaus“ nicht."),
        ("site=Erstaufnahme&language=ar&format=a4", "Mehrere passen."),
        ("site=vhs&format=a4", "eine bis 6 Sprachen"),
        ("site=vhs&language=xx&format=a4", "Was bei „Sprache“ gewählt ist, gibt es nicht."),
        ("site=vhs&language=ar", "Bitte wählen Sie ein Format."),
        ("site=vhs&language=ar&format=a0", "Was bei „Format“ gewählt ist, gibt es nicht."),
        ("site=vhs&language=ar&format=a4&topic=nothing", "Was bei „Thema“ gewählt ist, gibt es nicht."),
        ("site=vhs&language=ar&format=a4&campaign=Zu+viel%21", "Eine Kampagne hat höchstens"),
        ("site=%3Cscript%3E&language=ar&format=a4", "„&lt;script&gt;“"),
        ("site=" + "x" * 2000 + "&language=ar&format=a4", "Wir kennen den Standort"),
        ("site=%00%FF&language=ar&format=a4", "Wir kennen den Standort"),
    ],
)
def test_a_poster_that_cannot_be_made(server: StaffServer, staff: Browser, query: str, said: str) -> None:
    answer = staff.get("/staff/posters/pdf?" + query)
    assert answer.status_code == 400
    assert said in answer.text
    assert "<script>" not in answer.text
    assert server.office.sheets == []
    if "language=ar" in query:
        assert 'value="ar" checked' in answer.text, "what was chosen stays"


def test_sites_to_choose_from(staff: Browser) -> None:
    text = staff.get("/staff/posters/pdf?site=Erstaufnahme&language=ar&format=a4").text
    assert "<li>Erstaufnahme Dresden, Hamburger Straße</li>" in text
    assert "Volkshochschule Leipzig</li>" not in text


def test_finding() -> None:
    assert found("leipzig", SITES) == [SITES[1], SITES[2]]
    assert found("  volkshochschule ", SITES) == [SITES[2]]
    assert found("VHS", SITES) == [SITES[2]], "an id"
    assert found("", SITES) == []
    rows = [Named("a", "Bad Muskau"), Named("b", "Muskau"), Named("c", "Muskau-Süd")]
    assert found("muskau", rows) == [rows[1]], "the whole name goes before parts of others"
    assert found("musk", rows) == [rows[1], rows[2], rows[0]]


@pytest.mark.parametrize(
    ("failure", "status", "said"),
    [
        (Unable("Kein Platz für so viele Themen."), 400, "Kein Platz"),
        (RuntimeError("/secret/path"), 500, "liegt bei uns"),
    ],
)
def test_a_poster_that_fails(server: StaffServer, staff: Browser, failure: Exception, status: int, said: str) -> None:
    server.office.failure = failure
    answer = staff.get("/staff/posters/pdf?" + POSTER)
    assert answer.status_code == status and said in answer.text and "/secret/path" not in answer.text


def test_posters_queue_and_do_not_stop_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(sheet: Sheet, kind: str) -> None:
        begun.set()
        assert go.wait(20)
        raise Unable("genug")

    monkeypatch.setattr(staff_page, "_PATIENCE", 0.2)
    with serve_staff(book={"poster": slow}) as server:
        staff = server.staff()
        codes = [staff.get("/staff/posters/pdf?" + POSTER).status_code for _ in range(8)]
        assert begun.is_set() and codes == [503] * 8
        assert staff.get("/staff/callbacks").status_code == 200
        go.set()


# Report


def test_the_months(staff: Browser) -> None:
    text = staff.get("/staff/report").text
    assert text.index("Oktober 2026") < text.index("September 2026"), "the newest first"


@pytest.mark.parametrize("kind", ["html", "csv", "trend.csv", "json"])
def test_a_report(staff: Browser, kind: str) -> None:
    answer = staff.get(f"/staff/report/2026-10.{kind}")
    assert (answer.status_code, answer.text) == (200, f"{kind} 2026-10")
    saved = answer.headers["content-disposition"].startswith("attachment")
    assert saved is (kind != "html")


@pytest.mark.parametrize("name", ["2026-08.csv", "2026-13.csv", "2026-10.exe", "2026-10", "..%2f..%2fetc", "x" * 500])
def test_no_report(staff: Browser, name: str) -> None:
    assert staff.get(f"/staff/report/{name}").status_code == 404


def test_no_numbers_yet() -> None:
    with serve_staff(book={"months": list}) as server:
        assert "noch keine Zahlen eines ganzen Monats" in server.staff().get("/staff/report").text


# Link


def test_a_link_with_its_code(staff: Browser) -> None:
    answer = staff.get("/staff/link?topic=doctor&place=Leipzig&language=ar&campaign=schalter-3")
    assert answer.status_code == 200
    assert "https://w.example/?topic=doctor&amp;place=leipzig" in answer.text
    assert "Fragen zu doctor &lt;hier&gt;" in answer.text
    code = staff.get("/staff/link/qr?to=web&topic=doctor&place=Leipzig&language=ar&campaign=schalter-3")
    assert code.headers["content-type"] == "image/svg+xml" and code.text.startswith("<svg")
    assert f'src="{code.request.url.raw_path.decode()}"'.replace("&", "&amp;") in answer.text
    saved = staff.get("/staff/link/qr?to=web&save=1&topic=doctor&place=Leipzig&language=ar")
    assert saved.headers["content-disposition"] == 'attachment; filename="qr-web-doctor-leipzig-ar.svg"'
    assert staff.get("/staff/link/qr?to=telegram&topic=doctor").status_code == 404, "there is none"


@pytest.mark.parametrize(
    "query", ["topic=x", "language=x", "place=Nirgendwo", "campaign=%C3%BC", "topic=doctor&campaign=zu-lang"]
)
def test_a_link_that_cannot_be_made(staff: Browser, query: str) -> None:
    answer = staff.get("/staff/link?" + query)
    assert answer.status_code == 400 and 'role="alert"' in answer.text and "Ihr Link" not in answer.text


def test_one_field_is_enough(server: StaffServer) -> None:
    asked: list[Goal] = []

    def link(goal: Goal) -> None:
        asked.append(goal)
        raise Unable("x")

    with serve_staff(book={"link": link}) as running:
        running.staff().get("/staff/link?topic=doctor&place=&language=&campaign=")
    assert asked == [Goal("", "doctor", "", "")]


# Call-backs and review


def test_call_backs(server: StaffServer, staff: Browser) -> None:
    page = staff.get("/staff/callbacks")
    assert '<a href="tel:03411234567" dir="ltr">0341 1234567</a>' in page.text
    assert "&lt;b&gt;Wohnung&lt;/b&gt;" in page.text
    done = staff.post("/staff/callbacks", data={"token": token_of(page.text), "id": "c1"})
    assert "erledigt" in done.text and "1234567" not in done.text
    again = staff.post("/staff/callbacks", data={"token": token_of(page.text), "id": "c1"})
    assert "gibt es nicht mehr" in again.text
    assert [row.id for row in server.office.waiting] == ["c2"]
    assert staff.get("/staff/callbacks?id=c2").status_code == 200 and len(server.office.waiting) == 1


def test_no_number_stands_in_an_address(staff: Browser) -> None:
    text = staff.get("/staff/callbacks").text
    assert all("1234567" not in part.partition('"')[0] for part in text.split('href="/')[1:])


def test_the_queue_in_numbers(staff: Browser) -> None:
    text = staff.get("/staff/review").text
    assert "Es warten: 12" in text and '<th scope="row">Arabisch</th><td class="n">7</td>' in text


# Everything


@pytest.mark.parametrize("path", ["/staff/nothing", "/staff/a/b/c", "/staff/posters/exe", "/staff/%2e%2e/x"])
def test_what_is_not_there(staff: Browser, path: str) -> None:
    answer = staff.get(path)
    assert answer.status_code == 404 and "Diese Seite gibt es nicht." in answer.text


@pytest.mark.parametrize(
    "path", ["/staff", "/staff/posters", "/staff/report/2026-10.csv", "/staff/link/qr", "/staff/review"]
)
def test_methods(staff: Browser, path: str) -> None:
    assert staff.post(path, data={}).status_code == 405
    assert staff.delete(path).status_code == 405
    assert staff.options(path).status_code == 405


def test_the_style_is_there_for_everybody(server: StaffServer) -> None:
    answer = httpx.get(f"{server.url}/staff/staff.css")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/css")


def test_addresses_within() -> None:
    for path in ("/staff", "/staff/link", "/staff/report/2026-10.csv", "/staff/link?topic=a&place=B%C3%B6hlen+x"):
        assert inside(path)
    for path in ("/staff/../m", "/staff//x", "//staff", "/staff/link?next=https://x", "/staff/link#x", "/staff\n"):
        assert not inside(path)
