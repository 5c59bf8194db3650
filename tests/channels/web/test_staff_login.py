"""The way into the staff pages over real HTTP: password, proxy header, sessions, forms, floods."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from bot.channels.web.staff import entrance, sessions
from bot.channels.web.staff.password import PasswordError, check_hash, make_hash, matches
from bot.channels.web.staff.routes import WRONG
from bot.channels.web.staff.sessions import MOST, Sessions
from tests.fakes.staff_server import PASSWORD, SECRET, StaffServer, hashed, serve_staff, token_of

PAGES = (
    *("/staff", "/staff/posters", "/staff/posters/pdf?site=vhs", "/staff/report", "/staff/report/2026-10.csv"),
    *("/staff/link", "/staff/link/qr?topic=doctor&to=web", "/staff/callbacks", "/staff/review", "/staff/nothing"),
)


@pytest.fixture
def server() -> Iterator[StaffServer]:
    """A server of its own for each test: tries are counted."""
    with serve_staff() as running:
        yield running


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_anything_without_a_login(server: StaffServer, path: str) -> None:
    answer = server.browser().get(path)
    assert (answer.status_code, answer.content) == (303, b"")
    assert answer.headers["location"].startswith("/staff/login")
    assert server.office.sheets == []


def test_the_password_lets_in_and_back_to_the_page(server: StaffServer) -> None:
    browser = server.browser()
    there = browser.get("/staff/link?topic=doctor&language=ar").headers["location"]
    form = browser.get(there)
    wanted = re.search(r'name="next" value="([^"]*)"', form.text)
    assert wanted is not None
    fields = {"token": token_of(form.text), "next": wanted[1].replace("&amp;", "&"), "password": PASSWORD}
    answer = browser.post("/staff/login", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/link?topic=doctor&language=ar")
    assert browser.get("/staff").status_code == 200
    assert browser.get("/staff/login").headers["location"] == "/staff"


def test_the_password_in_another_form_of_unicode(server: StaffServer) -> None:
    assert server.browser().log_in(PASSWORD.replace("ü", "u\u0308")).status_code == 303


def test_the_cookie(server: StaffServer) -> None:
    answer = server.browser().log_in()
    session, form = answer.headers.get_list("set-cookie")
    assert session.startswith("wegweiser_staff=") and form.startswith("wegweiser_staff_form=;")
    assert session.partition(";")[2] == " Path=/staff; Max-Age=28800; HttpOnly; SameSite=Strict"


@pytest.mark.parametrize(
    "path", ["/staff", "/staff/login", "/staff/report/2026-10.html", "/staff/link/qr?topic=doctor&to=web"]
)
def test_headers(server: StaffServer, path: str) -> None:
    headers = server.staff().get(path).headers if path != "/staff/login" else server.browser().get(path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin", "with none a browser would hide the origin of our forms"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "script-src" not in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert "noindex" in headers["x-robots-tag"]
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "password",
    ["", "falsch", PASSWORD + " ", PASSWORD.upper(), "x" * 20_000, "\0", "ÿ" * 300, hashed()],
    ids=["empty", "wrong", "longer", "upper", "huge", "null", "letters", "hash"],
)
def test_all_failures_look_the_same(server: StaffServer, password: str) -> None:
    browser = server.browser()
    answer = browser.log_in(password)
    other = server.browser().log_in("noch eins, das falsch ist")
    assert answer.status_code == other.status_code == 403
    without = [re.sub(r'value="[0-9a-f]{64}"', "", page.text) for page in (answer, other)]
    assert without[0] == without[1]
    assert WRONG in without[0]
    assert browser.get("/staff").status_code == 303


def test_guessing_ends_after_ten_and_looks_the_same(server: StaffServer) -> None:
    browser = server.browser()
    pages = {
        re.sub(r'value="[0-9a-f]{64}"', "", browser.log_in(f"falsches Wort {n}").text)
        for n in range(entrance.WRONG + 2)
    }
    assert len(pages) == 1
    answer = browser.log_in()
    assert answer.status_code == 403, "even the right one"
    assert re.sub(r'value="[0-9a-f]{64}"', "", answer.text) in pages


def test_who_is_logged_in_stays_when_others_guess(server: StaffServer) -> None:
    staff, browser = server.staff(), server.browser()
    for number in range(entrance.WRONG + 1):
        browser.log_in(f"falsches Wort {number}")
    assert staff.get("/staff").status_code == 200


def test_many_addresses_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance, "WRONG_IN_TOTAL", 3)
    with serve_staff(trusted_proxies=("127.0.0.1",)) as server:
        for number in range(3):
            server.browser(**{"X-Forwarded-For": f"203.0.113.{number}"}).log_in("falsches Wort")
        assert server.browser(**{"X-Forwarded-For": "203.0.113.9"}).log_in().status_code == 403


def test_right_passwords_are_not_counted(server: StaffServer) -> None:
    """A whole office comes in the morning, from one address."""
    assert [server.browser().log_in().status_code for _ in range(entrance.WRONG + 5)] == [303] * (entrance.WRONG + 5)


def test_a_flood_of_passwords_leaves_the_server_free(server: StaffServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most two are checked at once, in threads of their own, and the rest is refused at once."""
    at_once, most = 0, 0
    check = matches

    def watched(hash_: str, password: str) -> bool:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        try:
            return check(hash_, password)
        finally:
            at_once -= 1

    monkeypatch.setattr(entrance.passwords, "matches", watched)
    browsers = [server.browser() for _ in range(30)]
    with ThreadPoolExecutor(30) as pool:
        sent = [pool.submit(browser.log_in, "falsches Wort") for browser in browsers]
        healthy = httpx.get(f"{server.url}/staff/staff.css", timeout=20)
        codes = {answer.result().status_code for answer in sent}
    assert codes == {403}
    assert healthy.status_code == 200
    assert 1 <= most <= entrance.AT_ONCE


