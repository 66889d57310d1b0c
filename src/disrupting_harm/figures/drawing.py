"""A finished figure: SVG with its alternative text, the same bytes for the same data."""

import hashlib
import io
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from disrupting_harm.figures import style
from disrupting_harm.whole import whole

THEMED = {
    style.INK: "currentColor",
    style.MUTED: f"var(--figure-muted, {style.MUTED})",
    style.GRID: f"var(--figure-grid, {style.GRID})",
    style.PAPER: "var(--figure-paper, #ffffff)",
    style.HIDDEN: f"var(--figure-hidden, {style.HIDDEN})",
    style.HATCH: f"var(--figure-hatch, {style.HATCH})",
    style.WARNING: f"var(--figure-warning, {style.WARNING})",
    **{colour: f"var(--figure-{i}, {colour})" for i, colour in enumerate(style.SERIES, 1)},
}
"""How the neutral colours follow the page that a figure stands in."""

MARGIN = 12.0
"""White edge of a saved file, in points; on a page the page has its own margin."""


@dataclass(frozen=True)
class Drawing:
    """A figure as it is shown and saved.

    `svg` is made for a page: its neutral colours follow the page, light or dark. `alt` says what the figure shows.
    A file written by `save` stands alone: dark ink on white.
    """

    svg: str
    alt: str
    title: str
    synthetic: bool = False
    _figure: Figure | None = field(default=None, repr=False, compare=False)

    def _repr_mimebundle_(self, **wishes: Any) -> tuple[dict, dict]:  # noqa: ARG002
        """Give Jupyter the SVG, its alternative text as plain text, and metadata for the page renderer."""
        bundle = {"image/svg+xml": self.svg, "text/plain": f"{self.title}. {self.alt}"}
        # needs_background: Jupyter shows SVG as an image, which cannot follow a dark theme.
        metadata = {"alt": self.alt, "title": self.title, "needs_background": "light"}
        if self.synthetic:
            metadata["data"] = style.SYNTHETIC_MARK
        return bundle, {"image/svg+xml": metadata}

    def save(self, path: Path | str) -> Path:
        """Write the figure to `path`, .svg or .png (twice the size of the screen); returns the path."""
        path = Path(path)
        if path.suffix not in (".svg", ".png"):
            raise ValueError(f"{path.name}: a figure is saved as .svg or .png")
        content = self._alone().encode() if path.suffix == ".svg" else self._png()
        with whole(path) as unfinished:
            unfinished.write_bytes(content)
        return path

    def save_in(self, folder: Path, name: str) -> None:
        """Write the figure to `folder` as name.svg and name.png."""
        folder.mkdir(parents=True, exist_ok=True)
        for suffix in (".svg", ".png"):
            self.save(folder / f"{name}{suffix}")

    def _alone(self) -> str:
        svg = self.svg
        for colour, themed in THEMED.items():
            svg = svg.replace(themed, colour)
        width, height = (float(part) for part in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())
        wide, high = width + 2 * MARGIN, height + 2 * MARGIN
        view = f"{-MARGIN:g} {-MARGIN:g} {wide:g} {high:g}"
        size = f'width="{wide * 4 / 3:.0f}" height="{high * 4 / 3:.0f}" viewBox="{view}"'
        svg = re.sub(r'width="[\d.]+" height="[\d.]+" viewBox="[^"]*"', size, svg, count=1)
        paper = f'<rect x="{-MARGIN:g}" y="{-MARGIN:g}" width="{wide:g}" height="{high:g}" fill="#ffffff"/>'
        return svg.replace("</metadata>", f"</metadata>\n{paper}", 1) + "\n"

    def _png(self) -> bytes:
        if self._figure is None:
            raise ValueError("This drawing was made from SVG text alone and cannot be saved as .png")
        notes = {"Title": self.title, "Description": self.alt, "Software": None}
        if self.synthetic:
            notes["Comment"] = style.SYNTHETIC_MARK
        buffer = io.BytesIO()
        width, height = self._figure.get_size_inches()
        edge = MARGIN / 72
        sheet = Bbox.from_extents(-edge, -edge, width + edge, height + edge)
        with mpl.rc_context(style.RC):
            self._figure.savefig(
                buffer, format="png", dpi=192, facecolor="#ffffff", metadata=notes, bbox_inches=sheet
            )
        return buffer.getvalue()


def finish(figure: Figure, title: str, alt: str, synthetic: bool) -> Drawing:
    """Turn a matplotlib figure into a `Drawing`."""
    buffer = io.StringIO()
    with mpl.rc_context(style.RC):
        metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(buffer, format="svg", transparent=True, metadata=metadata)
    return Drawing(_for_a_page(buffer.getvalue(), title, alt, synthetic), alt, title, synthetic, figure)


def _for_a_page(svg: str, title: str, alt: str, synthetic: bool) -> str:
    """Strip what an inline SVG does not need, add the accessible name, and let neutral colours follow the page."""
    body = svg[svg.index("<svg") :]
    body = re.sub(
        r"<!--.*?-->\s*|<metadata>.*?</metadata>\s*|<defs>\s*<style.*?</style>\s*</defs>\s*",
        "",
        body,
        flags=re.S,
    )
    body = re.sub(r" ?font-family: [^;\"]*;?", "", body)
    body = re.sub(r' transform="rotate\(-0 [^"]*\)"', "", body)
    for colour, themed in THEMED.items():
        body = body.replace(colour, themed)
    inner = _shorten(body[body.index(">") + 1 : body.rindex("</svg>")].strip())
    view = re.search(r'viewBox="([^"]*)"', body).group(1)
    # Identifiers carry a digest of the figure, so that figures in one page never share one.
    digest = "f" + hashlib.sha256(f"{title}{alt}{inner}".encode()).hexdigest()[:8]
    inner = _scope_identifiers(inner, digest)
    return _head(view, digest, title, alt, synthetic) + inner + "\n</svg>"


def _shorten(svg: str) -> str:
    """Round places to a hundredth of a point and leave out needless blanks: about half the length, the same picture."""

    def shorter(match: re.Match) -> str:
        text = re.sub(r"(\d\.\d\d)\d+", r"\1", match.group(0))
        return re.sub(r"\s*\n\s*|(?<=[MLCQ]) ", "", text) if text.startswith(" d=") else text

    svg = re.sub(r' (?:d|x|y|width|height|transform)="[^"]*"', shorter, svg)
    return re.sub(r"\n\s+<", "\n<", svg)


def _scope_identifiers(svg: str, prefix: str) -> str:
    used = set(re.findall(r'href="#([^"]+)"', svg)) | set(re.findall(r"url\(#([^)]+)\)", svg))

    def rename(match: re.Match) -> str:
        return f' id="{prefix}-{match.group(1)}"' if match.group(1) in used else ""

    svg = re.sub(r' id="([^"]+)"', rename, svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', svg)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", svg)


def _head(view: str, digest: str, title: str, alt: str, synthetic: bool) -> str:
    width, height = (float(part) * 4 / 3 for part in view.split()[2:])
    note = f"<metadata>{style.SYNTHETIC_MARK}</metadata>" if synthetic else "<metadata></metadata>"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width:.0f}" height="{height:.0f}" viewBox="{view}" role="img" '
        f'aria-labelledby="{digest}-title {digest}-desc" '
        f"style=\"font-family: 'DejaVu Sans', Verdana, sans-serif; stroke-linejoin: round\">\n"
        f'<title id="{digest}-title">{escape(title)}</title>\n'
        f'<desc id="{digest}-desc">{escape(alt)}</desc>\n{note}\n'
    )
