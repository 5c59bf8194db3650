"""The directory as editors see it: records by file, and the vocabularies they may use."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from actions import plain_yaml
from actions.directory.geo import Gazetteer
from actions.directory.model import DirectoryError, load_kinds, records_of, service_files
from actions.directory.validation import problems
from bot.directory_tools.columns import Record


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the assistant: the file its services live in, and its English title (a msgid)."""

    id: str
    area: str
    title: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything under a data folder that editing needs. `texts` maps the area to its file as it was read."""

    folder: Path
    records: list[Record]
    texts: dict[str, str]
    area_of: dict[str, str]
    kinds: dict[str, dict[str, str]]
    topics: dict[str, Topic]
    gazetteer: Gazetteer

    @classmethod
    def load(cls, data: Path) -> Holdings:
        """Read data/services, data/articles and the places; DirectoryError names what cannot be read."""
        folder = data / "services"
        records: list[Record] = []
        texts: dict[str, str] = {}
        area_of: dict[str, str] = {}
        for path in service_files(folder):
            content = path.read_bytes()
            found = records_of(content, path.name)
            texts[path.stem] = content.decode("utf-8")  # line ends as they are
            records += found
            area_of.update((str(record.get("id")), path.stem) for record in found)
        gazetteer = Gazetteer.load(data / "places.yml", data / "postcodes.yml")
        return cls(folder, records, texts, area_of, load_kinds(folder), _topics(data / "articles"), gazetteer)

    def problems(self, records: list[Record], today: date | None = None) -> list[str]:
        """What `wegweiser directory check` says about records."""
        return problems(records, self.kinds, set(self.topics), set(self.gazetteer.places), today)

    def write(self, texts: Mapping[str, str]) -> list[Path]:
        """Put new texts in place of files, all of them or, when one has changed meanwhile or cannot be written, none."""
        targets = {area: (self.folder / f"{area}.yml").resolve() for area in texts}
        drafts: dict[str, str] = {}
        try:
            for area, path in targets.items():
                if path.read_bytes().decode("utf-8") != self.texts[area]:
                    raise DirectoryError(f"{path.name} was changed by somebody else meanwhile; nothing was written")
                handle, drafts[area] = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
                with os.fdopen(handle, "wb") as file:
                    file.write(texts[area].encode("utf-8"))
                    file.flush()
                    os.fsync(file.fileno())
                shutil.copymode(path, drafts[area])
            for area, path in targets.items():
                os.replace(drafts.pop(area), path)
        finally:
            for draft in drafts.values():
                Path(draft).unlink(missing_ok=True)
        return sorted(targets.values())


def _topics(folder: Path) -> dict[str, Topic]:
    found: dict[str, Topic] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            for row in plain_yaml.load(path.read_bytes())["articles"]:
                found[row["topic"]] = Topic(row["topic"], path.stem, row["title"])
        except (yaml.YAMLError, KeyError, TypeError) as exc:
            raise DirectoryError(f"{path.name}: not an articles file ({exc.__class__.__name__})") from exc
    return found
