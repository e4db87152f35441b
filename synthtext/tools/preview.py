"""`synthtext preview`: samples with their labels drawn on, as a contact sheet (PNG) or a self-contained HTML page.

Both name seed and index of each sample, so that any of them can be asked for again.
"""

from __future__ import annotations

import argparse
import base64
import html
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from synthtext.config import Config, load_config
from synthtext.core.errors import InputError
from synthtext.runtime.workers import Source
from synthtext.sample import Sample
from synthtext.text.dropped import tell

Image = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

_SHEET_WIDTH = 1680
_LONGEST = 60_000  # pixels of a side of a PNG: more is refused by many viewers
_MARGIN, _GAP, _BLEED = 16, 12, 6
_PAPER, _INK, _FAINT = (250, 250, 248), (30, 30, 34), (120, 120, 126)
SHAPES = ("words", "polygons", "chars", "lines")
OVERLAYS = ("score", "ink")  # what is laid over the picture itself
_LINE = (190, 60, 220)
_CHAR, _WORD, _POLYGON, _IGNORED = (0, 150, 255), (0, 190, 80), (255, 140, 0), (230, 30, 50)
_SHIFT = 4  # bits of a pixel's fraction that OpenCV's drawing takes


def _draw_points(image: Image, points: npt.NDArray[np.float32], zoom: float, colour: Colour, thickness: int) -> None:
    """Draw a closed polygon of image coordinates, in place.

    Here the centre of the first pixel is (0.5, 0.5), with OpenCV it is (0, 0): half a pixel of the enlarged picture.
    """
    moved = points.astype(np.float64) * zoom + _BLEED - 0.5
    fixed = np.rint(moved * (1 << _SHIFT)).astype(np.int32)
    cv2.polylines(image, [fixed], True, colour, thickness, cv2.LINE_AA, _SHIFT)


def parse_draw(text: str) -> tuple[str, ...]:
    """What `--draw` asks for: shapes, overlays and names of targets, separated by commas. Raises InputError."""
    from synthtext.targets import TAKES

    known = (*SHAPES, *OVERLAYS, *(name for name in TAKES if name not in SHAPES))
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    for name in names:
        if name not in known:
            raise InputError(f"--draw {name}: unknown; name some of {', '.join(known)}, separated by commas")
    return names


def line_quads(sample: Sample) -> list[npt.NDArray[np.float32]]:
    """The least rectangle (cv2.minAreaRect) about the words of each line, float32 (4, 2), clockwise."""
    labels = sample.labels
    quads = []
    for line in dict.fromkeys(labels.line.tolist()):
        points = np.concatenate(
            [p for p, own in zip(labels.polygons, labels.line.tolist(), strict=True) if own == line]
        )
        quads.append(np.asarray(cv2.boxPoints(cv2.minAreaRect(points.astype(np.float32))), np.float32))
    return quads


def draw_tile(sample: Sample, zoom: float, draw: Sequence[str] = SHAPES[:3]) -> Image:
    """A sample enlarged, with a narrow border, and its labels drawn over: uint8 (H, W, 3).

    `draw`: some of SHAPES; `score`, EAST's score map; `ink`, a colour for the ink of each char; names of targets, whose
    maps come as further tiles to the right.
    """
    image = _overlaid(sample, ())
    tiles = [_draw_labels(sample, _overlaid(sample, draw), zoom, draw)]
    for name in draw:
        if name not in (*SHAPES, *OVERLAYS):
            tiles += [_draw_labels(sample, picture, zoom, ()) for picture in _maps(sample, image, name)]
    return tiles[0] if len(tiles) == 1 else np.hstack(tiles)


def _maps(sample: Sample, image: Image, name: str) -> list[Image]:
    """The maps of a target over the pale picture."""
    import inspect

    from synthtext import targets
    from synthtext.targets.draw import panels

    height, width = image.shape[:2]
    stride = inspect.signature(targets.encoder(name).encode).parameters["stride"].default
    maps = targets.encode(name, sample.labels, height, width)
    return [picture for _, picture in panels(image, maps, stride)]


def _with_score(sample: Sample, image: Image) -> Image:
    """EAST's score map (stride 4) in yellow over the picture, and in red what its mask leaves out."""
    from synthtext import targets

    height, width = image.shape[:2]
    maps = targets.encode("east", sample.labels, height, width, stride=4)
    score, mask = (m.repeat(4, 0).repeat(4, 1)[:height, :width].astype(np.float32) for m in (maps.score, maps.mask))
    out = image.astype(np.float32)
    for share, colour in ((0.55 * score, (255, 220, 0)), (0.5 * (1.0 - mask), _IGNORED)):
        out += share[..., None] * (np.array(colour, np.float32) - out)
    return np.rint(out).astype(np.uint8)


