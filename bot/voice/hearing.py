"""Voice messages to text by faster-whisper, from a model on this machine. Nothing is downloaded or kept."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

# One clip at a time: two would only be slower, and each takes the memory again.
BEAM = 1


class HearingError(RuntimeError):
    """The speech model cannot be used; the message says why."""


class Whisper:
    """Transcribes with a model folder of CTranslate2; loaded at the first voice message."""

    def __init__(self, model: Path) -> None:
        if not (model / "model.bin").exists():
            raise HearingError(f"{model}: no speech model (a folder with model.bin, as faster-whisper takes)")
        try:
            import faster_whisper  # type: ignore[import-not-found]
        except ImportError as exc:
            raise HearingError("a speech model is set, but the package faster-whisper is not installed") from exc
        self._make = lambda: faster_whisper.WhisperModel(str(model), device="cpu", compute_type="int8")
        self._model: Any = None
        self._lock = asyncio.Lock()

    async def __call__(self, content: bytes, language: str) -> str:
        """What was said in OGG/Opus bytes, "" when nothing was understood; `language` is what is expected."""
        async with self._lock:
            return await asyncio.to_thread(self._transcribe, content, language)

    def _transcribe(self, content: bytes, language: str) -> str:
        self._model = self._model or self._make()
        segments, _ = self._model.transcribe(
            io.BytesIO(content), language=language, beam_size=BEAM, temperature=0.0, condition_on_previous_text=False
        )
        return " ".join(segment.text.strip() for segment in segments)
