"""The sentence encoder of a release: a folder of four files, delivered as one tar.

It can be built from the package's weights, too, but then its numbers are rounded a little differently from machine to
machine, and the model was trained with exactly one.
"""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
from pathlib import Path

from bot.release.manifest import Print, ReleaseError, copied, print_of
from bot.settings import ROOT

# Where bot/nlu/embedding.py looks for it first.
FOLDER = ROOT / "models"


def expected_name() -> str:
    """The name of the encoder that this program uses; a model trained with another one would understand worse."""
    from bot.nlu.embedding import BUILD, adapter_hash

    return f"encoder-{adapter_hash()}-{BUILD}"


def folder_fault(folder: Path, files: dict[str, Print]) -> str:
    """What is wrong with a built encoder; "" when it is exactly the release's."""
    for name, wanted in files.items():
        try:
            if print_of(folder / name) != wanted:
                return f"{folder / name} is another one than the release's"
        except OSError:
            return f"{folder / name} is missing"
    return ""


def pack(folder: Path) -> bytes:
    """The folder as a tar whose bytes depend on nothing but its files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(folder.iterdir()):
            entry = tarfile.TarInfo(path.name)
            entry.size, entry.mode = path.stat().st_size, 0o644
            with path.open("rb") as file:
                tar.addfile(entry, file)
    return buffer.getvalue()


def unpack(archive: Path, wanted: Print, files: dict[str, Print], folder: Path) -> None:
    """Put the encoder into its folder, whole or not at all; ReleaseError when the archive is not the release's."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".encoder-") as name:
        part = Path(name) / "part"
        part.mkdir()
        copy = Path(name) / "archive"
        with archive.open("rb") as source, copy.open("wb") as target:
            if copied(source, target) != wanted:
                raise ReleaseError(f"{archive} is another file than {archive.name} of the release")
        _extract(copy, files, part)
        if folder_fault(folder, files):  # another process may have been quicker
            _put(part, folder, Path(name) / "old")


def _extract(archive: Path, files: dict[str, Print], part: Path) -> None:
    try:
        with tarfile.open(archive, mode="r:") as tar:
            for name, wanted in files.items():
                member = tar.getmember(name)
                source = tar.extractfile(member) if member.isreg() and member.size == wanted.size else None
                if source is None:
                    raise ReleaseError(f"{archive.name} does not hold the {name} of the release")
                with (part / name).open("wb") as target:
                    if copied(source, target) != wanted:  # type: ignore[arg-type]
                        raise ReleaseError(f"{archive.name} holds another {name} than the release's")
    except (tarfile.TarError, KeyError) as exc:
        raise ReleaseError(f"the encoder's archive is broken ({exc.__class__.__name__})") from exc


def _put(part: Path, folder: Path, old: Path) -> None:
    """A folder that was built here gives way; a process that has it open keeps what it has read."""
    try:
        if folder.exists():
            folder.rename(old)
        part.chmod(0o755)
        part.rename(folder)
    except OSError:
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
