"""A model leaves the machine it was trained on signed, and comes in elsewhere only whole, unchanged and harmless."""

from __future__ import annotations

import argparse
import base64
import dataclasses
import io
import json
import shutil
import stat
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bot.quality.freshness import inputs_hash, write_stamp
from bot.release import archive, checking, encoder, packing
from bot.release.archive import inspect
from bot.release.arguments import add_arguments
from bot.release.checking import held, stamp, verified
from bot.release.main import main
from bot.release.manifest import MANIFEST, MODEL, Manifest, ReleaseError, print_of, replace_file
from bot.release.packing import check, deliver, pack, sign
from bot.release.signing import Signer, fits, key_id
from bot.settings import Settings
from tests.fakes.models import DOMAIN_FILE, INTENT_FILE, member, metadata, small_encoder, small_model


class Place:
    """Where a model was trained (`trained`), its release, and where it is served (`served`), each with its encoder."""

    def __init__(self, folder: Path) -> None:
        self.trained = dataclasses.replace(Settings.from_env({}), model=folder / "trained" / MODEL)
        small_model(self.trained.model)
        self.built = small_encoder(folder / "trained")
        self.signer = Signer.create(folder / "key.pem")
        self.release = folder / "release"
        self.encoders = folder / "served"
        self.served = dataclasses.replace(self.trained, model=self.encoders / MODEL, model_key=self.signer.public)
        self.open = dataclasses.replace(self.served, model_key="")

    def packed(self, signed: bool = True) -> Manifest:
        return pack(self.trained, self.release, self.signer if signed else None, built=self.built)

    def delivered(self) -> Place:
        self.packed()
        deliver(self.served, self.release, self.encoders)
        return self

    def edit(self, folder: Path, **changes: Any) -> None:
        """Change release.json by hand."""
        path = folder / MANIFEST
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def fault(settings: Settings, encoders: Path) -> str:
    """Why a model must not be loaded; both ways to ask must say the same."""
    with pytest.raises(ReleaseError) as found:
        verified(settings, encoders)
    with pytest.raises(ReleaseError, match=".") as held_too, held(settings, encoders):
        pass
    assert str(held_too.value) == str(found.value)
    return str(found.value)


# Keys


def test_a_key_is_one_that_settings_take(tmp_path: Path) -> None:
    signer = Signer.create(tmp_path / "key.pem")
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    assert (tmp_path / "key.pem").read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert len(signer.public) == 44
    assert Settings.from_env({"WEGWEISER_MODEL_KEY": signer.public}).model_key == signer.public
    assert Signer.load(tmp_path / "key.pem").public == signer.public


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    Signer.create(tmp_path / "key.pem")
    before = (tmp_path / "key.pem").read_bytes()
    with pytest.raises(ReleaseError, match="never overwritten"):
        Signer.create(tmp_path / "key.pem")
    assert (tmp_path / "key.pem").read_bytes() == before


def test_what_is_no_key_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="cannot be read"):
        Signer.load(tmp_path / "none.pem")
    (tmp_path / "text.pem").write_text("-----BEGIN NOTHING-----")
    with pytest.raises(ReleaseError, match="no private key"):
        Signer.load(tmp_path / "text.pem")
    other = generate_private_key(SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "other.pem").write_bytes(other)
    with pytest.raises(ReleaseError, match="another kind"):
        Signer.load(tmp_path / "other.pem")


def test_the_signature_is_plain_ed25519_over_the_sorted_json(place: Place) -> None:
    """Anybody can check a release without this program."""
    place.packed()
    content = json.loads((place.release / MANIFEST).read_text())
    signature = base64.b64decode(content.pop("signature"))
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(place.signer.public))
    key.verify(signature, canonical)
    with pytest.raises(InvalidSignature):
        key.verify(signature, canonical.replace(b"3.6.21", b"3.6.20"))


@pytest.mark.parametrize("signature", ["", "no base64", base64.b64encode(bytes(64)).decode(), "AAAA"])
def test_no_other_signature_fits(tmp_path: Path, signature: str) -> None:
    assert not fits(Signer.create(tmp_path / "key.pem").public, b"content", signature)


# Packing


