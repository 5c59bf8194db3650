"""QR codes as SVG."""

from __future__ import annotations

import io

from markupsafe import Markup

QUIET = 4  # modules of white around a code, as the standard asks for


def svg(link: str, title: str) -> Markup:
    """The code of a link, as large as the box around it; error correction M or better."""
    import segno

    code = segno.make(link, error="m", boost_error=True, micro=False)
    out = io.BytesIO()
    code.save(out, kind="svg", border=QUIET, xmldecl=False, svgns=True, omitsize=True, title=title, light="#fff")
    return Markup(out.getvalue().decode("utf-8"))
