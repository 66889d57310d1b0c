"""A finished figure: SVG with its alternative text, the same bytes for the same data."""

import hashlib
import io
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from disrupting_harm.config.entries.delivered import SYNTHETIC_DATA
from disrupting_harm.files.atomic import atomic_write
from disrupting_harm.presentation.figures import fonts, marks, style
from disrupting_harm.presentation.figures.layout import Sheet

_MARGIN = 12.0
"""White edge of a saved file, in points; on a page the page has its own margin."""


@dataclass(frozen=True)
class Drawing:
    """A figure as it is shown and saved.

    `svg` is made for a page: its neutral colours follow the page, light or dark. `alt` says what the figure shows.
    A file written by `save` is complete in itself: dark ink on white.
    """

    svg: str
    alt: str
    title: str
    synthetic: bool = False
    _sheet: Sheet | None = field(default=None, repr=False, compare=False)

    def _repr_mimebundle_(self, **wishes: Any) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ARG002
        """Give Jupyter the SVG, its alternative text as plain text, and metadata for the page renderer."""
        bundle = {"image/svg+xml": self.svg, "text/plain": f"{self.title}. {self.alt}"}
        # needs_background: Jupyter shows SVG as an image, which cannot follow a dark theme.
        metadata = {"alt": self.alt, "title": self.title, "needs_background": "light"}
        if self.synthetic:
            metadata["data"] = SYNTHETIC_DATA
        return bundle, {"image/svg+xml": metadata}

    def save(self, path: Path | str) -> Path:
        """Write the figure to `path`, .svg or .png (twice the size of the screen); returns the path."""
        path = Path(path)
        if path.suffix not in (".svg", ".png"):
            raise ValueError(f"{path.name}: a figure is saved as .svg or .png")
        content = self._alone().encode() if path.suffix == ".svg" else self._png()
        with atomic_write(path) as unfinished:
            unfinished.write_bytes(content)
        return path

    def save_in(self, folder: Path, name: str) -> None:
        """Write the figure to `folder` as name.svg and name.png."""
        folder.mkdir(parents=True, exist_ok=True)
        for suffix in (".svg", ".png"):
            self.save(folder / f"{name}{suffix}")

    def _alone(self) -> str:
        svg = self.svg
        for colour, themed in style.THEMED.items():
            svg = svg.replace(themed, colour)
        width, height = (float(part) for part in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0])
        wide, high = width + 2 * _MARGIN, height + 2 * _MARGIN
        view = f"{-_MARGIN:g} {-_MARGIN:g} {wide:g} {high:g}"
        size = f'width="{wide * 4 / 3:.0f}" height="{high * 4 / 3:.0f}" viewBox="{view}"'
        svg = re.sub(r'width="[\d.]+" height="[\d.]+" viewBox="[^"]*"', size, svg, count=1)
        paper = f'<rect x="{-_MARGIN:g}" y="{-_MARGIN:g}" width="{wide:g}" height="{high:g}" fill="#ffffff"/>'
        return svg.replace("</metadata>", f"</metadata>\n{paper}", 1) + "\n"

    def _png(self) -> bytes:
        import matplotlib as mpl
        from matplotlib.transforms import Bbox

        if self._sheet is None:
            raise ValueError("This drawing was made from SVG text alone and cannot be saved as .png")
        notes = {"Title": self.title, "Description": self.alt, "Software": None}
        if self.synthetic:
            notes["Comment"] = SYNTHETIC_DATA
        buffer = io.BytesIO()
        edge = _MARGIN / 72
        with mpl.rc_context(style.RC):
            figure = self._sheet.figure()
            width, height = figure.get_size_inches()
            paper = Bbox.from_extents(-edge, -edge, width + edge, height + edge)
            figure.savefig(
                buffer, format="png", dpi=192, facecolor="#ffffff", metadata=notes, bbox_inches=paper
            )
        return buffer.getvalue()


def finish(sheet: Sheet, alt: str) -> Drawing:
    """Turn a sheet into a `Drawing`."""
    inner = "\n".join(mark.svg() for mark in sheet.marks)
    # Identifiers carry a digest of the figure, so that figures in one page never share one.
    digest = "f" + hashlib.sha256(f"{sheet.title}{alt}{inner}".encode()).hexdigest()[:8]
    used = f"url(#{marks.HATCH})"
    if used in inner:
        pattern = marks.PATTERN.replace(f'id="{marks.HATCH}"', f'id="{digest}-{marks.HATCH}"')
        inner = f"{pattern}\n{inner.replace(used, f'url(#{digest}-{marks.HATCH})')}"
    svg = f"{_head(sheet, digest, alt)}{inner}\n</svg>"
    return Drawing(svg, alt, sheet.title, sheet.synthetic, sheet)


def _head(sheet: Sheet, digest: str, alt: str) -> str:
    """The first lines of the SVG, with the accessible name."""
    width, height = style.WIDTH, round(sheet.height, 2)
    note = f"<metadata>{SYNTHETIC_DATA}</metadata>" if sheet.synthetic else "<metadata></metadata>"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" '
        f'width="{width * 4 / 3:.0f}" height="{height * 4 / 3:.0f}" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-labelledby="{digest}-title {digest}-desc" '
        f'style="font-family: {fonts.STACK}; font-size: {style.SMALL:g}px; '
        f'stroke-linejoin: round">\n'
        f'<title id="{digest}-title">{escape(sheet.title)}</title>\n'
        f'<desc id="{digest}-desc">{escape(alt)}</desc>\n{note}\n'
    )