def test_a_release_says_what_it_is(place: Place) -> None:
    manifest = place.packed()
    names = sorted(path.name for path in place.release.iterdir())
    assert names == [f"{encoder.expected_name()}.tar", MANIFEST, MODEL]
    content = json.loads((place.release / MANIFEST).read_text())
    assert content["version"] and content["inputs"] == "0" * 64 and content["rasa"] == "3.6.21"
    assert content["model_id"] == "0123456789abcdef" and content["made"].endswith("+00:00")
    assert content["key"] == key_id(place.signer.public)
    for name, wanted in manifest.files.items():
        assert print_of(place.release / name) == wanted
    assert set(manifest.encoder_files) == {"layers.onnx", "pieces.json", "pieces.marisa", "pieces.npz"}


def test_packing_twice_gives_the_same_files(place: Place) -> None:
    first = place.packed()
    assert place.packed().content["files"] == first.content["files"]


def test_what_nobody_trained_is_not_packed(place: Place) -> None:
    place.trained.model.with_name("wegweiser.inputs").unlink()
    with pytest.raises(ReleaseError, match="what the model was trained from"):
        place.packed()
    place.trained.model.unlink()
    with pytest.raises(ReleaseError, match="no model"):
        place.packed()


def test_a_dangerous_model_is_not_packed(place: Place) -> None:
    small_model(place.trained.model, metadata=metadata(node={"uses": "os.system"}))
    with pytest.raises(ReleaseError, match="none of a component"):
        place.packed()
    assert not (place.release / MANIFEST).exists()


def test_a_release_can_be_signed_later_and_anew(place: Place, tmp_path: Path) -> None:
    place.packed(signed=False)
    with pytest.raises(ReleaseError, match="not signed"):
        check(place.release, place.signer.public)
    sign(place.release, Signer.create(tmp_path / "other.pem"))
    with pytest.raises(ReleaseError, match="signed with the key"):
        check(place.release, place.signer.public)
    sign(place.release, place.signer)
    check(place.release, place.signer.public)


def test_what_is_not_as_its_release_says_is_not_signed(place: Place) -> None:
    place.packed(signed=False)
    small_model(place.release / MODEL, intents=b'{"intents": []}')
    with pytest.raises(ReleaseError, match="another file"):
        sign(place.release, place.signer)


# What may be loaded


def test_a_delivered_release_may_be_loaded(place: Place) -> None:
    place.delivered()
    found = verified(place.served, place.encoders)
    assert found.path == place.served.model and found.sha256 == print_of(place.release / MODEL).sha256
    assert found.manifest is not None and found.contents.intents == {"greet"}
    assert (place.encoders / encoder.expected_name() / "layers.onnx").read_bytes() == b"layers.onnx" * 50
    assert packing.stamp_path(place.served.model).read_text().strip() == "0" * 64


def test_a_model_that_was_trained_here_may_be_loaded_without_a_release(place: Place) -> None:
    assert verified(place.trained, place.encoders).manifest is None


def test_the_copy_goes_and_is_what_was_checked(place: Place) -> None:
    place.delivered()
    with held(place.served, place.encoders) as found:
        small_model(place.served.model, intents=b'{"intents": ["other"]}')
        assert found.path != place.served.model and found.path.name == MODEL
        assert print_of(found.path).sha256 == found.sha256
        assert inspect(found.path).intents == {"greet"}
    assert not found.path.exists()


def test_with_a_key_only_signed_models_come_in(place: Place, tmp_path: Path) -> None:
    place.delivered()
    other = dataclasses.replace(place.served, model_key=Signer.create(tmp_path / "other.pem").public)
    assert "signed with the key" in fault(other, place.encoders)
    # who signs with a key of his own may well write the id of another
    stranger = Signer.load(tmp_path / "other.pem")
    manifest = packing.read(place.encoders)
    name = key_id(place.signer.public)
    forged = manifest.signed(name, stranger.sign(manifest.canonical(name)))
    (place.encoders / MANIFEST).write_text(forged.text())
    assert "changed after it was signed" in fault(place.served, place.encoders)
    place.edit(place.encoders, signature="")
    assert "not signed" in fault(place.served, place.encoders)
    (place.encoders / MANIFEST).unlink()
    assert "only signed models" in fault(place.served, place.encoders)


@pytest.mark.parametrize("changed", [{"version": "9.9"}, {"more": 1}, {"made": "2030-01-01"}])
def test_nothing_in_a_signed_release_can_be_changed(place: Place, changed: dict[str, Any]) -> None:
    place.delivered().edit(place.encoders, **changed)
    assert "changed after it was signed" in fault(place.served, place.encoders)
    verified(place.open, place.encoders)  # without a key only the hashes count


