"""`wegweiser model`: make keys, pack, sign, check and deliver releases of the model."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.release.manifest import Manifest, ReleaseError
from bot.settings import Settings


def main(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one verb; 1 when the release is not as it should be, 2 for wrong use, both said on standard error."""
    lacking = [name for name in _NEEDED.get(arguments.verb, ()) if not getattr(arguments, name)]
    if lacking:
        print(f"wegweiser: model {arguments.verb} needs {_NAMES[lacking[0]]}", file=sys.stderr)
        return 2
    try:
        print(_VERBS[arguments.verb](arguments, settings))
    except ReleaseError as exc:
        print(f"wegweiser: {exc}", file=sys.stderr)
        return 1
    return 0


def _key(arguments: argparse.Namespace, settings: Settings) -> str:
    from bot.release.signing import Signer

    return Signer.create(Path(arguments.out)).public


def _pack(arguments: argparse.Namespace, settings: Settings) -> str:
    _prepare()
    from bot.release.packing import pack, require_current
    from bot.release.signing import Signer

    signer = Signer.load(Path(arguments.key)) if arguments.key else None
    require_current(settings)
    out = Path(arguments.out or "build/release")
    return f"{out}: {_summary(pack(settings, out, signer))}"


def _sign(arguments: argparse.Namespace, settings: Settings) -> str:
    from bot.release.packing import sign
    from bot.release.signing import Signer

    return f"{arguments.folder}: {_summary(sign(Path(arguments.folder), Signer.load(Path(arguments.key))))}"


def _check(arguments: argparse.Namespace, settings: Settings) -> str:
    if arguments.folder:
        from bot.release.packing import check

        return f"{arguments.folder}: good; {_summary(check(Path(arguments.folder), settings.model_key))}{_by(settings)}"
    _prepare()
    from bot.release.checking import verified

    manifest = verified(settings).manifest
    if manifest is None:
        return f"{settings.model}: may be loaded; trained here, no release"
    return f"{settings.model}: good; {_summary(manifest)}{_by(settings)}"


def _deliver(arguments: argparse.Namespace, settings: Settings) -> str:
    _prepare()
    from bot.release.packing import deliver

    manifest = deliver(settings, Path(arguments.folder)).manifest
    assert manifest is not None  # without one there is no release
    return f"{settings.model}: {_summary(manifest)}"


def _prepare() -> None:
    """The name of the encoder comes from a component, and those import Rasa."""
    from bot import rasa_compat

    rasa_compat.install()


def _summary(manifest: Manifest) -> str:
    content = manifest.content
    signed = f"signed with {manifest.key}" if manifest.signature else "not signed"
    return f"release {content['version']} of {content['made']}, model {content['model_id'][:12]}, {signed}"


def _by(settings: Settings) -> str:
    """A signature that nobody compared with a key proves nothing."""
    return "" if settings.model_key else " (the signature was not checked: WEGWEISER_MODEL_KEY is not set)"


_NEEDED = {"key": ("out",), "sign": ("folder", "key"), "deliver": ("folder",)}
_NAMES = {"out": "--out, the new file of the private key", "folder": "the folder of a release", "key": "--key"}
_VERBS = {"key": _key, "pack": _pack, "sign": _sign, "check": _check, "deliver": _deliver}
