"""The public databases: PyPI's JSON pages and OSV, asked about every locked version where they can be reached."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tools.audit.locks import Locked
from tools.audit.osv import Advisory, ids_of, summary_of

OSV = "https://api.osv.dev"
AT_ONCE = 8
SECONDS = 20.0
A_BATCH = 500


class Unreachable(Exception):
    """A database that does not answer at all; says why in a few words."""


@dataclass
class Answers:
    """What one database said. `unanswered` names what it could not be asked about; `failure` why it said nothing."""

    database: str
    asked: int = 0
    answered: int = 0
    unanswered: list[str] = field(default_factory=list)
    advisories: list[Advisory] = field(default_factory=list)
    failure: str = ""

    @property
    def whole(self) -> bool:
        """True when it answered for every package."""
        return not self.failure and self.answered == self.asked


def ask_all(packages: Sequence[Locked], pypi: str, osv: str = OSV, seconds: float = SECONDS) -> list[Answers]:
    """Ask PyPI, where its address is given, and OSV; one that cannot be reached says so in its answer.

    `seconds` is the patience for one request.
    """
    return asyncio.run(_ask_all(packages, pypi.rstrip("/"), osv.rstrip("/"), seconds))


async def _ask_all(packages: Sequence[Locked], pypi: str, osv: str, seconds: float) -> list[Answers]:
    # The certificates of this machine, as pip uses them: a company's own proxy is known to them and not to certifi.
    context = ssl.create_default_context()
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(timeout=seconds, limits=limits, verify=context, follow_redirects=True) as client:
        ways: list[tuple[str, Callable[..., Awaitable[None]]]] = [(pypi, _ask_pypi), (osv, _ask_osv)]
        found = []
        for address, way in ways:
            answers = Answers(address or "PyPI", asked=len(packages))
            if not address:
                answers.failure = "its address was not given"
                found.append(answers)
                continue
            try:
                await way(client, address, packages, answers)
            except Unreachable as exc:
                answers.failure = str(exc)
            found.append(answers)
    return found


async def _json(client: httpx.AsyncClient, method: str, url: str, body: Any = None) -> Any:
    """The JSON of an answer, None for 404; Unreachable otherwise, after a second try."""
    for last in (False, True):
        try:
            response = await client.request(method, url, json=body)
            if response.status_code == 404:
                return None
            response.raise_for_status()
            return response.json()
        except (httpx.HTTPError, ValueError) as exc:
            if last:
                status = getattr(getattr(exc, "response", None), "status_code", "")
                raise Unreachable(f"{type(exc).__name__} {status}".strip()) from exc
    raise AssertionError("the last try returns or raises")


async def _ask_pypi(client: httpx.AsyncClient, address: str, packages: Sequence[Locked], answers: Answers) -> None:
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(package: Locked) -> None:
        async with turns:
            page = await _json(client, "GET", f"{address}/pypi/{package.name}/{package.version}/json")
            if page is None:  # some mirrors keep only the page of the newest version
                page = await _json(client, "GET", f"{address}/pypi/{package.name}/json")
        told = page.get("vulnerabilities") if isinstance(page, dict) else None
        about = (page.get("info") or {}).get("version") if isinstance(page, dict) else None
        if not isinstance(told, list) or about != package.version:
            answers.unanswered.append(f"{package.name} {package.version}")
            return
        answers.answered += 1
        for record in told:
            if isinstance(record, dict) and record.get("id") and not record.get("withdrawn"):
                answers.advisories.append(_advisory(package, record, address))

    if packages:
        await one(packages[0])  # alone, so that a database that is away is not asked two hundred times
    await asyncio.gather(*(one(package) for package in packages[1:]))
    answers.unanswered.sort()


async def _ask_osv(client: httpx.AsyncClient, address: str, packages: Sequence[Locked], answers: Answers) -> None:
    found: dict[str, list[Locked]] = {}
    waiting: list[tuple[Locked, str]] = [(package, "") for package in packages]
    while waiting:
        batch, waiting = waiting[:A_BATCH], waiting[A_BATCH:]
        page = await _json(client, "POST", f"{address}/v1/querybatch", {"queries": [_query(*one) for one in batch]})
        results = page.get("results") if isinstance(page, dict) else None
        if not isinstance(results, list) or len(results) != len(batch):
            raise Unreachable("an answer that is none")
        for (package, _), result in zip(batch, results, strict=True):
            for vulnerability in result.get("vulns") or []:
                found.setdefault(str(vulnerability["id"]), []).append(package)
            if result.get("next_page_token"):
                waiting.append((package, result["next_page_token"]))
            else:
                answers.answered += 1
    for identifier, touched in sorted(found.items()):
        record = await _json(client, "GET", f"{address}/v1/vulns/{identifier}")
        if not isinstance(record, dict) or not record.get("id"):
            raise Unreachable("an advisory that it names and does not have")
        if not record.get("withdrawn"):
            answers.advisories += [_advisory(package, record, address) for package in touched]


def _query(package: Locked, token: str) -> dict[str, Any]:
    query: dict[str, Any] = {"package": {"name": package.name, "ecosystem": "PyPI"}, "version": package.version}
    return query | ({"page_token": token} if token else {})


def _advisory(package: Locked, record: dict[str, Any], database: str) -> Advisory:
    return Advisory(package.name, package.version, ids_of(record), summary_of(record), database)