def test_logging_out_ends_the_session_on_the_server(server: StaffServer) -> None:
    browser = server.staff()
    stolen = browser.cookies["wegweiser_staff"]
    answer = browser.log_out()
    assert answer.status_code == 200
    assert "Max-Age=0" in answer.headers["set-cookie"]
    kept = httpx.get(f"{server.url}/staff", headers={"Cookie": f"wegweiser_staff={stolen}"})
    assert kept.status_code == 303


def test_a_login_begins_a_new_session_and_ends_the_old(server: StaffServer) -> None:
    browser = server.staff()
    old = browser.cookies["wegweiser_staff"]
    other = server.browser()
    token = token_of(other.get("/staff/login").text)
    form = other.cookies["wegweiser_staff_form"]
    planted = {"Cookie": f"wegweiser_staff={old}; wegweiser_staff_form={form}", "Origin": server.url}
    # Who is logged in already is only sent to the overview; the form's token is bound to the session then.
    refused = httpx.post(f"{server.url}/staff/login", data={"token": token, "password": PASSWORD}, headers=planted)
    assert refused.status_code == 403
    assert other.log_in().status_code == 303
    assert other.cookies["wegweiser_staff"] != old


@pytest.mark.parametrize("cookie", ["x", "x.y", ".", "a." + "0" * 64, "ä.ö", '"quoted"', "x" * 5000])
def test_forged_cookies(server: StaffServer, cookie: str) -> None:
    raw = f"wegweiser_staff={cookie}".encode()
    answer = httpx.get(f"{server.url}/staff", headers=[(b"Cookie", raw)])  # type: ignore[list-item]
    assert answer.status_code in (303, 400)


