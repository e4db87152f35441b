"""The page of `synthtext inspect`: one HTML file with everything inside, plots as SVG and pictures as data."""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from synthtext.core.rng import hash64, permute
from synthtext.formats import Entry, Reader
from synthtext.inspection.checks import Check
from synthtext.inspection.gather import Gathered, characters, families, fetch, words
from synthtext.inspection.pictures import decode
from synthtext.inspection.statistics import Inspection, distributions, edges_of, quantiles

Image = npt.NDArray[np.uint8]
SHEET = 24  # pictures of a sheet
_SHOWN = 6  # pictures under a check
_WIDE = 432  # pixels of a picture's longer side on the page, at most
_CROP_MARGIN = 0.5  # around a word, in its height

_STYLE = """
:root{color-scheme:light dark;--ink:light-dark(#1e1e22,#e6e6e8);--faint:light-dark(#6c6c74,#9a9aa2);
--card:light-dark(#fff,#222327);--line:light-dark(#dcdcd8,#3a3b40);--main:light-dark(#2f6fb3,#6aa8e8);
--other:light-dark(#d9822b,#e8a04e);--bad:light-dark(#c22b2b,#f07070);--look:light-dark(#a86a00,#e0b050);
--ok:light-dark(#2d7d46,#6cc487)} *{box-sizing:border-box} body{font:15px/1.45
system-ui,sans-serif;margin:0;background:light-dark(#f6f6f4,#18191b);color:var(--ink)}
header,main{max-width:1400px;margin:0 auto;padding:0 24px} header{padding-top:22px}
h1{font-size:22px;margin:0;overflow-wrap:anywhere} h2{font-size:18px;margin:38px 0 12px} h3{font-size:14px;margin:0 0
6px;font-weight:600} nav{margin:8px 0 0} nav a{margin-right:14px;color:var(--main)} .faint,figcaption
small,td.faint{color:var(--faint)} .numbers{margin:8px 0 0;padding:0;list-style:none;display:flex;
flex-wrap:wrap;gap:6px 26px} .numbers b{font-size:19px;margin-right:4px}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(330px,1fr));gap:14px}
.card{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:12px 14px}
svg.plot{display:block;width:100%;height:auto} svg.plot text{font-size:11px;fill:var(--faint)} .bar{fill:var(--main)}
.bar:hover{opacity:.7} .line{fill:none;stroke:var(--other);stroke-width:2} .axis{stroke:var(--line)}
.median{stroke:var(--ink);stroke-dasharray:3 3} table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:4px 10px 4px 0;vertical-align:top; border-bottom:1px solid var(--line)}
th{font-weight:600;font-size:13px;color:var(--faint)} td.n,th.n{text-align:right;
font-variant-numeric:tabular-nums;white-space:nowrap} .over{color:var(--bad);font-weight:600}
.state{font-weight:700;white-space:nowrap} .bad .state{color:var(--bad)} .look .state{color:var(--look)} .ok
.state{color:var(--ok)} .checks td:nth-child(2){font-weight:600;width:27%} .fine{columns:26em
auto;column-gap:30px;padding:0;margin:0;list-style:none} .fine li{break-inside:avoid;padding:1px 0 1px
28px;text-indent:-28px} .said{overflow-wrap:anywhere} .bars{columns:15em auto;column-gap:26px} .bars
div{display:grid;grid-template-columns:2.2em 1fr
4.5em;gap:8px;align-items:center;break-inside:avoid;font-variant-numeric:tabular-nums} .bars .name{white-space:pre}
.bars i{display:block;height:9px;background:var(--main);border-radius:2px;min-width:1px} .bars span:last-child{
text-align:right;color:var(--faint);font-size:13px} .middle{columns:18em auto} .middle div{grid-template-columns:8em 1fr
4.5em} .long{columns:24em auto} .long div{grid-template-columns:14em 1fr 4.5em}
.name{overflow:hidden;text-overflow:ellipsis} .sheet{display:flex;flex-wrap:wrap;gap:16px 18px;align-items:flex-end}
.pair{display:inline-flex;gap:6px;padding:6px; border:1px solid var(--line);border-radius:6px}
figure{margin:0;max-width:100%} figcaption{max-width:var(--w);min-width:110px;font-size:13px;line-height:1.3;
padding-top:3px} .text{font-weight:600;white-space:pre-wrap;overflow-wrap:anywhere;display:-webkit-box;
-webkit-line-clamp:3;-webkit-box-orient:vertical;overflow:hidden} small{display:block;overflow-wrap:anywhere}
.frame{position:relative;width:var(--w);max-width:100%} .frame img,.frame svg{display:block;width:100%} .frame
svg{position:absolute;inset:0;height:100%;overflow:visible} .crisp img{image-rendering:pixelated}
polygon{fill:transparent;vector-effect:non-scaling-stroke;stroke:#00be50;stroke-width:1.5} polygon.ignored{
stroke:#e61e32;stroke-dasharray:4 3} polygon:hover{fill:#ffffff50} details>summary{cursor:pointer;color:var(--main)}
.strength span{display:inline-block;min-width:13.4em;color:var(--faint)} .strength b{color:var(--ink)} .strength .over
b{color:var(--bad)}
"""