@pytest.mark.parametrize("key", [True, False], ids=["with a key", "without a key"])
def test_another_model_beside_a_release_is_refused(place: Place, key: bool) -> None:
    place.delivered()
    small_model(place.served.model, intents=b'{"intents": ["other"]}')
    assert "another model than the one in release.json" in fault(place.served if key else place.open, place.encoders)


@pytest.mark.parametrize("name", ["layers.onnx", "pieces.marisa"])
def test_another_encoder_is_refused(place: Place, name: str) -> None:
    place.delivered()
    (place.encoders / encoder.expected_name() / name).write_bytes(b"other")
    assert f"{name} is another one" in fault(place.served, place.encoders)
    assert f"{name} is another one" in fault(place.open, place.encoders)
    deliver(place.served, place.release, place.encoders)  # as the message says
    verified(place.served, place.encoders)


def test_an_encoder_that_is_missing_is_taken_from_its_archive(place: Place) -> None:
    place.delivered()
    folder = place.encoders / encoder.expected_name()
    shutil.rmtree(folder)
    verified(place.served, place.encoders)
    assert encoder.folder_fault(folder, packing.read(place.encoders).encoder_files) == ""
    shutil.rmtree(folder)
    place.served.model.with_name(f"{encoder.expected_name()}.tar").unlink()
    assert "layers.onnx is missing" in fault(place.served, place.encoders)
    verified(place.open, place.encoders)  # it will be built here, as without a release


def test_a_changed_archive_of_the_encoder_is_not_unpacked(place: Place) -> None:
    place.delivered()
    shutil.rmtree(place.encoders / encoder.expected_name())
    place.served.model.with_name(f"{encoder.expected_name()}.tar").write_bytes(b"other")
    assert "another file" in fault(place.served, place.encoders)
    assert [path.name for path in place.encoders.iterdir() if path.is_dir()] == []


def test_an_archive_of_the_encoder_with_other_files_inside_is_refused(place: Place) -> None:
    """The hash of the archive is right, what it holds is not."""
    place.packed(signed=False)
    other = place.built.parent / "other" / place.built.name
    shutil.copytree(place.built, other)
    (other / "layers.onnx").write_bytes(b"LAYERS.ONNX" * 50)
    tar = place.release / f"{place.built.name}.tar"
    tar.write_bytes(encoder.pack(other))
    files = json.loads((place.release / MANIFEST).read_text())["files"]
    found = print_of(tar)
    place.edit(place.release, files=files | {tar.name: {"sha256": found.sha256, "size": found.size}})
    with pytest.raises(ReleaseError, match="another layers.onnx"):
        check(place.release, "")


def test_a_release_for_another_program_is_refused(place: Place) -> None:
    place.packed(signed=False)
    content = json.loads((place.release / MANIFEST).read_text())
    place.edit(place.release, encoder=content["encoder"] | {"name": "encoder-000000000000-1"})
    tar = place.release / f"{place.built.name}.tar"
    files = content["files"]
    files["encoder-000000000000-1.tar"] = files.pop(tar.name)
    place.edit(place.release, files=files)
    tar.rename(place.release / "encoder-000000000000-1.tar")
    with pytest.raises(ReleaseError, match="another state of the program"):
        deliver(place.open, place.release, place.encoders)
    assert not place.encoders.exists()
    shutil.copytree(place.release, place.encoders)
    assert "encoder-000000000000-1" in fault(place.open, place.encoders)


def test_a_release_goes_with_the_components_it_was_made_by(place: Place, tmp_path: Path) -> None:
    """The numbers in a model mean nothing to components that count letters differently."""
    place.packed(signed=False)
    place.edit(place.release, code="0" * 64)
    with pytest.raises(ReleaseError, match="another state of the program"):
        deliver(place.open, place.release, place.encoders)
    for name, content in (("a.py", "one = 1"), ("b.py", "two = 2")):
        (tmp_path / name).write_text(content)
    before = checking.code_hash(tmp_path)
    (tmp_path / "note.txt").write_text("no component")
    assert checking.code_hash(tmp_path) == before
    (tmp_path / "b.py").write_text("two = 3")
    assert checking.code_hash(tmp_path) != before


def test_a_model_of_another_rasa_is_refused(place: Place) -> None:
    small_model(place.trained.model, metadata=metadata(rasa_open_source_version="3.6.20"))
    assert "trained with Rasa 3.6.20" in fault(place.trained, place.encoders)