def _with_ink(sample: Sample, image: Image) -> Image:
    """The ink over the pale picture, each char's in a colour of its own; where a char has no label, in grey."""
    numbers = np.arange(len(sample.labels.char_text))
    hues = (numbers * 55) % 180  # OpenCV's, of 180; neighbours lie far apart
    hsv = np.stack([hues, np.full_like(hues, 230), np.where(numbers % 2, 235, 170)], axis=1).astype(np.uint8)
    colours = np.concatenate([[(90, 90, 90)], cv2.cvtColor(hsv[None], cv2.COLOR_HSV2RGB)[0]])
    pale = 255.0 - 0.45 * (255.0 - image.astype(np.float32))
    part = sample.ink.coverage[..., None] / np.float32(255.0)
    over: Image = np.rint(pale + part * (colours[sample.ink.chars(0.0)] - pale)).astype(np.uint8)
    return over


def _overlaid(sample: Sample, draw: Sequence[str]) -> Image:
    """The picture, uint8 (H, W, 3), with the overlays that are asked for."""
    image = sample.image if sample.image.ndim == 3 else np.repeat(sample.image[..., None], 3, axis=2)
    if "ink" in draw:
        image = _with_ink(sample, image)
    return _with_score(sample, image) if "score" in draw else image


def _draw_labels(sample: Sample, image: Image, zoom: float, draw: Sequence[str]) -> Image:
    height, width = (max(round(zoom * side), 1) for side in image.shape[:2])
    how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_NEAREST if zoom == int(zoom) else cv2.INTER_LINEAR
    enlarged = cv2.resize(image, (width, height), interpolation=how)
    tile = np.full((height + 2 * _BLEED, width + 2 * _BLEED, 3), _PAPER, np.uint8)
    tile[_BLEED:-_BLEED, _BLEED:-_BLEED] = enlarged
    if "lines" in draw:
        for quad in line_quads(sample):
            _draw_points(tile, quad, zoom, _LINE, 1)
    for word in sample.words:
        if "chars" in draw:
            for char in word.chars:
                _draw_points(tile, char.quad, zoom, _CHAR, 1)
        if "polygons" in draw:
            _draw_points(tile, word.polygon, zoom, _POLYGON, 1)
        if "words" in draw:
            _draw_points(tile, word.quad, zoom, _IGNORED if word.ignore else _WORD, 2 if zoom >= 2 else 1)
    return tile


def _default_zoom(samples: Sequence[Sample]) -> float:
    """Enlarge small samples to be seen, shrink those that are wider than the sheet."""
    typical = float(statistics.median(sample.image.shape[1] for sample in samples))
    widest = float(max(sample.image.shape[1] for sample in samples))
    zoom = float(min(max(int(400 / typical), 1), 6))
    return min(zoom, (_SHEET_WIDTH - 2 * _MARGIN - 2 * _BLEED) / widest)


def _state(sample: Sample) -> str:
    """What stands under a sample's text: index, legibility, ignored words."""
    legibility = min((word.legibility for word in sample.words), default=1.0)
    ignored = sum(word.ignore for word in sample.words)
    return f"#{sample.index}  legibility {legibility:.2f}" + (f"  {ignored} ignored" if ignored else "")