def _e(text: object) -> str:
    return html.escape(str(text))


def _number(x: float) -> str:
    """A number with three significant digits."""
    if x == 0 or not math.isfinite(x):
        return "0" if x == 0 else "–"
    return f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}"


# Plots

_W, _H, _LEFT, _BOTTOM, _TOP = 340, 130, 4, 18, 6


def _ticks(low: float, high: float, log: bool) -> list[float]:
    """A few round values within the axis."""
    if log:
        ticks = [
            m * 10.0**k
            for k in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            for m in ((1, 2, 5) if high / low < 300 else (1,))
        ]
    else:
        step = 10.0 ** math.floor(math.log10((high - low) / 3))
        step *= next(m for m in (1, 2, 5, 10) if (high - low) / (step * m) <= 6)
        ticks = [step * k for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return [t for t in ticks if low <= t <= high]


def histogram(
    edges: npt.NDArray[np.float64],
    counts: npt.NDArray[np.int64],
    other: npt.NDArray[np.int64] | None,
    log: bool,
    median: float,
    unit: str,
) -> str:
    """The plot of a distribution: bars of one data set, a stepped line for the other; each scaled to its own total."""

    def place(value: float) -> float:
        low, high, at = float(edges[0]), float(edges[-1]), value
        if log:
            low, high, at = math.log(low), math.log(high), math.log(max(value, 1e-9))
        return _LEFT + (_W - 2 * _LEFT) * (at - low) / (high - low)

    share = counts / max(int(counts.sum()), 1)
    share_other = other / max(int(other.sum()), 1) if other is not None else np.zeros(1)
    top = max(float(share.max()), float(share_other.max()), 1e-9)
    room = _H - _BOTTOM - _TOP
    parts = []
    for i, count in enumerate(counts.tolist()):
        if not count:
            continue
        x, right, tall = place(edges[i]), place(edges[i + 1]), max(room * float(share[i]) / top, 0.8)
        said = (
            f"{_number(float(edges[i]))} to {_number(float(edges[i + 1]))} {unit}: {count:,} ({100 * share[i]:.2g} %)"
        )
        parts.append(
            f'<rect class="bar" x="{x:.1f}" y="{_H - _BOTTOM - tall:.1f}" width="{max(right - x - 0.6, 0.6):.1f}" '
            f'height="{tall:.1f}"><title>{_e(said)}</title></rect>'
        )
    if other is not None:
        steps = [f"M{place(edges[0]):.1f} {_H - _BOTTOM}"]
        for i, value in enumerate(share_other.tolist()):
            y = _H - _BOTTOM - room * value / top
            steps.append(f"L{place(edges[i]):.1f} {y:.1f}L{place(edges[i + 1]):.1f} {y:.1f}")
        parts.append(f'<path class="line" d="{"".join(steps)}"/>')
    x = place(median)
    parts.append(f'<path class="median" d="M{x:.1f} {_TOP}V{_H - _BOTTOM}"/>')
    parts.append(f'<path class="axis" d="M{_LEFT} {_H - _BOTTOM + 0.5}H{_W - _LEFT}"/>')
    last = -99.0
    for tick in _ticks(float(edges[0]), float(edges[-1]), log):
        x = place(tick)
        if x - last > 30:
            anchor = "start" if x < 14 else "end" if x > _W - 14 else "middle"
            parts.append(f'<text x="{x:.1f}" y="{_H - 4}" text-anchor="{anchor}">{_number(tick)}</text>')
            last = x
    return f'<svg class="plot" viewBox="0 0 {_W} {_H}">{"".join(parts)}</svg>'


def _bars(rows: Iterable[tuple[str, int]], room: str = "middle", log: bool = False) -> str:
    """Names with bars of their counts. `room`: for the names: "", middle or long. `log`: bars by the logarithm, for
    counts that are orders of magnitude apart."""
    rows = list(rows)
    if not rows:
        return "<p class=faint>none</p>"
    size = (lambda n: math.log1p(n)) if log else float
    most = max(size(count) for _, count in rows) or 1.0
    body = "".join(
        f'<div><span class="name" dir="auto" title="{_e(name)}">{_e(name)}</span>'
        f'<span><i style="width:{100 * size(count) / most:.1f}%"></i></span><span>{count:,}</span></div>'
        for name, count in rows
    )
    return f'<div class="bars {room}">{body}</div>'


# Pictures


@dataclass(frozen=True)
class Tile:
    """A picture to show, or with `word` 0 or more a word of it. `caption`, `note`: what stands below."""

    index: int
    word: int = -1
    caption: str | None = None
    note: str = ""


def _as_data(image: Image) -> str:
    """As PNG where that is small, else as JPEG."""
    png = cv2.imencode(".png", image)[1].tobytes()
    if len(png) > 12_000:
        jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
        return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
    return "data:image/png;base64," + base64.b64encode(png).decode()


class Album:
    """The pictures of one data set's report: entries are fetched once, pictures when they are shown."""

    def __init__(self, reader: Reader, indices: Iterable[int]) -> None:
        self._reader = reader
        self._entries = fetch(reader, indices)

    def entry(self, index: int) -> Entry | None:
        """The entry, where it was asked for."""
        return self._entries.get(index)

    def figure(self, tile: Tile) -> str:
        """The HTML of a tile; of a picture that cannot be read, its name."""
        entry = self._entries.get(tile.index)
        if entry is None:
            return ""
        image = self._image(entry)
        caption = (entry.text if tile.caption is None else tile.caption).replace("\n", " / ")
        name = f"{entry.name}{f' · {tile.note}' if tile.note else ''}"
        words = entry.words
        if image is None:
            frame, width = "<div class=faint>(cannot be shown)</div>", 150
        else:
            x0, y0 = 0, 0
            if 0 <= tile.word < len(words):
                x0, y0, x1, y1 = _around(image, words[tile.word].quad)
                image, words = np.ascontiguousarray(image[y0:y1, x0:x1]), [words[tile.word]]
            frame, width = _frame(image, words, x0, y0)
        return (
            f'<figure style="--w:{width}px">{frame}<figcaption><span class="text" dir="auto" title="{_e(caption)}">'
            f"{_e(caption)}</span><small>{_e(name)}</small></figcaption></figure>"
        )

    def _image(self, entry: Entry) -> Image | None:
        try:
            return decode(self._reader.image(entry.ref))
        except OSError:
            return None


def _around(image: Image, quad: Sequence[tuple[float, float]]) -> tuple[int, int, int, int]:
    """The box (left, top, right, bottom) of a quad with a margin, inside the image and at least 1 x 1."""
    points = np.nan_to_num(np.array(quad, np.float64).reshape(-1, 2), posinf=0.0, neginf=0.0)
    height, width = image.shape[:2]
    low, high = points.min(0), points.max(0)
    margin = _CROP_MARGIN * float(np.hypot(*(points[0] - points[-1])))
    left, top = (int(np.clip(v - margin, 0, limit - 1)) for v, limit in zip(low, (width, height), strict=True))
    right, bottom = (int(np.clip(v + margin + 1, 1, limit)) for v, limit in zip(high, (width, height), strict=True))
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _frame(image: Image, words: Sequence[Any], x0: int, y0: int) -> tuple[str, int]:
    """The picture with its words' polygons over it, and how wide it is shown."""
    height, width = image.shape[:2]
    zoom = min(_WIDE / max(width, 1.4 * height), 2.5 if height < 48 else 1.5 if height < 100 else 1.0)
    shown = max(round(width * zoom), 8)
    small = image
    if zoom < 1:
        # Twice what is shown, so that it stays sharp on dense screens.
        scale = min(2 * zoom, 1.0)
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    shapes = []
    for word in words:
        points = word.polygon or word.quad
        if len(points) < 3 or not np.isfinite(np.array(points)).all():
            continue
        xy = " ".join(f"{x - x0:.1f},{y - y0:.1f}" for x, y in points)
        said = word.text + (f"\nlegibility {word.legibility:.2f}" if word.legibility >= 0 else "")
        kind = ' class="ignored"' if word.ignore else ""
        shapes.append(f'<polygon{kind} points="{xy}"><title>{_e(said)}</title></polygon>')
    overlay = (
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none">{"".join(shapes)}</svg>' if shapes else ""
    )
    crisp = " crisp" if zoom > 1 else ""
    return f'<div class="frame{crisp}"><img alt="" src="{_as_data(small)}">{overlay}</div>', shown


# Which pictures are shown


def _random_tiles(g: Gathered) -> list[Tile]:
    return [Tile(i) for i in sorted(permute(k, g.count, hash64(0x5EE7)) for k in range(min(SHEET, g.count)))]


def _faint_tiles(g: Gathered) -> tuple[str, list[Tile]]:
    """The least legible, by the score stored or else by contrast."""
    if g.reader.unit == "picture" and np.isfinite(g.legibility).any():
        order = np.argsort(np.where(np.isfinite(g.legibility), g.legibility, np.inf), kind="stable")[:SHEET]
        return "Least legible", [Tile(int(i), note=f"legibility {g.legibility[i]:.2f}") for i in order]
    first = np.searchsorted(g.word_picture, np.arange(g.count)) if len(g.quads) else np.zeros(0, np.int64)
    known = np.flatnonzero((g.word_legibility >= 0.0) & ~g.word_ignore)
    if len(known):
        rows = known[np.argsort(g.word_legibility[known], kind="stable")[:SHEET]]
        notes = [f"legibility {g.word_legibility[i]:.2f}" for i in rows]
    elif g.of_words:
        contrast = (g.word_looks[:, 1] - g.word_looks[:, 0]) / 2.55
        order = np.argsort(contrast, kind="stable")[:SHEET]
        rows, notes = g.looked_words[order], [f"contrast {contrast[i]:.0f}" for i in order]
    else:
        contrast = (g.looks[:, 1] - g.looks[:, 0]) / 2.55
        order = np.argsort(contrast, kind="stable")[:SHEET]
        tiles = [Tile(int(g.sampled[i]), note=f"contrast {contrast[i]:.0f}") for i in order]
        return "Faintest (legibility is not stored; by contrast)", tiles
    title = "Least legible" if len(known) else "Faintest (legibility is not stored; by contrast)"
    tiles = []
    for row, note in zip(rows.tolist(), notes, strict=True):
        picture = int(g.word_picture[row])
        tiles.append(Tile(picture, row - int(first[picture]), note=note))
    return title, tiles


def _long_tiles(g: Gathered) -> list[Tile]:
    return [Tile(int(i), note=f"{g.length[i]} characters") for i in np.argsort(-g.length, kind="stable")[:SHEET]]


def _rare_tiles(g: Gathered) -> list[Tile]:
    """A picture for each of the rarest characters."""
    found = sorted((n, c) for c, n in characters(g.texts).items() if not c.isspace() and c in g.first_with)
    return [Tile(g.first_with[c], note=f"{c} (U+{ord(c):04X}) occurs {n:,} times") for n, c in found[:SHEET]]


def _with_word(album: Album, tile: Tile, wanted: str, longest: bool) -> Tile:
    """In data sets of words in pictures: the word itself, the longest one or that with a character."""
    entry = album.entry(tile.index)
    if entry is None:
        return tile
    rows = [(len(w.text) if longest else 1, i) for i, w in enumerate(entry.words) if not w.ignore and wanted in w.text]
    if not rows:
        return tile
    best = max(rows, key=lambda row: (row[0], -row[1]))[1]
    return Tile(tile.index, best, entry.words[best].text, tile.note)


def _named(album: Album, tile: Tile) -> Tile:
    """A word's tile with the word's text."""
    entry = album.entry(tile.index)
    if entry is None or not 0 <= tile.word < len(entry.words):
        return tile
    return Tile(tile.index, tile.word, entry.words[tile.word].text, tile.note)


# Sections


def _section(key: str, title: str, body: str, said: str = "") -> str:
    intro = f'<p class="faint">{said}</p>' if said else ""
    return f'<section id="{key}"><h2>{_e(title)}</h2>{intro}{body}</section>\n'


def _checks_section(result: Inspection, album: Album, other: Album | None) -> str:
    rows, fine = [], []
    for check in result.checks:
        if check.state == "ok":
            more = f' <span class="faint">{_e(check.said)}</span>' if check.said != "none" else ""
            fine.append(f'<li><span class="state">ok</span> {_e(check.title)}{": " if more else ""}{more}</li>')
            continue
        rows.append(
            f'<tr class="{check.state}"><td class="state">{check.state}</td><td>{_e(check.title)}</td>'
            f'<td><span class="said">{_e(check.said)}</span><br><span class="faint">{_e(check.advice)}</span>'
            f"{_examples(check, album, other)}</td></tr>"
        )
    body = f'<table class="checks">{"".join(rows)}</table>' if rows else ""
    body += f'<h3><br>{len(fine)} fine</h3><ul class="fine ok">{"".join(fine)}</ul>'
    return _section("checks", "Checklist", body)


def _examples(check: Check, album: Album, other: Album | None) -> str:
    leak = check.key.startswith("leak_")
    second = other if leak and other is not None else album
    figures = [album.figure(Tile(i)) for i in check.pictures[:_SHOWN]]
    figures += [
        f'<span class="pair">{album.figure(Tile(i))}{second.figure(Tile(j))}</span>' for i, j in check.pairs[:_SHOWN]
    ]
    if not figures:
        return ""
    return f'<details><summary>examples</summary><div class="sheet">{"".join(figures)}</div></details>'


def _plots_section(result: Inspection) -> str:
    others = {d.key: d for d in distributions(result.against)} if result.against else {}
    cards, constant = [], []
    for d in distributions(result.gathered):
        other = others.get(d.key)
        if other is None and float(d.values.min()) == float(d.values.max()):
            constant.append(f"{_e(d.title)}: {_number(float(d.values[0]))} {_e(d.unit)}".strip())
            continue
        edges = edges_of(d.key, d.log, d.whole, [d.values] + ([other.values] if other else []))
        q = quantiles(d.values)
        counts = np.histogram(d.values, edges)[0]
        second = np.histogram(other.values, edges)[0] if other else None
        log = d.log and float(edges[0]) > 0
        plot = histogram(edges, counts, second, log, q["median"], d.unit)
        unit = f" {d.unit}" if d.unit else ""
        said = (
            f"median {_number(q['median'])}{unit}, 5 % {_number(q['p5'])}, 95 % {_number(q['p95'])}, "
            f"{_number(q['min'])} to {_number(q['max'])}"
        )
        if other:
            said += f"; the other's median {_number(quantiles(other.values)['median'])}{unit}"
        title = d.title[0].upper() + d.title[1:]
        cards.append(f'<div class="card"><h3>{_e(title)}</h3>{plot}<div class="faint">{_e(said)}</div></div>')
    g = result.gathered
    said = f"Light and sharpness are those of {len(g.sampled):,} decoded pictures of {g.count:,}."
    if result.against:
        said += " Bars: this data set; line: the one it is set against, each scaled to its own total."
    if constant:
        said += f" The same everywhere: {'; '.join(constant)}."
    return _section("measures", "Measures", f'<div class="grid">{"".join(cards)}</div>', said)


def _text_section(g: Gathered) -> str:
    found, said = characters(g.texts), words(g.texts)
    order = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    shown = [("␣" if c == " " else "↵" if c == "\n" else c, n) for c, n in order]
    rest = f"<details><summary>{len(shown) - 120} more</summary>{_bars(shown[120:800], '', log=True)}</details>"
    bars = _bars(shown[:120], "", log=True)
    once = sum(1 for count in said.values() if count == 1)
    body = (
        f'<div class="card"><h3>Characters ({len(found):,}; bars by the logarithm)</h3>{bars}'
        f"{rest if len(shown) > 120 else ''}</div><br>"
        f'<div class="card"><h3>Most frequent words ({len(said):,} distinct, {once:,} of them once)</h3>'
        f"{_bars(said.most_common(48))}</div><br>"
        f'<div class="card"><h3>Most frequent labels ({len(g.texts):,} distinct of {g.labels:,})</h3>'
        f"{_bars(g.texts.most_common(24))}</div>"
    )
    return _section("text", "Text", body)


def _made_section(g: Gathered) -> str:
    if not g.plans:
        return ""
    named = families(g)
    shares = []
    for k, column in enumerate(g.strengths.T):
        on = column[column != 0.0].astype(np.float64)
        if len(on):
            from synthtext.inspection.plan_effects import EFFECTS

            q = quantiles(on)
            shares.append(
                f'<tr><td>{_e(tuple(EFFECTS)[k])}</td><td class="n">{100 * len(on) / len(column):.1f} %</td>'
                f'<td class="n">{_number(q["min"])}</td><td class="n">{_number(q["median"])}</td>'
                f'<td class="n">{_number(q["max"])}</td></tr>'
            )
    told = [("Backgrounds", g.backgrounds), ("Sources of text", g.sources), ("Groups of scenes", g.groups)]
    cards = [f'<div class="card"><h3>{title}</h3>{_bars(n.most_common())}</div>' for title, n in told if n]
    body = (
        f'<div class="card"><h3>Families of fonts ({len(named):,}; {len(g.faces):,} fonts)</h3>'
        f"{_bars(named.most_common(60), 'long')}</div><br>"
        f'<div class="grid">{"".join(cards)}</div><br>'
        f'<div class="card"><h3>Background photographs ({len(g.photos):,})</h3>'
        f"{_bars(g.photos.most_common(24), 'long')}</div><br>"
    )
    if shares:
        body += (
            '<div class="card"><table><tr><th>effect</th><th class="n">share of samples</th><th class="n">weakest</th>'
            f'<th class="n">median</th><th class="n">strongest</th></tr>{"".join(shares)}</table></div>'
        )
    return _section("made", "What it was made with", body, f"Counted from {g.plans:,} plans.")


def _effects_table(rows: Sequence[dict[str, Any]]) -> str:
    body = []
    for row in rows:
        parts = "".join(
            f'<span{" class=over" if part["over"] else ""} title="{part["bad"]} of {part["samples"]}; 95 % interval '
            f'{100 * part["interval"][0]:.1f} to {100 * part["interval"][1]:.1f} %">{_number(part["from"])} … '
            f"{_number(part['to'])}: <b>{100 * part['share']:.1f} %</b></span> "
            for part in row["strengths"]
        )
        without = "" if row["share_without"] is None else f"{100 * row['share_without']:.1f} %"
        over = " over" if row["over"] else ""
        body.append(
            f'<tr><td>{_e(row["effect"])}</td><td class="n">{row["samples"]:,}</td><td class="n{over}">'
            f'{100 * row["share"]:.1f} %</td><td class="n">{without}</td><td class="strength">{parts}</td></tr>'
        )
    return (
        '<table><tr><th>effect</th><th class="n">samples</th><th class="n">illegible with it</th>'
        f'<th class="n">without it</th><th>by strength</th></tr>{"".join(body)}</table>'
    )


def _fonts_table(rows: Sequence[dict[str, Any]]) -> str:
    body = "".join(
        f'<tr><td>{_e(row["font"])}</td><td class="n">{row["samples"]:,}</td>'
        f'<td class="n{" over" if row["over"] else ""}">'
        f"{100 * row['share']:.1f} %</td></tr>"
        for row in rows[:15]
        if row["bad"]
    )
    if not body:
        return ""
    return (
        '<br><div class="card"><table><tr><th>font</th><th class="n">samples</th><th class="n">illegible</th></tr>'
        f"{body}</table></div>"
    )


def _illegible_sections(result: Inspection, album: Album) -> str:
    out = ""
    target = f"{100 * result.target:.3g} %"
    legend = f"Red: above the target of {target} beyond doubt (the 95 % interval's lower end is). Worst first."
    if result.by_judge:
        judged = result.by_judge
        said = (
            f"RapidOCR read {judged['samples']:,} samples: {judged['illegible']:,} ({100 * judged['share']:.1f} %) are "
            f"illegible to it (less than half of the label found), {judged['disagree']:,} "
            f"({100 * judged['disagree_share']:.1f} %) it reads otherwise than they are labelled. It errs, too: look. "
        )
        worst = sorted((r for r in result.readings if not r.agrees), key=lambda r: r.similarity)
        tiles = [Tile(r.picture, r.word, r.text, f"read: {r.read or '(nothing)'}") for r in worst[: 2 * SHEET]]
        body = ""
        if "effects" in judged:
            body += f'<div class="card">{_effects_table(judged["effects"])}</div>{_fonts_table(judged["fonts"])}'
            said += legend
        body += f"<h3><br>Disagreements, worst first</h3>{_sheet(album, tiles)}"
        out += _section("judge", "The judge", body, said)
    if result.by_score:
        score = result.by_score
        said = (
            f"{score['illegible']:,} of {score['samples']:,} samples ({100 * score['share']:.2g} %) have a word that "
            "is marked to be ignored, its legibility below the configured minimum after all redraws."
        )
        body = ""
        if score["illegible"]:
            said += " " + legend
            body = f'<div class="card">{_effects_table(score["effects"])}</div>{_fonts_table(score["fonts"])}'
        out += _section("score", "Illegible by its own score", body, said)
    return out


def _sheet(album: Album, tiles: Sequence[Tile]) -> str:
    return f'<div class="sheet">{"".join(album.figure(_tile) for _tile in tiles)}</div>'


def _sheets(g: Gathered, album: Album, faint: tuple[str, list[Tile]]) -> str:
    of_words = g.reader.unit == "word"
    longest, rarest = _long_tiles(g), _rare_tiles(g)
    if of_words:
        longest = [_with_word(album, tile, "", True) for tile in longest]
        rarest = [_with_word(album, tile, tile.note[:1], False) for tile in rarest]
    out = _section("random", "Random", _sheet(album, _random_tiles(g)))
    out += _section("faint", faint[0], _sheet(album, [_named(album, tile) for tile in faint[1]]))
    out += _section("longest", "Longest labels", _sheet(album, longest))
    return out + _section("rarest", "Rarest characters", _sheet(album, rarest))


def _wanted(result: Inspection, faint: Sequence[Tile]) -> tuple[set[int], set[int]]:
    """Which pictures of this data set, and of the other, are shown."""
    g = result.gathered
    tiles = [*_random_tiles(g), *faint, *_long_tiles(g), *_rare_tiles(g)]
    own = {tile.index for tile in tiles}
    other: set[int] = set()
    own.update(r.picture for r in sorted(result.readings, key=lambda r: r.similarity)[: 2 * SHEET])
    for check in result.checks:
        own.update(check.pictures[:_SHOWN])
        for i, j in check.pairs[:_SHOWN]:
            own.add(i)
            (other if check.key.startswith("leak_") else own).add(j)
    return own, other


def page(result: Inspection) -> str:
    """The whole page."""
    g = result.gathered
    faint = _faint_tiles(g)
    own, others = _wanted(result, faint[1])
    album = Album(g.reader, own)
    other = Album(result.against.reader, others) if result.against else None
    m = g.reader.manifest
    made = f"; made by synthtext {m.synthtext}, seed {m.seed}, digest {m.digest[:12]}" if m else ""
    against = f"; set against {result.against.reader.path}" if result.against else ""
    said = f"{g.reader.format}{made}{against}"
    counts = [sum(check.state == state for check in result.checks) for state in ("bad", "look", "ok")]
    numbers = [
        (f"{g.count:,}", "pictures"),
        (f"{g.labels:,}", "labels"),
        (f"{len(characters(g.texts)):,}", "characters"),
        (f"{len(words(g.texts)):,}", "words"),
        *([(f"{len(g.faces):,}", "fonts")] if g.faces else []),
        (f"{counts[0]}", "checks bad"),
        (f"{counts[1]}", "to look at"),
        (f"{counts[2]}", "fine"),
    ]
    sections = (
        _checks_section(result, album, other)
        + _plots_section(result)
        + _text_section(g)
        + _made_section(g)
        + _illegible_sections(result, album)
        + _sheets(g, album, faint)
    )
    titles = {
        "checks": "checklist",
        "measures": "measures",
        "text": "text",
        "made": "made with",
        "judge": "judge",
        "score": "illegible",
        "random": "random",
        "faint": "least legible",
        "longest": "longest",
        "rarest": "rarest",
    }
    links = "".join(f'<a href="#{key}">{name}</a>' for key, name in titles.items() if f'id="{key}"' in sections)
    boxes = "".join(f"<li><b>{_e(number)}</b>{_e(name)}</li>" for number, name in numbers)
    title = str(g.reader.path)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{_e(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f'<header><h1>{_e(title)}</h1><div class="faint">{_e(said)}</div><ul class="numbers">{boxes}</ul>'
        f"<nav>{links}</nav></header><main>\n{sections}</main></body></html>\n"
    )