def test_a_release_that_comes_while_we_read_is_read_once_more(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.delivered()
    small_model(place.trained.model, intents=b'{"intents": ["greet", "new"]}')
    place.packed()
    copy, copies = checking._copy, []

    def interrupted(source: Path, target: Path) -> Any:
        found = copy(source, target)
        copies.append(found)
        if len(copies) == 1:
            monkeypatch.setattr(checking, "_copy", copy)
            deliver(place.served, place.release, place.encoders)
        return found

    monkeypatch.setattr(checking, "_copy", interrupted)
    with held(place.served, place.encoders) as found:
        assert found.contents.intents == {"greet", "new"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'{"format": 2}',
        b'{"format": 1}',
        b'{"format": 1, "version": 1}',
        b"\xff\xfe",
        b"[" * 200_000,
        b" " * 300_000,
    ],
    ids=["empty", "cut", "list", "format", "nothing", "number", "bytes", "deep", "long"],
)
def test_a_broken_release_is_said_and_raises_nothing_else(place: Place, raw: bytes) -> None:
    place.delivered()
    (place.encoders / MANIFEST).write_bytes(raw)
    assert "release.json" in fault(place.served, place.encoders)


@pytest.mark.parametrize(
    "files",
    [
        {"../evil": {"sha256": "0" * 64, "size": 1}},
        {"/evil": {"sha256": "0" * 64, "size": 1}},
        {".evil": {"sha256": "0" * 64, "size": 1}},
        {"file": {"sha256": "0" * 63, "size": 1}},
        {"file": {"sha256": "0" * 64, "size": -1}},
        {"file": {"sha256": "0" * 64, "size": True}},
        {},
    ],
    ids=["up", "absolute", "hidden", "hash", "size", "switch", "none"],
)
def test_a_release_names_plain_files(place: Place, files: dict[str, Any]) -> None:
    place.packed(signed=False)
    content = json.loads((place.release / MANIFEST).read_text())
    with pytest.raises(ReleaseError, match=r"release\.json"):
        Manifest.of(json.dumps(content | {"files": files}).encode())


# Delivery


def test_a_bad_release_changes_nothing(place: Place) -> None:
    place.delivered()
    before = {path.name: path.read_bytes() for path in place.encoders.iterdir() if path.is_file()}
    small_model(place.trained.model, intents=b'{"intents": ["greet", "new"]}')
    place.packed(signed=False)
    with pytest.raises(ReleaseError, match="not signed"):
        deliver(place.served, place.release, place.encoders)
    assert {path.name: path.read_bytes() for path in place.encoders.iterdir() if path.is_file()} == before


def test_who_reads_finds_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    """Files of two kinds are exchanged while another thread reads: it never sees a part, or none."""
    target = tmp_path / "model"
    contents = [bytes([kind]) * 300_000 for kind in (1, 2)]
    replace_file(target, contents[0])
    seen: set[bytes] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(target.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for turn in range(40):
            replace_file(target, contents[turn % 2])
    finally:
        done.set()
        reader.join(10)
    assert seen and seen <= set(contents)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_the_stamp_changes_with_either_file(place: Place) -> None:
    place.delivered()
    first = stamp(place.served)
    assert stamp(place.served) == first
    replace_file(place.served.model, place.release / MODEL)
    second = stamp(place.served)
    place.served.model.with_name(MANIFEST).unlink()
    third = stamp(place.served)
    place.served.model.unlink()
    assert len({first, second, third, stamp(place.served)}) == 4


# What a model may hold


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([member("/etc/passwd", b"x")], "not stay in its folder"),
        ([member("components/../../evil", b"x")], "not stay in its folder"),
        ([member("./metadata.json", b"x")], "not stay in its folder"),
        ([member("components\\evil", b"x")], "not stay in its folder"),
        ([member("components/a", kind=tarfile.SYMTYPE, link="/etc/passwd")], "link or a device"),
        ([member("components/a", kind=tarfile.LNKTYPE, link="metadata.json")], "link or a device"),
        ([member("components/a", kind=tarfile.CHRTYPE)], "link or a device"),
        ([member("components/a", kind=tarfile.FIFOTYPE)], "link or a device"),
        ([member("metadata.json", metadata())], "twice"),
        ([member("components/a", b"x"), member("components/a", b"y")], "twice"),
        ([member("fingerprint.json", b"{}")], "belongs to no model"),
        ([member(".bashrc", b"x")], "belongs to no model"),
    ],
    ids=[
        *("absolute", "up", "dot", "backslash", "symlink", "hardlink", "device", "pipe"),
        *("metadata twice", "twice", "rasa2", "foreign"),
    ],
)
def test_only_plain_files_of_a_model_are_unpacked(tmp_path: Path, members: list[Any], said: str) -> None:
    entries = [(entry, content.getvalue()) for entry, content in members]
    with pytest.raises(ReleaseError, match=said):
        inspect(small_model(tmp_path / MODEL, entries))


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 4_000_000)
    entry, _ = member("components/zeros")
    entry.size = 5_000_000
    with pytest.raises(ReleaseError, match="more than"):
        inspect(small_model(tmp_path / "one" / MODEL, [(entry, bytes(5_000_000))]))
    # behind the end of the tar, where no member says so
    path = small_model(tmp_path / "two" / MODEL)
    with tarfile.open(path, "r:gz") as tar:
        assert len(tar.getnames()) == 4
    import gzip

    raw = gzip.decompress(path.read_bytes()) + bytes(5_000_000)
    path.write_bytes(gzip.compress(raw, 1))
    with pytest.raises(ReleaseError, match="more than"):
        inspect(path)


