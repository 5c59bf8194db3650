"""Makes a release of a trained model, and puts a release in its place."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from bot.quality.freshness import model_is_current, stamp_path, write_stamp
from bot.release import encoder
from bot.release.archive import inspect
from bot.release.checking import Checked, check_program, check_signature, code_hash, held
from bot.release.manifest import FORMAT, MANIFEST, MODEL, Manifest, Print, ReleaseError, print_of, replace_file
from bot.release.signing import Signer, key_id
from bot.settings import ROOT, Settings


def pack(settings: Settings, out: Path, signer: Signer | None = None, built: Path | None = None) -> Manifest:
    """Write a release into a folder, release.json last. `built` is the encoder's folder, by default the one in use.

    ReleaseError when there is no model, it may not be loaded, or nobody knows what it was trained from.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not settings.model.exists():
            raise ReleaseError(f"no model at {settings.model}: run `make train` first")
        stamp = stamp_path(settings.model)
        if not stamp.exists():
            raise ReleaseError(f"{stamp} is missing, which says what the model was trained from: run `make train`")
        folder = built or _built()
        packed = encoder.pack(folder)
        if (out / MODEL).resolve() != settings.model.resolve():
            replace_file(out / MODEL, settings.model)
        replace_file(out / f"{folder.name}.tar", packed)
        contents = inspect(out / MODEL)
        found: dict[str, Any] = {
            "format": FORMAT,
            "version": _version(),
            "made": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "inputs": stamp.read_text("utf-8").strip(),
            "code": code_hash(),
            "rasa": contents.rasa,
            "model_id": contents.model_id,
            "files": {name: _row(print_of(out / name)) for name in (MODEL, f"{folder.name}.tar")},
            "encoder": {
                "name": folder.name,
                "files": {path.name: _row(print_of(path)) for path in sorted(folder.iterdir())},
            },
        }
        manifest = Manifest(found)
        if signer is not None:
            manifest = _signed(manifest, signer)
        replace_file(out / MANIFEST, manifest.text().encode())
    except OSError as exc:
        raise ReleaseError(f"{exc.filename or out}: {exc.strerror}") from exc
    return manifest


def sign(folder: Path, signer: Signer) -> Manifest:
    """Sign a release that was packed before, whoever packed it; ReleaseError when its files are not as it says."""
    manifest = read(folder)
    for name, wanted in manifest.files.items():
        _require(folder / name, wanted)
    inspect(folder / MODEL)
    manifest = _signed(manifest, signer)
    replace_file(folder / MANIFEST, manifest.text().encode())
    return manifest


def check(folder: Path, key: str) -> Manifest:
    """The release in a folder as it was delivered; ReleaseError says what is wrong with it."""
    manifest = read(folder)
    check_signature(manifest, key)
    for name, wanted in manifest.files.items():
        _require(folder / name, wanted)
    with tempfile.TemporaryDirectory() as name:
        archive = folder / manifest.encoder_archive
        encoder.unpack(archive, manifest.files[archive.name], manifest.encoder_files, Path(name) / manifest.encoder)
    inspect(folder / MODEL)
    return manifest


def deliver(settings: Settings, folder: Path, encoders: Path = encoder.FOLDER) -> Checked:
    """Put a release in the place of the model that settings name; running processes take it over within seconds.

    ReleaseError when it must not be loaded: then nothing was changed.
    """
    manifest = check(folder, settings.model_key)
    check_program(manifest)
    target = settings.model
    try:
        built = encoders / manifest.encoder
        archive = folder / manifest.encoder_archive
        if encoder.folder_fault(built, manifest.encoder_files):
            encoder.unpack(archive, manifest.files[archive.name], manifest.encoder_files, built)
        with held(replace(settings, model=folder / MODEL), encoders) as checked:
            if checked.manifest is None or checked.manifest.content != manifest.content:
                raise ReleaseError(f"{folder} was changed while it was read")
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_file(target.with_name(archive.name), archive)
            replace_file(target, checked.path)
        # Last: processes wait for the file that fits the model.
        replace_file(target.with_name(MANIFEST), manifest.text().encode())
        write_stamp(target, str(manifest.content["inputs"]))
    except OSError as exc:
        raise ReleaseError(f"{exc.filename or target}: {exc.strerror}") from exc
    return replace(checked, path=target)


def read(folder: Path) -> Manifest:
    """The release.json of a folder."""
    try:
        return Manifest.of((folder / MANIFEST).read_bytes())
    except OSError as exc:
        raise ReleaseError(f"{folder / MANIFEST} cannot be read: {exc.strerror}") from exc


def require_current(settings: Settings) -> None:
    """ReleaseError when the model was trained from other files or by another program than those that are here now."""
    if settings.model.exists() and not model_is_current(settings.model):
        raise ReleaseError(f"{settings.model} is older than its data or its program: run `make train` first")


def _require(path: Path, wanted: Print) -> None:
    try:
        found = print_of(path)
    except OSError as exc:
        raise ReleaseError(f"{path} cannot be read: {exc.strerror}") from exc
    if found != wanted:
        raise ReleaseError(f"{path} is another file than the one in {MANIFEST} (SHA-256 {found.sha256[:12]}…)")


def _signed(manifest: Manifest, signer: Signer) -> Manifest:
    key = key_id(signer.public)
    return manifest.signed(key, signer.sign(manifest.canonical(key)))


def _row(found: Print) -> dict[str, Any]:
    return {"sha256": found.sha256, "size": found.size}


def _built() -> Path:
    from bot.nlu.embedding import ADAPTER, built
    from bot.nlu.encoder_weights import EncoderWeightsError, bundled_weights, read_weights

    try:
        return built(read_weights(bundled_weights(), ADAPTER if ADAPTER.exists() else None))
    except (ImportError, EncoderWeightsError) as exc:
        raise ReleaseError(f"the sentence encoder cannot be built here: {exc}") from exc


def _version() -> str:
    found = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    return found.group(1) if found else ""
