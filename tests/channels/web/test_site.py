"""The words, the page, the widget's file, the health check and the documentation."""

from __future__ import annotations

import re
from functools import partial

import httpx
import pytest
import yaml

from bot.channels.web.site import WIDGET, site_blueprint
from tests.fakes import web_server
from tests.fakes.web_client import LISTED, MESSAGES, Client


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("de", "de"), ("ar-SY", "ar"), ("ku,tr,de", "de"), ("xx", "en"), ("", "en"), ("../x", "en")],
)
def test_strings(client: Client, wanted: str, language: str) -> None:
    response = client.http.get("/api/v1/strings", params={"lang": wanted})
    body = response.json()
    assert (body["language"], body["dir"]) == (language, "rtl" if language == "ar" else "ltr")
    assert {row["code"] for row in body["languages"]} == {"de", "en", "ar"}
    assert body["strings"]["send"]
    assert "max-age" in response.headers["cache-control"]
    again = client.http.get(
        "/api/v1/strings", params={"lang": wanted}, headers={"If-None-Match": response.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_the_widget_has_a_word_for_everything_it_says() -> None:
    """Every key of strings.yml is used by the page or the widget, and every key used is there."""
    words = yaml.safe_load((WIDGET.parent / "strings.yml").read_text("utf-8"))["strings"]
    code = "".join(path.read_text("utf-8") for path in sorted(WIDGET.rglob("*.*")) if path.suffix in (".js", ".html"))
    said = set(re.findall(r'["\']([a-z_]+)["\']|(?:words|own|german)\.([a-z_]+)', code))
    unused = set(words) - {key for pair in said for key in pair} - {"open_now", "closed_now"}
    assert unused == set()
    used = set(re.findall(r'(?:\bt\(|\bword\(frame, |\brow\(|\bboth\(|\boption\(|data-string=)"(\w+)"', code))
    assert used - set(words) == set()


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html"),
        ("/embed", "text/html"),
        ("/widget.js", "text/javascript"),
        ("/page.css", "text/css"),
        ("/icon.svg", "image/svg+xml"),
    ],
)
def test_site(client: Client, path: str, content_type: str) -> None:
    for method in ("GET", "HEAD"):
        response = client.http.request(method, path)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(content_type)
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'self'") and "unsafe" not in policy
        assert bool(response.content) is (method == "GET")
    again = client.http.get(path, headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = client.http.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == client.http.get(path).content


def test_widget_is_small_and_loads_on_listed_pages(client: Client) -> None:
    response = client.http.get("/widget.js", headers={"Origin": LISTED})
    assert response.headers["access-control-allow-origin"] == LISTED
    assert int(response.headers["content-length"]) <= 25 * 1024
    foreign = client.http.get("/widget.js", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in foreign.headers


def test_health(client: Client) -> None:
    response = client.http.get("/health")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert client.http.head("/health").status_code == 200


# headers of every answer


def answers(http: httpx.Client) -> list[httpx.Response]:
    """One of every kind: pages, files, data, errors, preflights, not changed, not there."""
    page = http.get("/")
    return [
        page,
        http.get("/", headers={"If-None-Match": page.headers["etag"]}),
        http.head("/embed"),
        *(http.get(path) for path in ("/widget.js", "/icon.svg", "/health", "/nothing", "/api/v1/nothing")),
        *(http.get(f"/api/v1/{name}") for name in ("strings", "topics", "openapi.json", "messages")),
        http.post("/api/v1/conversations"),
        http.post(MESSAGES, content=b"{"),
        http.post(MESSAGES, headers={"Origin": "https://evil.example"}),
        http.delete("/api/v1/conversations/x"),
        http.options(MESSAGES, headers={"Origin": LISTED, "Access-Control-Request-Method": "POST"}),
        http.options("/", headers={"Origin": LISTED}),
        http.put("/page.css"),
    ]


def test_security_headers(client: Client) -> None:
    for response in answers(client.http):
        given = response.headers
        policy = given["content-security-policy"]
        assert "frame-ancestors" in policy and "unsafe" not in policy and "*" not in policy
        assert (given["x-content-type-options"], given["referrer-policy"]) == ("nosniff", "no-referrer")
        assert "camera=()" in given["permissions-policy"]
        assert given["cross-origin-opener-policy"] == "same-origin"
        assert given["cross-origin-resource-policy"] in ("same-origin", "cross-origin")
        assert given.get("x-frame-options") == {"'none'": "DENY", "'self'": "SAMEORIGIN"}.get(ancestors(response))
        assert "strict-transport-security" not in given and "server" not in given
        assert all(len(given.get_list(name)) == 1 for name in given), "each header once"


@pytest.mark.parametrize(
    ("public_url", "strict"), [("https://wegweiser.example", True), ("http://town.example", False)]
)
def test_only_a_server_with_https_asks_for_https(
    monkeypatch: pytest.MonkeyPatch, public_url: str, strict: bool
) -> None:
    monkeypatch.setattr(web_server, "site_blueprint", partial(site_blueprint, public_url=public_url))
    with web_server.serve() as running, httpx.Client(base_url=running.url) as http:
        for response in answers(http):
            assert response.headers.get("strict-transport-security") == ("max-age=31536000" if strict else None)


def ancestors(response: httpx.Response) -> str:
    found = re.search(r"frame-ancestors ([^;]*)", response.headers["content-security-policy"])
    assert found is not None
    return found.group(1)


def test_who_may_frame_and_load_what(client: Client) -> None:
    framed = client.http.get("/embed?lang=ar&place=leipzig&topic=german_course")
    assert framed.status_code == 200 and "<wegweiser-chat>" in framed.text and 'class="embed"' in framed.text
    assert ancestors(framed) == f"'self' {LISTED}" and "x-frame-options" not in framed.headers
    assert ancestors(client.http.get("/")) == "'self'"
    assert ancestors(client.http.get("/api/v1/strings")) == "'none'"
    parts = [f"/widget/{path.name}" for path in (WIDGET / "parts").glob("*.js")]
    for path in ("/widget.js", "/icon.svg", "/embed", *parts):
        assert client.http.get(path).headers["cross-origin-resource-policy"] == "cross-origin", path
    for path in ("/", "/page.js", "/health", "/api/v1/strings"):
        assert client.http.get(path).headers["cross-origin-resource-policy"] == "same-origin", path


def test_what_is_no_origin_stays_out_of_the_policy() -> None:
    odd = ("https://a.example/", "https://b.example; script-src *", "https://*", "javascript:alert(1)")
    with web_server.serve(allowed_origins=odd) as running:
        response = httpx.get(f"{running.url}/embed")
        assert ancestors(response) == "'self' https://a.example"
