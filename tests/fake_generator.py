"""A generator that costs nothing, for the tests of what lies behind it: any sample is a few sums of seed and index.

What it does wrong on purpose stands in the environment, so that worker processes know it too:
FAKE_FAULT = "kind index times folder": kind is kill, exit, hang, compile, raise or input; it happens `times` times,
each counted by a file in `folder`. FAKE_FAULT_FILE: a file that says so, for processes whose environment is fixed.
FAKE_SLEEP: seconds a sample.
"""

import os
import signal
import time
from pathlib import Path

import numpy as np
from numba.core import event

from synthtext.config import config_digest
from synthtext.core.errors import InputError
from synthtext.labels.ink_maps import Ink
from synthtext.sample import Labels, Sample

TEXTS = (
    "word",
    "two words",
    "a\ttab",
    "two\nlines",
    "back\\slash\\n",
    "Grüße №5",
    "日本",
    "<b>&\"'",
    "'quoted'",
    "x\r",
)


def _maybe_fail(index):
    fault = os.environ.get("FAKE_FAULT", "")
    file = os.environ.get("FAKE_FAULT_FILE", "")
    if file and os.path.exists(file):
        fault = Path(file).read_text()
    if not fault:
        return
    kind, at, times, folder = fault.split(" ", 3)
    if index != int(at) or len(list(Path(folder).glob("fault*"))) >= int(times):
        return
    (Path(folder) / f"fault{time.monotonic_ns()}").touch()
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "exit":
        os._exit(7)
    if kind == "compile":  # what takes long, but is no hang
        with event.trigger_event("numba:compiler_lock"):
            time.sleep(1.5)
        return
    if kind == "hang":
        time.sleep(1e6)
    if kind == "input":
        raise InputError("no font covers it")
    raise ZeroDivisionError("no sum")


class FakeGenerator:
    def __init__(self, config, seed=0):
        self.config = config
        self.seed = seed
        self.configs = (config,)
        self.digest = config_digest(config)
        self.split = None
        if config.split.name:
            self.split = {"name": config.split.name, "families": ["a"], "photographs": [], "words": len(TEXTS)}

    def __getitem__(self, index):
        _maybe_fail(index)
        time.sleep(float(os.environ.get("FAKE_SLEEP", "0")))
        h, w = 8 + index % 5, 16 + index % 11
        y, x, c = np.ogrid[:h, :w, :3]
        image = ((3 * x + 7 * y + 40 * c + 13 * index + 5 * self.seed) % 256).astype(np.uint8)
        if self.config.image.channels == "grey":
            image = image[..., 0].copy()
        text = TEXTS[index % len(TEXTS)]
        words = text.split()
        chars = [(letter, i) for i, word in enumerate(words) for letter in word]
        n, m = len(chars), len(words)
        quad = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
        char_quads = quad * 2.5 + (np.arange(n) * 3.3 + index % 7)[:, None, None].astype(np.float32)
        word_quads = quad * 9.125 + np.arange(m)[:, None, None].astype(np.float32)
        polygons = tuple(np.repeat(q, 1 + i, axis=0) for i, q in enumerate(word_quads))
        labels = Labels(
            tuple(letter for letter, _ in chars),
            char_quads.astype(np.float32),
            np.array([i for _, i in chars], np.int64),
            tuple(words),
            word_quads.astype(np.float32),
            polygons,
            np.arange(m) % 2 == 1,
            np.linspace(1.0, 0.123456, m, dtype=np.float32),
            np.arange(m),
            np.zeros(m, np.int64),
        )
        coverage = ((5 * x + 31 * y + index) % 256)[..., 0].astype(np.uint8)
        owner = ((x + y) % (n + 1))[..., 0].astype(np.uint16)
        owner[coverage == 0] = 0
        ids = np.arange(n + 1, dtype=np.uint16), np.array([0, *(i + 1 for _, i in chars)], np.uint16)
        ink = Ink(coverage, owner, *ids)
        return Sample(image, text, labels, self.seed, index, lambda: {"index": index, "made": "up"}, lambda: ink)


class FakeBatches(FakeGenerator):
    """One that makes several at once, as long as none of them fails. `asked`: for what, in this process."""

    together = 16

    def __init__(self, config, seed=0):
        super().__init__(config, seed)
        self.asked = []

    def batch(self, start, count, pictures=None):
        self.asked.append(range(start, start + count))
        return [super(FakeBatches, self).__getitem__(index) for index in range(start, start + count)]

    def __getitem__(self, index):
        self.asked.append(index)
        return super().__getitem__(index)
