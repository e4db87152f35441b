"""Batches of crops: plans to pictures and labels, all rows at once where nothing but compiled code is needed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError
from synthtext.core.srgb import ROOT_TO_DISPLAY, ROOT_TO_SRGB, luma
from synthtext.crop import compiled
from synthtext.crop.margins import FITS
from synthtext.crop.resources import Resources
from synthtext.crop.table import Table
from synthtext.degrade.sensor import NORMALS
from synthtext.geometry.warp import W_SIZE
from synthtext.labels.fit import MAX_STATIONS
from synthtext.labels.order import in_logical_order
from synthtext.labels.visible import MOST_POINTS, shown_labels
from synthtext.paint.photographs import LINEAR
from synthtext.raster.polylines import Polylines, room_for
from synthtext.sample import Labels
from synthtext.typeset.glyph_table import PLACEMENT
from synthtext.typeset.layout import Layout

Pictures = npt.NDArray[np.uint8]

COVERAGE, WRITTEN, SEEN, ADORNED = range(4)  # the masks
_TABLES = LINEAR, NORMALS, ROOT_TO_SRGB, ROOT_TO_DISPLAY


class Rendering:
    """The rows of a table while they are rendered: `step` takes some of them through stages (see `compiled`).

    `pictures`: uint8 (m, 3 height width), where the rows are rendered to, each to that which its `picture` names;
    given, they are the caller's, and images that fill theirs are views of them. `states`: of STATE.
    `arrays`: of all cells, quads float32 (c, 4, 2); of all words, quads float32 (m, 4, 2), polygons float32
    (m, 2 MAX_STATIONS, 2) and their sizes int64 (m,), what the picture shows of these (m, MOST_POINTS, 2) and (m,), the
    shown shares of cells and words, float32 (c,) and (m,), and legibility and visible share, float32 (m,).
    `scratch`: of the one row that is at work: placement, warp, outlines (points, contour ends, glyph ends, boxes), the
    picture in planes and in pixels, float32, masks float32 (4, height width) (COVERAGE of the labelled text, of all
    that is WRITTEN; the ink that is SEEN; by how much lightness painting changed the picture where letters are
    ADORNED), and the camera's picture, uint8.
    """

    def __init__(self, resources: Resources, table: Table, pictures: Pictures | None = None) -> None:
        self.resources, self.table = resources, table
        image = resources.config.image
        self._given = pictures is not None
        if pictures is None:
            pictures = np.empty((len(table.rows), 3 * image.height * image.width), np.uint8)
        self.pictures = pictures
        self._image = FITS.index(image.fit), image.height, image.width
        store = resources.store
        self._store = store.degree, store.control, store.contours, store.glyphs, store.extents
        self._rows = (
            table.rows,
            table.runs,
            table.glyphs,
            table.slots,
            table.starts,
            table.cells,
            table.words,
            table.places,
        )
        glyphs, size = table.most_glyphs, image.height * image.width
        self._room = room_for(glyphs)
        self.scratch = (
            np.empty((glyphs, PLACEMENT)),
            np.empty(W_SIZE),
            np.empty((self._room[0], 2)),
            np.empty(self._room[1], np.int64),
            np.empty(glyphs, np.int64),
            np.empty((glyphs, 4)),
            np.empty(3 * size, np.float32),
            np.empty(3 * size, np.float32),
            np.empty((4, size), np.float32),
            np.empty(3 * size, np.uint8),
        )
        n, m = len(table.cells), len(table.words)
        self.arrays = (
            np.empty((n, 4, 2), np.float32),
            np.empty((m, 4, 2), np.float32),
            np.empty((m, 2 * MAX_STATIONS, 2), np.float32),
            np.empty(m, np.int64),
            np.empty((m, MOST_POINTS, 2), np.float32),
            np.empty(m, np.int64),
            np.empty(n, np.float32),
            np.empty(m, np.float32),
            np.empty(m, np.float32),
            np.empty(m, np.float32),
        )
        self.states = np.zeros(len(table.rows), compiled.STATE)

    def step(self, which: Sequence[int], first: int, last: int) -> None:
        """Take rows through the stages `first` to `last`, of several all of them."""
        rows = np.array(which, np.int64)
        while len(rows):
            compiled.render_rows(
                rows,
                first,
                last,
                *self._image,
                self._rows,
                self._store,
                _TABLES,
                self.scratch,
                self.arrays,
                self.pictures,
                self.states,
            )
            if first > compiled.CAST:
                return
            rows = rows[self.states["status"][rows] == compiled.FULL]
            if len(rows):
                self._room = 2 * self._room[0], 2 * self._room[1]
                more = np.empty((self._room[0], 2)), np.empty(self._room[1], np.int64)
                self.scratch = (*self.scratch[:2], *more, *self.scratch[4:])

    # --- the row at work, for what reaches into its picture

    def layout(self, s: int) -> Layout:
        """The layout of the row at work."""
        table, state = self.table, self.states[s]
        row, text = table.rows[s], table.texts[s]
        words = text.words
        return Layout(
            table.slots[row["first_glyph"] : row["last_glyph"]],
            self.placement(s),
            int(row["own"]),
            table.cells[row["first_cell"] : row["last_cell"]],
            table.words[row["first_word"] : row["last_word"]],
            [chars for word in words for chars in word.cell_chars],
            [word.text for word in words],
            text.lines,
            [word.reading for word in words],
            float(state["layout_width"]),
            float(state["layout_height"]),
            bool(row["curve"] != 0 or row["jitter"] > 0.0),
        )

    def placement(self, s: int) -> npt.NDArray[np.float64]:
        """The placement of its glyphs, float64 (n, PLACEMENT)."""
        rows = self.table.rows
        return self.scratch[0][: rows["last_glyph"][s] - rows["first_glyph"][s]]

    def outlines(self, s: int) -> Polylines:
        """Its outlines in the picture."""
        state, (_, _, points, contour_ends, glyph_ends, boxes, *_) = self.states[s], self.scratch
        n = len(self.placement(s))
        return Polylines(points[: state["points"]], contour_ends[: state["contours"]], glyph_ends[:n], boxes[:n])

    @property
    def warp(self) -> npt.NDArray[np.float64]:
        """Its warp."""
        return self.scratch[1]

    def mask(self, s: int, number: int) -> npt.NDArray[np.float32]:
        """One of its masks, float32 (H, W)."""
        height, width = self.size(s)
        return self.scratch[8][number, : height * width].reshape(height, width)

    def size(self, s: int) -> tuple[int, int]:
        """Height and width of its picture."""
        return int(self.states["height"][s]), int(self.states["width"][s])

    def pixels(self, s: int) -> npt.NDArray[np.float32]:
        """Its picture, float32 (H, W, 3)."""
        height, width = self.size(s)
        return self.scratch[7][: 3 * height * width].reshape(height, width, 3)

    def planes(self, s: int) -> npt.NDArray[np.float32]:
        """Its picture in planes, float32 (H, 3, W)."""
        height, width = self.size(s)
        return self.scratch[6][: 3 * height * width].reshape(height, 3, width)

    def codes(self, s: int, of_camera: bool = False) -> Pictures:
        """Its picture in 8 bits, uint8 (H, 3 W); or the camera's, which may be smaller."""
        height, width = self.size(s)
        state = self.states[s]
        small = int(state["photo_height"]), int(state["photo_width"])
        if of_camera and small != (height, width):
            return self.scratch[9][: 3 * small[0] * small[1]].reshape(small[0], 3 * small[1])
        return self.pictures[self.table.rows["picture"][s], : 3 * height * width].reshape(height, 3 * width)

    # --- what comes of it

    def check_width(self, s: int) -> None:
        """In strict mode, a text of which a character would have less than two pixels is an error."""
        plan, width = self.table.plans[s], int(self.states["taken"][s])
        longest = max(plan.text.lines, key=len)
        if width < 2 * len(longest):
            raise InputError(
                f"text {longest!r} of sample {plan.index} is too long: {len(longest)} characters on {width} pixels; "
                "raise image.width, lower text.length, or set text.strict to false"
            )

    def rejected(self, s: int) -> bool:
        """Whether a word of a row is not legible."""
        return bool(self.states["status"][s] == compiled.REJECTED)

    @cached_property
    def _spans(self) -> list[list[int]]:
        """Of each row, once all are done: its cells and words, first to last - 1, its picture and this one's size."""
        rows, states = self.table.rows, self.states
        columns = [rows[name] for name in ("first_cell", "last_cell", "first_word", "last_word", "plain", "picture")]
        spans: list[list[int]] = np.stack([*columns, states["height"], states["width"]], 1).tolist()
        return spans

    def image(self, s: int) -> Pictures:
        """The finished picture of a row, uint8 (H, W, 3) or (H, W): a copy of its own, unless pictures were given."""
        *_, picture, height, width = self._spans[s]
        pixels = self.pictures[picture, : 3 * height * width].reshape(height, width, 3)
        if self.resources.config.image.channels == "grey":
            return luma(pixels)
        return pixels if self._given else pixels.copy()

    def text(self, s: int) -> str:
        """What is written: words with spaces, lines with newlines between them."""
        words = self.table.texts[s]
        if len(words.words) == 1:
            return words.words[0].text
        joined = [""] * (words.lines[-1] + 1)
        for word, line in zip(words.words, words.lines, strict=True):
            joined[line] += f" {word.text}" if joined[line] else word.text
        return "\n".join(joined)

    def cell_quads(self, s: int) -> npt.NDArray[np.float32]:
        """The quads of its cells, float32 (c, 4, 2), whole: a copy."""
        row = self.table.rows[s]
        return self.arrays[0][row["first_cell"] : row["last_cell"]].copy()

    def labels(self, s: int) -> Labels:
        """The labels of a row that is done: they share the batch's arrays, each a part of its own."""
        text = self.table.texts[s]
        c0, c1, w0, w1, plain, _, height, width = self._spans[s]
        char_quads, word_quads, polygons, sizes, shown, shown_sizes, _, _, legibility, visible = self.arrays
        words = text.words
        quads, own_words, score = char_quads[c0:c1], word_quads[w0:w1], legibility[w0:w1]
        if plain:
            texts = [chars[0] for word in words for chars in word.cell_chars]
            word_of = np.zeros(len(texts), np.int64)
            if len(words) > 1:
                word_of = np.repeat(np.arange(w1 - w0), [len(word.cells) for word in words])
            whole = tuple([shown[w0 + i, :k] for i, k in enumerate(shown_sizes[w0:w1].tolist())])
        else:
            texts, word_of, quads, _ = in_logical_order(self.layout(s), quads)
            own_words = own_words.copy()  # it is cut
            whole, _, _ = shown_labels(quads, own_words, polygons[w0:w1], sizes[w0:w1], height, width)
        return Labels(
            tuple(texts),
            quads,
            word_of,
            tuple([word.text for word in words]),
            own_words,
            whole,
            score < self.resources.config.legibility.minimum,
            score,
            np.array(text.lines, np.int64),
            np.zeros(w1 - w0, np.int64),
            visible[w0:w1],
            tuple([word.reading.direction for word in words]),
        )