def sheet(
    samples: Sequence[Sample],
    title: str,
    columns: int | None = None,
    zoom: float | None = None,
    draw: Sequence[str] = SHAPES[:3],
) -> Image:
    """The contact sheet, uint8 (H, W, 3) RGB. Raises InputError where it would be too large."""
    from synthtext.crop.caption import draw_caption

    zoom = zoom or _default_zoom(samples)
    tiles = [draw_tile(sample, zoom, draw) for sample in samples]
    column = max(*(tile.shape[1] for tile in tiles), 150)
    columns = min(columns or max((_SHEET_WIDTH - 2 * _MARGIN + _GAP) // (column + _GAP), 1), len(samples))
    rows = [range(i, min(i + columns, len(samples))) for i in range(0, len(samples), columns)]
    caption = 44
    heights = [max(tiles[i].shape[0] for i in row) + caption for row in rows]
    height = sum(heights) + _GAP * (len(rows) - 1) + 2 * _MARGIN + 34
    width = max(columns * (column + _GAP) - _GAP + 2 * _MARGIN, 480)
    if max(height, width) > _LONGEST:
        raise InputError(
            f"the sheet would be {width} x {height} pixels, more than {_LONGEST}; give a lower -n or --zoom, other "
            "--columns, or write .html"
        )
    page = np.full((height, width, 3), _PAPER, np.uint8)
    draw_caption(page, title, _MARGIN, _MARGIN + 16, 17.0, _INK, width - 2 * _MARGIN)
    y = _MARGIN + 34
    for row, row_height in zip(rows, heights, strict=True):
        for i, number in enumerate(row):
            x = _MARGIN + i * (column + _GAP)
            tile, sample = tiles[number], samples[number]
            page[y : y + tile.shape[0], x : x + tile.shape[1]] = tile
            below = y + tile.shape[0]
            text = sample.text.replace("\n", " / ")
            draw_caption(page, text, x + _BLEED, below + 14, 15.0, _INK, column - 2 * _BLEED)
            draw_caption(page, _state(sample), x + _BLEED, below + 31, 11.5, _FAINT, column - 2 * _BLEED)
        y += row_height + _GAP
    return page


_STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.4 system-ui,sans-serif;margin:0 20px 40px;background:light-dark(#f6f6f4,#18191b)}
header{position:sticky;top:0;z-index:1;padding:10px 0;background:inherit}
h1{font-size:18px;margin:0 0 6px} label{margin-right:14px;white-space:nowrap}
input[type=range],input[type=search]{vertical-align:middle}
main{display:flex;flex-wrap:wrap;gap:22px;align-items:flex-start}
figure{margin:0;max-width:100%} .image{position:relative;width:calc(var(--w)*var(--zoom)*1px);max-width:100%}
img,svg{display:block;width:100%} img{image-rendering:pixelated} .smooth img{image-rendering:auto}
svg{position:absolute;inset:0;height:100%;overflow:visible}
polygon{fill:transparent;vector-effect:non-scaling-stroke}
polygon:hover{fill:#ffffff40} .char{stroke:#0096ff} .word{stroke:#00be50;stroke-width:2} .side{stroke:#ff8c00}
.line{stroke:#be3cdc;pointer-events:none}
.ignored.word{stroke:#e61e32;stroke-dasharray:5 3}
.no-char .char,.no-word .word,.no-side .side,.no-line .line{display:none}
figcaption{padding-top:5px;max-width:calc(var(--w)*var(--zoom)*1px);min-width:190px}
.text{white-space:pre-wrap;font-weight:600;overflow-wrap:anywhere}
.state{color:#808086;font-size:13px} code{font-size:12px;cursor:copy;overflow-wrap:anywhere}
"""

_SCRIPT = """
const root=document.body
for(const box of document.querySelectorAll('[data-class]'))
  box.onchange=()=>root.classList.toggle(box.dataset.class,box.checked===('on' in box.dataset))
document.querySelector('#zoom').oninput=e=>root.style.setProperty('--zoom',e.target.value)
document.querySelector('#find').oninput=e=>{const s=e.target.value.toLowerCase()
  for(const f of document.querySelectorAll('figure'))
    f.hidden=!f.querySelector('figcaption').textContent.toLowerCase().includes(s)}
for(const c of document.querySelectorAll('code'))c.onclick=()=>navigator.clipboard?.writeText(c.textContent)
"""


def _polygon(points: npt.NDArray[np.float32], kind: str, title: str) -> str:
    xy = " ".join(f"{x:.2f},{y:.2f}" for x, y in points.tolist())
    return f'<polygon class="{kind}" points="{xy}"><title>{html.escape(title)}</title></polygon>'


def _figure(sample: Sample, code: str, draw: Sequence[str]) -> str:
    height, width = sample.image.shape[:2]
    image = _overlaid(sample, draw) if set(draw) & set(OVERLAYS) else sample.image
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    data = base64.b64encode(cv2.imencode(".png", bgr)[1].tobytes()).decode("ascii")
    shapes = [_polygon(quad, "line", "") for quad in line_quads(sample)] if "lines" in draw else []
    for word in sample.words:
        title = f"{word.text}\nlegibility {word.legibility:.3f}" + ("\nignored" if word.ignore else "")
        if "words" in draw:
            shapes.append(_polygon(word.quad, "word ignored" if word.ignore else "word", title))
        if "polygons" in draw:
            shapes.append(_polygon(word.polygon, "side", title))
        if "chars" in draw:
            shapes += [_polygon(char.quad, "char", f"{char.text}\nof {title}") for char in word.chars]
    overlay = (
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none">{"".join(shapes)}</svg>' if shapes else ""
    )
    return (
        f'<figure style="--w:{width}"><div class="image"><img alt="" src="data:image/png;base64,{data}">{overlay}</div>'
        f'<figcaption><div class="text" dir="auto">{html.escape(sample.text)}</div>'
        f'<div class="state">seed {sample.seed} {html.escape(_state(sample))} · {width} x {height}</div>'
        f"<code>{html.escape(code)}</code></figcaption></figure>\n"
    )


def page(
    samples: Sequence[Sample],
    title: str,
    code: Callable[[int], str],
    zoom: float | None = None,
    draw: Sequence[str] = SHAPES[:3],
) -> str:
    """The HTML page, with all that it needs inside. `code(index)`: the Python that makes a sample again."""
    zoom = zoom or _default_zoom(samples)
    figures = "".join(_figure(sample, code(sample.index), draw) for sample in samples)
    boxes = "".join(
        f'<label><input type="checkbox" checked data-class="no-{kind}">{name}</label>'
        for kind, name, shape in (
            ("char", "chars", "chars"),
            ("word", "word quads", "words"),
            ("side", "polygons", "polygons"),
            ("line", "lines", "lines"),
        )
        if shape in draw
    )
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f'<body style="--zoom:{zoom:g}"><header><h1>{html.escape(title)}</h1>{boxes}'
        '<label><input type="checkbox" data-class="smooth" data-on>smooth</label>'
        f'<label>zoom <input type="range" id="zoom" min="0.25" max="8" step="0.25" value="{zoom:g}"></label>'
        '<label>find <input type="search" id="find"></label></header>'
        f"<main>\n{figures}</main><script>{_SCRIPT}</script></body></html>\n"
    )


def _make_generator(config: Config, seed: int) -> Source:
    from synthtext.generator import Generator

    return Generator(config, seed)


def preview(
    config: str | Path | Config,
    out: str | Path,
    count: int = 48,
    *,
    seed: int = 0,
    start: int = 0,
    overrides: Sequence[str] = (),
    columns: int | None = None,
    zoom: float | None = None,
    draw: Sequence[str] = SHAPES[:3],
    make_generator: Callable[[Config, int], Source] | None = None,
) -> None:
    """Make the samples from `start` and write them to `out`, a contact sheet (.png) or a page (.html).

    `zoom`: enlargement (None: by the samples' size); `columns`: of the sheet; `draw`: see `draw_tile` (a page shows
    shapes and overlays alone). Raises InputError for bad arguments, a path that cannot be written and a sheet that
    would be too large.
    """
    path = Path(out)
    kind = path.suffix.lower()
    if kind not in (".png", ".html", ".htm"):
        raise InputError(f"-o {out}: end the name in .png for a contact sheet or .html for a page")
    if count < 1:
        raise InputError(f"-n {count}: ask for 1 sample or more")
    if start < 0:
        raise InputError(f"--start {start}: indices begin at 0")
    if not 0 <= seed < 2**64:
        raise InputError(f"--seed {seed}: give a number from 0 to 2**64 - 1")
    if columns is not None and columns < 1:
        raise InputError(f"--columns {columns}: give 1 or more")
    if zoom is not None and not 0.05 <= zoom <= 50:
        raise InputError(f"--zoom {zoom:g}: give a number from 0.05 to 50")
    if not path.parent.is_dir():
        raise InputError(f"-o {out}: the folder {path.parent} does not exist; make it first")
    settled = load_config(config, overrides)
    source = (make_generator or _make_generator)(settled, seed)
    tell(source)
    samples = [source[index] for index in range(start, start + count)]
    name = str(config) if isinstance(config, str | Path) else "config"
    changed = f" {' '.join(overrides)}" if overrides else ""
    title = f"{name}{changed}, seed {seed}, samples {start} to {start + count - 1}"
    if kind == ".png":
        picture = cv2.cvtColor(sheet(samples, title, columns, zoom, draw), cv2.COLOR_RGB2BGR)
        content = cv2.imencode(".png", picture)[1].tobytes()
    else:
        more = f", {list(overrides)!r}" if overrides else ""
        argument = repr(name) if isinstance(config, str | Path) else "config"
        content = page(
            samples, title, lambda index: f"Generator({argument}, {seed}{more})[{index}]", zoom, draw
        ).encode()
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"-o {out}: cannot be written: {error.strerror}") from None


def run(args: argparse.Namespace) -> int:
    """The subcommand."""
    preview(
        args.config,
        args.out,
        args.n,
        seed=args.seed,
        start=args.start,
        overrides=tuple(args.set or ()),
        columns=args.columns,
        zoom=args.zoom,
        draw=() if args.no_labels else parse_draw(args.draw),
    )
    print(f"{args.n} samples drawn on {args.out}", file=sys.stderr)
    return 0