def test_a_header_that_fills_the_memory_is_not_read(tmp_path: Path) -> None:
    entry = tarfile.TarInfo("components/long")
    entry.pax_headers = {"comment": "x" * 2_000_000}
    with pytest.raises(ReleaseError, match="far too long"):
        inspect(small_model(tmp_path / MODEL, [(entry, b"")]))


def test_too_many_files_are_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 20)
    entries = [(tarfile.TarInfo(f"components/{number}"), b"") for number in range(30)]
    with pytest.raises(ReleaseError, match="more than 20 files"):
        inspect(small_model(tmp_path / MODEL, entries))


@pytest.mark.parametrize("keep", [0, 10, 200, -10])
def test_half_an_archive_is_broken(tmp_path: Path, keep: int) -> None:
    path = small_model(tmp_path / MODEL)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ReleaseError, match="broken"):
        inspect(path)


def test_a_flipped_bit_is_broken(tmp_path: Path) -> None:
    path = small_model(tmp_path / MODEL)
    raw = bytearray(path.read_bytes())
    raw[-6] ^= 1  # in the checksum
    path.write_bytes(raw)
    with pytest.raises(ReleaseError, match="broken"):
        inspect(path)


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ({"uses": "os.system"}, "none of a component"),
        ({"uses": "subprocess.Popen"}, "none of a component"),
        ({"uses": "builtins"}, "none of a component"),
        ({"uses": "bot.settings.Settings"}, "none of a component"),
        ({"uses": "bot.nluevil.Thing"}, "none of a component"),
        ({"uses": "rasa.core.agent.Agent"}, "none of a component"),
        ({"uses": "rasa.nlu.classifiers.sklearn_intent_classifier.SklearnIntentClassifier"}, "none of a component"),
        ({"uses": "bot.nlu.intent.IntentClassifier; x"}, "none of a component"),
        ({"uses": "bot.nlu.embedding.Path"}, "does not have"),
        ({"uses": "bot.nlu.embedding.ThreadPoolExecutor"}, "does not have"),
        ({"uses": "bot.nlu.nowhere.Component"}, "does not have"),
        ({"constructor_name": "__init__"}, "method"),
        ({"constructor_name": "train"}, "method"),
        ({"fn": "__class__"}, "method"),
        ({"fn": "_save"}, "method"),
        ({"resource": {"name": "/etc"}}, "outside its archive"),
        ({"resource": {"name": "../../etc"}}, "outside its archive"),
        ({"config": {"featurizer": [{"name": "os.system"}]}}, "may name classes"),
        ({"config": {"featurizer": {"name": "os.system"}}}, "may name classes"),
        ({"config": None}, "broken"),
        ({"uses": None}, "none of a component"),
    ],
    ids=lambda value: str(next(iter(value.values())))[:40] if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("schema", ["train_schema", "predict_schema"])
def test_a_model_names_only_components(tmp_path: Path, node: dict[str, Any], said: str, schema: str) -> None:
    content = json.loads(metadata(node=node))
    content[schema] = content["predict_schema"]
    content["train_schema" if schema == "predict_schema" else "predict_schema"] = {"nodes": {}}
    with pytest.raises(ReleaseError, match=said):
        inspect(small_model(tmp_path / MODEL, metadata=json.dumps(content).encode()))