def test_a_strange_cookie_of_somebody_else_does_not_log_out(server: StaffServer) -> None:
    own = server.staff().cookies["wegweiser_staff"]
    cookies = f'app={{"a": [1, 2]}}; bad name=1; wegweiser_staff={own}; last'
    assert httpx.get(f"{server.url}/staff", headers={"Cookie": cookies}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
@pytest.mark.parametrize("path", ["/staff/login", "/staff/logout", "/staff/callbacks"])
def test_forms_of_other_websites(server: StaffServer, path: str, origin: str) -> None:
    browser = server.staff() if path != "/staff/login" else server.browser()
    token = token_of(browser.get("/staff" if path != "/staff/login" else path).text)
    fields = {"token": token, "id": "c1", "password": PASSWORD}
    answer = browser.post(path, data=fields, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "anderen Website" in answer.text
    assert len(server.office.waiting) == 2
    cross = browser.post(path, data=fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert cross.status_code == 403


def test_behind_https() -> None:
    """Cookies are for https only, and forms come from the public address, whatever host the proxy asks for."""
    with serve_staff(public_url="https://w.example") as server:
        browser = server.browser(Origin="https://w.example")
        page = browser.get("/staff/login")
        cookie = page.headers["set-cookie"].partition(";")[0]  # the browser of this test speaks http and would keep it
        fields = {"token": token_of(page.text), "password": PASSWORD}
        answer = browser.post("/staff/login", data=fields, headers={"Cookie": cookie})
        assert answer.status_code == 303
        assert answer.headers.get_list("set-cookie")[0].endswith("; HttpOnly; SameSite=Strict; Secure")


@pytest.mark.parametrize("token", ["", "0" * 64, "ü"])
def test_forms_need_their_token(server: StaffServer, token: str) -> None:
    browser = server.staff()
    assert browser.post("/staff/callbacks", data={"token": token, "id": "c1"}).status_code == 403
    assert len(server.office.waiting) == 2
    assert server.browser().post("/staff/login", data={"token": token, "password": PASSWORD}).status_code == 403


def test_a_token_of_another_session_is_worth_nothing(server: StaffServer) -> None:
    one, other = server.staff(), server.staff()
    token = token_of(other.get("/staff").text)
    assert one.post("/staff/callbacks", data={"token": token, "id": "c1"}).status_code == 403
    assert len(server.office.waiting) == 2


@pytest.mark.parametrize(
    "wanted",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "/staff/../..//evil.example", "javascript:1"),
        *(
            "/staff//evil.example",
            "/staff@evil.example",
            "/staffx",
            "/staff?x=\r\nSet-Cookie: a=b",
            "/m",
            "",
            "/staff/\n",
        ),
    ],
)
def test_a_login_leads_nowhere_else(server: StaffServer, wanted: str) -> None:
    browser = server.browser()
    assert 'name="next" value=""' in browser.get("/staff/login", params={"next": wanted}).text
    answer = browser.log_in(next=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    assert len(answer.headers.get_list("set-cookie")) == 2


def test_without_any_setting_there_is_nothing() -> None:
    with serve_staff(password="") as server:
        browser = server.browser()
        pages = {browser.get(path).text for path in (*PAGES, "/staff/login", "/staff/logout")}
        assert len(pages) == 1, "no page tells more than another"
        assert {browser.get(path).status_code for path in PAGES} == {404}
        assert "wegweiser staff hash" in pages.pop()
        answer = browser.post("/staff/login", data={"password": "", "token": ""})
        assert answer.status_code == 404


# The header of a proxy


def test_a_trusted_proxy_names_who_comes() -> None:
    with serve_staff(password="", header="x-remote-user", trusted_proxies=("127.0.0.0/8",)) as server:
        browser = server.browser(**{"X-Remote-User": "m.muster"})
        page = browser.get("/staff/callbacks")
        assert page.status_code == 200
        assert "m.muster" not in page.text and "set-cookie" not in page.headers
        ended = browser.post("/staff/callbacks", data={"token": token_of(page.text), "id": "c1"})
        assert ended.status_code == 200 and len(server.office.waiting) == 1
        other = server.browser(**{"X-Remote-User": "a.nders"})
        refused = other.post("/staff/callbacks", data={"token": token_of(page.text), "id": "c2"})
        assert refused.status_code == 403
        assert "Anmeldedienst" in server.browser().get("/staff/login").text
        assert "Passwort" not in server.browser().get("/staff/login").text


@pytest.mark.parametrize("name", ["", "(null)", "-", "anonymous", "NULL"])
def test_a_proxy_that_knows_nobody(name: str) -> None:
    with serve_staff(password="", header="x-remote-user", trusted_proxies=("127.0.0.1",)) as server:
        assert server.browser(**{"X-Remote-User": name}).get("/staff").status_code == 303


def test_two_headers_are_none() -> None:
    with serve_staff(password="", header="x-remote-user", trusted_proxies=("127.0.0.1",)) as server:
        headers = [("X-Remote-User", "me"), ("X-Remote-User", "you")]
        assert httpx.get(f"{server.url}/staff", headers=headers).status_code == 303


def test_the_header_of_a_stranger_is_not_believed() -> None:
    """Only the direct peer counts, whatever X-Forwarded-For says."""
    with serve_staff(header="x-remote-user", trusted_proxies=("10.0.0.0/8",)) as server:
        headers = {
            "X-Remote-User": "admin",
            "X-Forwarded-For": "10.0.0.1",
            "Forwarded": "for=10.0.0.1",
            "X-Real-IP": "10.0.0.1",
        }
        assert server.browser(**headers).get("/staff").status_code == 303
    with serve_staff(trusted_proxies=("127.0.0.1",)) as server:
        assert server.browser(**{"X-Remote-User": "admin"}).get("/staff").status_code == 303, "no header is set up"


# Sessions, hashes, logs


@pytest.mark.anyio
async def test_sessions_end_after_eight_hours() -> None:
    now = [0.0]
    found = Sessions(SECRET, "hash", False, lambda: now[0])
    cookie = await found.begin()
    now[0] = 8 * 3600 - 1
    assert await found.find(cookie)
    now[0] += 1
    assert await found.find(cookie) == "" and len(found) == 0


@pytest.mark.anyio
async def test_sessions_are_bounded() -> None:
    found = Sessions(SECRET, "hash", False)
    first = await found.begin()
    for _ in range(MOST):
        await found.begin()
    assert len(found) == MOST
    assert await found.find(first) == ""


@pytest.mark.anyio
async def test_another_password_ends_sessions() -> None:
    before, after = Sessions(SECRET, "old", False), Sessions(SECRET, "new", False)
    cookie = await before.begin()
    after._ends.update(before._ends)  # as if sessions outlived the server
    assert await before.find(cookie)
    assert await after.find(cookie) == ""
    assert after.token("x") != before.token("x")


@pytest.mark.anyio
async def test_a_cookie_is_no_token_and_no_other_cookie() -> None:
    found = Sessions(SECRET, "hash", False)
    session = await found.find(await found.begin())
    assert not found.is_token(session, found.signed(session).rpartition(".")[2])
    assert not found.is_token("", found.token(""))
    assert await found.find(found.signed("made-up")) == ""


def test_hashes() -> None:
    made = make_hash(PASSWORD)
    assert made.startswith("$argon2id$") and made != make_hash(PASSWORD)
    assert matches(made, PASSWORD) and not matches(made, PASSWORD + "x") and not matches("nonsense", PASSWORD)
    check_hash(made)
    for wrong in ("", "nonsense", "$argon2id$v=19$m=99999999,t=2,p=1$YWJjZGVmZ2g$YWJjZGVmZ2g"):
        with pytest.raises(PasswordError):
            check_hash(wrong)
    for wrong in ("", "elf Zeichen", "a" * 40, "x" * 500 + "abcde", "mit\nZeilenumbruch"):
        with pytest.raises(PasswordError) as caught:
            make_hash(wrong)
        assert not wrong or wrong not in str(caught.value)


def test_nothing_says_who_logged_in(server: StaffServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "bot"):
        server.browser().log_in("ein falsches Passwort")
        browser = server.staff()
        browser.log_out()
    said = [row.getMessage() for row in caplog.records if row.name.startswith("bot")]
    assert said == [
        "staff login: failed (0 succeeded, 1 failed)",
        "staff login: succeeded (1 succeeded, 1 failed)",
    ]


def test_what_is_no_form(server: StaffServer) -> None:
    browser = server.browser()
    for content, kind in ((b"{}", "application/json"), (b"a=" * 50, "application/x-www-form-urlencoded"), (b"", "")):
        answer = browser.post("/staff/login", content=content, headers={"Content-Type": kind})
        assert answer.status_code in (400, 403)
        assert "text/html" in answer.headers["content-type"]
    big = browser.post("/staff/login", data={"password": "x" * 100_000, "token": "x"})
    assert big.status_code == 413
    for method in ("PUT", "DELETE", "PATCH"):
        assert browser.request(method, "/staff/login").status_code == 405
    assert browser.options("/staff/login").status_code == 405
    assert sessions.COOKIE not in browser.cookies
