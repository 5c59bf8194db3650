"""The words, the page, the widget's file, the health check and the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.channels.web.site import WIDGET
from tests.fakes.web_client import LISTED, Client


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
    code = "".join((WIDGET / name).read_text("utf-8") for name in ("widget.js", "page.html", "page.js"))
    unused = {key for key in words if f'"{key}"' not in code} - {"open_now", "closed_now"}
    assert unused == set()
    used = set(re.findall(r'(?:this\.t\(|this\._word\(|row\(|data-string=)"(\w+)"', code))
    assert used - set(words) == set()


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/", "text/html"), ("/widget.js", "text/javascript"), ("/page.css", "text/css"), ("/icon.svg", "image/svg+xml")],
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


def test_documentation_names_every_route_and_code() -> None:
    text = (Path(__file__).parents[3] / "docs" / "widget-api.md").read_text("utf-8")
    found = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert found is not None
    described = yaml.safe_load(found.group(1))
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) == {
        "/conversations",
        "/conversations/{conversation}",
        "/messages",
        "/strings",
    }
    verbs = [verb for path in described["paths"].values() for verb in path.values()]
    statuses = {status for verb in verbs for status in verb["responses"]}
    assert statuses >= {"200", "201", "204", "304", "400", "401", "403", "413", "415", "429", "500", "503"}
    source = "".join(path.read_text("utf-8") for path in WIDGET.parent.glob("*.py"))
    source += (WIDGET.parents[1] / "gate.py").read_text("utf-8")
    codes = set(re.findall(r'(?:ApiError\(\d+, |Refused\()"(\w+)"', source))
    assert codes == set(
        described["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]["enum"]
    )