@pytest.mark.parametrize(
    "files",
    [
        {"metadata": metadata(domain={"slots": {"place": {"type": "antigravity.Slot"}}})},
        {"domain": b"slots:\n  place:\n    type: antigravity.Slot\n"},
    ],
    ids=["metadata", "domain"],
)
def test_slots_are_of_rasas_own_types(tmp_path: Path, files: dict[str, bytes]) -> None:
    with pytest.raises(ReleaseError, match="of no type"):
        inspect(small_model(tmp_path / MODEL, **files))


@pytest.mark.parametrize(
    "files",
    [
        {"metadata": b"{"},
        {"metadata": b"[]"},
        {"metadata": metadata(predict_schema=None)},
        {"metadata": metadata(domain=[])},
        {"metadata": b"[" * 200_000},
        {"intents": b"[]"},
        {"domain": b"slots: [1]"},
        {"domain": b"a: !!python/object/apply:os.system [true]"},
    ],
    ids=["cut", "list", "graph", "domain", "deep", "intents", "slots", "python"],
)
def test_a_model_that_cannot_be_read_is_said(tmp_path: Path, files: dict[str, bytes]) -> None:
    with pytest.raises(ReleaseError, match="broken"):
        inspect(small_model(tmp_path / MODEL, **files))


def test_a_model_without_metadata_is_none(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / MODEL, "w:gz") as tar:
        tar.addfile(*member(INTENT_FILE, b"{}"))
        tar.addfile(*member(DOMAIN_FILE, b""))
    with pytest.raises(ReleaseError, match="holds no metadata.json"):
        inspect(tmp_path / MODEL)


# The command, with the trained model


def run(settings: Settings, *line: str) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return main(parser.parse_args(line), settings)


@pytest.mark.model
def test_the_command_with_the_trained_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = dataclasses.replace(Settings.from_env({}), model=tmp_path / "trained" / MODEL)
    settings.model.parent.mkdir()
    shutil.copy(Settings.from_env({}).model, settings.model)
    key, out = str(tmp_path / "key.pem"), str(tmp_path / "release")
    assert run(settings, "key", "--out", key) == 0
    public = capsys.readouterr().out.strip()
    write_stamp(settings.model, "0" * 64)
    assert run(settings, "pack", "--key", key, "--out", out) == 1
    assert "run `make train`" in capsys.readouterr().err
    write_stamp(settings.model, inputs_hash())
    assert run(settings, "pack", "--key", key, "--out", out) == 0
    assert f"signed with {key_id(public)}" in capsys.readouterr().out
    there = dataclasses.replace(settings, model=tmp_path / "there" / MODEL, model_key=public)
    assert run(there, "check", out) == 0
    assert "not checked" not in capsys.readouterr().out
    found = check(Path(out), public)
    deliver(there, Path(out), tmp_path / "there")
    checked = verified(there, tmp_path / "there")
    assert checked.sha256 == print_of(settings.model).sha256 and len(checked.contents.intents) == 98
    assert found.encoder == encoder.expected_name()
    # one byte of it changed
    with (Path(out) / MODEL).open("r+b") as file:
        file.seek(1_000_000)
        byte = file.read(1)
        file.seek(-1, io.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    assert run(there, "check", out) == 1
    assert run(there, "sign", out, "--key", key) == 1
    assert run(there, "deliver", out) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3 and all("another file" in line for line in said)


def test_the_command_says_what_is_missing(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert [run(place.served, verb) for verb in ("key", "sign", "deliver")] == [2, 2, 2]
    assert run(place.served, "sign", str(place.release)) == 2
    said = capsys.readouterr().err
    assert said.count("needs the folder of a release") == 2 and "needs --out" in said and "needs --key" in said
    assert run(place.served, "check", str(place.release)) == 1
    assert "release.json cannot be read" in capsys.readouterr().err
    assert run(place.served, "pack", "--key", "none.pem", "--out", str(place.release)) == 1
    assert "none.pem cannot be read" in capsys.readouterr().err
    assert run(place.trained, "check") == 0
    assert "trained here" in capsys.readouterr().out
    place.packed()
    assert run(place.trained, "check", str(place.release)) == 0
    assert "the signature was not checked" in capsys.readouterr().out
