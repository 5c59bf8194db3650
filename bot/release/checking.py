"""May this model be loaded? Asked at every start and before a new model is taken over, before Rasa opens the archive."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from bot.release import encoder
from bot.release.archive import Contents, inspect
from bot.release.manifest import LONGEST, MANIFEST, MODEL, Manifest, Print, ReleaseError, copied, print_of
from bot.settings import PREFIX, ROOT, Settings

# What a file is recognised by without reading it: inode, size, time of its last change; None when it is not there.
Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True)
class Checked:
    """A model that may be loaded: where it lies, its SHA-256, its release if it has one, and what it knows."""

    path: Path
    sha256: str
    manifest: Manifest | None
    contents: Contents


def stamp(settings: Settings) -> Stamp:
    """Changes when another model or another release.json is put in place."""
    found: list[tuple[int, int, int] | None] = []
    for path in (settings.model, settings.model.with_name(MANIFEST)):
        try:
            state = path.stat()
            found.append((state.st_ino, state.st_size, state.st_mtime_ns))
        except OSError:
            found.append(None)
    return tuple(found)


def verified(settings: Settings, encoders: Path = encoder.FOLDER) -> Checked:
    """The model where it lies; ReleaseError when it must not be loaded."""
    with _reading(settings) as (manifest, _):
        return _checked(settings, manifest, settings.model, print_of(settings.model), encoders)


@contextmanager
def held(settings: Settings, encoders: Path = encoder.FOLDER) -> Iterator[Checked]:
    """A copy of the model of our own that was checked: nobody can replace it between the check and the loading.

    ReleaseError when it must not be loaded. The copy goes with the block.
    """
    with tempfile.TemporaryDirectory(prefix="wegweiser-model-") as name:
        path = Path(name) / settings.model.name
        with _reading(settings) as (manifest, raw):
            found = _copy(settings.model, path)
            # A release is delivered file by file: what was put in place while we read is read once more.
            if _raw(settings) != raw:
                manifest, found = _manifest(_raw(settings)), _copy(settings.model, path)
            checked = _checked(settings, manifest, path, found, encoders)
        yield checked


@contextmanager
def _reading(settings: Settings) -> Iterator[tuple[Manifest | None, bytes | None]]:
    raw = _raw(settings)
    try:
        yield _manifest(raw), raw
    except OSError as exc:
        raise ReleaseError(f"{exc.filename or settings.model} cannot be read: {exc.strerror}") from exc


def _raw(settings: Settings) -> bytes | None:
    try:
        with settings.model.with_name(MANIFEST).open("rb") as file:
            return file.read(LONGEST + 1)
    except FileNotFoundError:
        return None


def _manifest(raw: bytes | None) -> Manifest | None:
    return None if raw is None else Manifest.of(raw)


def _copy(source: Path, target: Path) -> Print:
    with source.open("rb") as file, target.open("wb") as copy:
        return copied(file, copy)


def _checked(settings: Settings, manifest: Manifest | None, path: Path, found: Print, encoders: Path) -> Checked:
    if manifest is None:
        if settings.model_key:
            raise ReleaseError(
                f"there is no {MANIFEST} beside {settings.model}, and {PREFIX}MODEL_KEY lets only signed models in"
            )
    else:
        check_signature(manifest, settings.model_key)
        if found != manifest.files[MODEL]:
            raise ReleaseError(
                f"{settings.model} is another model than the one in {MANIFEST} beside it: deliver the release once "
                f"more, or delete {MANIFEST} when the model was trained here"
            )
        check_program(manifest)
        _check_encoder(settings, manifest, encoders)
    contents = inspect(path)
    if contents.rasa != metadata.version("rasa"):
        raise ReleaseError(f"the model was trained with Rasa {contents.rasa}, this is {metadata.version('rasa')}")
    return Checked(path, found.sha256, manifest, contents)


def check_signature(manifest: Manifest, key: str) -> None:
    """ReleaseError when a key is given and its owner has not signed exactly this release."""
    if not key:
        return
    from bot.release.signing import fits, key_id

    if not manifest.signature:
        raise ReleaseError(f"{MANIFEST} is not signed, and {PREFIX}MODEL_KEY lets only signed models in")
    if manifest.key != key_id(key):
        raise ReleaseError(f"{MANIFEST} is signed with the key {manifest.key[:16]}, {PREFIX}MODEL_KEY is {key_id(key)}")
    if not fits(key, manifest.canonical(), manifest.signature):
        raise ReleaseError(f"{MANIFEST} was changed after it was signed, or somebody else signed it")


def check_program(manifest: Manifest) -> None:
    """ReleaseError when the model was made for other components: it would be read wrongly, and nobody would notice."""
    if manifest.encoder != encoder.expected_name() or manifest.content["code"] != code_hash():
        raise ReleaseError(
            f"the release was made by another state of the program (version {manifest.content['version']}, "
            f"{manifest.encoder}): update the program first, or make the release anew with this one"
        )


def code_hash(folder: Path = ROOT / "bot" / "nlu") -> str:
    """Hash of the components that a model is read by: they and the numbers in it belong together."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _check_encoder(settings: Settings, manifest: Manifest, encoders: Path) -> None:
    """The encoder that will be used is the release's; put in place when it only lies beside the model as an archive."""
    folder = encoders / manifest.encoder
    archive = settings.model.with_name(manifest.encoder_archive)
    if not folder.exists() and archive.exists():
        encoder.unpack(archive, manifest.files[manifest.encoder_archive], manifest.encoder_files, folder)
    # Without a key it may be built here from our own files, as it always was.
    fault = encoder.folder_fault(folder, manifest.encoder_files) if settings.model_key or folder.exists() else ""
    if fault:
        raise ReleaseError(f"{fault}: run `wegweiser model deliver` with the whole release")
