"""What a network learns from a source of labelled words, told by how many real words it then reads.

    python benchmarks/learning_value.py words --real FOLDER                         a preset (or a .yaml)
    python benchmarks/learning_value.py words --against SET --real FOLDER --seeds 3   two sources, paired
    python benchmarks/learning_value.py words --live --steps 10000 --real FOLDER    every step sees new samples
    python benchmarks/learning_value.py words --real FOLDER --save NET --samples 60000 --steps 2500
    python benchmarks/learning_value.py words --real FOLDER --start NET --lr 6e-4 --steps 450 --set KEY=VALUE
                                                one network, trained on with each variant: small differences show, fast

A source is a preset, a configuration (.yaml), or a data set of word images that `synthtext inspect` reads. Each trains
the same small CRNN with CTC (Shi et al. 2015), from nothing or from --start, the same number of steps, on --samples of
its images, grey, 32 x 100. It is tested on the data sets under --real, by subfolder, as the field's papers do: letters
and digits only, case ignored, no lexicon. No augmentation here: what the data lacks shows.

Figures are percents of the words. Of several seeds (of the weights and, for what is generated, of the samples) the mean
and the standard deviation; of two sources the difference, with a 95 % interval by 2,000 bootstraps over the real words.
"""

from __future__ import annotations

# ruff: noqa: E402
import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # as the command line has it: a process of one thread may fork its workers

import argparse
import datetime
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from synthtext import Generator, InputError, Stream
from synthtext.config import Config, load_config
from synthtext.crop.caption import draw_caption
from synthtext.formats import open_dataset
from synthtext.tools.bench import machine

HEIGHT, WIDTH, STEPS = 32, 100, 25  # a step of the sequence for each 4 columns
CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_CLASS = {c: i for i, c in enumerate(CHARACTERS, 1)}  # 0 is CTC's blank

Images = npt.NDArray[np.uint8]


class Words:
    """Grey images, uint8 (N, 32, 100), and their texts, folded to `CHARACTERS`."""

    def __init__(self, images: Sequence[Images], texts: Sequence[str]) -> None:
        self.images = np.stack(images)
        self.texts = list(texts)


def fold(text: str) -> str:
    return "".join(c for c in text.lower() if c in _CLASS)


def fits(text: str) -> bool:
    """Whether CTC can align it: equal neighbours need a blank between them."""
    return text != "" and len(text) + sum(a == b for a, b in pairwise(text)) <= STEPS


def shrink(image: Images) -> Images:
    """To 32 x 100, grey."""
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    how = cv2.INTER_AREA if grey.shape[0] > HEIGHT else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, (WIDTH, HEIGHT), interpolation=how), np.uint8)


def read_sets(path: Path) -> dict[str, Words]:
    """The words of a data set by the first folder in their pictures' names, where they have folders; else as one."""
    groups: dict[str, list[tuple[Images, str]]] = {}
    reader = open_dataset(path)
    for entry in reader.entries():
        picture = cv2.imdecode(np.frombuffer(reader.image(entry.ref), np.uint8), cv2.IMREAD_GRAYSCALE)
        text = fold(entry.text)
        if picture is not None and text:
            name = entry.name.split("/")[0] if "/" in entry.name else path.name
            groups.setdefault(name, []).append((shrink(np.asarray(picture, np.uint8)), text))
    reader.close()
    if not groups:
        raise InputError(f"{path}: no word of it has a picture, and letters or digits; give a data set of words")
    return {name: Words(*zip(*words, strict=True)) for name, words in sorted(groups.items())}


def make_words(config: Config, seed: int, count: int) -> Words:
    """The first samples of a configuration, those that CTC cannot align passed over."""
    generator = Generator(config, seed)
    samples = (generator[i] for i in range(count))
    return Words(*zip(*((shrink(s.image), fold(s.text)) for s in samples), strict=True))


class Source:
    """Where training words come from: a configuration, or a data set. Raises InputError for what is neither."""

    def __init__(self, name: str, overrides: Sequence[str]) -> None:
        self.name = name
        path = Path(name)
        self.config = None if path.is_dir() else load_config(name, overrides)
        self._sets = list(read_sets(path).values()) if self.config is None else []

    def words(self, seed: int, samples: int) -> Words:
        """The words of a seed: a data set has the same ones for all."""
        if self.config is not None:
            return make_words(self.config, seed, samples)
        return Words([i for part in self._sets for i in part.images], [t for part in self._sets for t in part.texts])

    def batches(self, seed: int, args: argparse.Namespace) -> Iterator[tuple[Images, list[str]]]:
        """Endless batches: --samples words shuffled anew at every pass, or new ones at every step (--live)."""
        if args.live:
            if self.config is None:
                raise InputError(f"{self.name}: --live wants a preset or a configuration, not a data set")
            with Stream(self.config, seed, batch_size=args.batch, workers=args.workers) as stream:
                for batch in stream:
                    texts = [fold(text) for text in batch["text"]]
                    keep = [i for i, text in enumerate(texts) if fits(text)]
                    yield np.stack([shrink(batch["image"][i]) for i in keep]), [texts[i] for i in keep]
        words = self.words(seed, args.samples)
        keep = np.array([i for i, text in enumerate(words.texts) if fits(text)])
        rng = np.random.default_rng(seed)
        while True:
            order = rng.permutation(keep)
            for at in range(0, len(order) - args.batch + 1, args.batch) or [0]:
                pick = order[at : at + args.batch]
                yield words.images[pick], [words.texts[i] for i in pick]


class Crnn(nn.Module):
    """Grey images (N, 1, 32, 100) in -1 to 1, to log-probabilities (N, 25, classes)."""

    def __init__(self, channels: Sequence[int] = (32, 64, 96, 128), hidden: int = 96) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 1
        for pool, after in zip(((2, 2), (2, 2), (2, 1), (2, 1)), channels, strict=True):
            layers += [nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
            layers += [nn.MaxPool2d(pool)]
            before = after
        self.features = nn.Sequential(*layers)
        self.context = nn.GRU(2 * before, hidden, bidirectional=True, batch_first=True)
        self.head = nn.Linear(2 * hidden, len(CHARACTERS) + 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.features(x).float().flatten(1, 2).transpose(1, 2)  # both rows that are left are a step's features
        return self.head(self.context(y)[0]).log_softmax(-1)


def to_input(images: Images) -> torch.Tensor:
    x = torch.from_numpy(images)[:, None].float() / 127.5 - 1.0
    return x.contiguous(memory_format=torch.channels_last)


class Autocast:
    """Convolutions in bfloat16 where the processor or the GPU has it: they take a third of the time."""

    def __init__(self, device: str, precision: str) -> None:
        fast = device != "cpu" or torch.cpu._is_avx512_bf16_supported()
        self.device, self.on = device, precision == "bf16" or (precision == "auto" and fast)

    def __call__(self) -> torch.autocast:
        return torch.autocast(self.device, torch.bfloat16, enabled=self.on)


def train(source: Source, seed: int, args: argparse.Namespace) -> tuple[Crnn, dict[str, Any]]:
    torch.manual_seed(seed)
    autocast = Autocast(args.device, args.precision)
    model = Crnn().to(args.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if args.start:
        model.load_state_dict(torch.load(args.start, args.device, weights_only=True))
    optimiser = torch.optim.AdamW(model.parameters(), args.lr, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, args.lr, total_steps=args.steps, pct_start=0.1)
    began, mean = time.perf_counter(), 0.0
    batches = source.batches(seed, args)
    for step in range(args.steps):
        images, texts = next(batches)
        with autocast():
            logits = model(to_input(images).to(args.device))
        target = torch.tensor([_CLASS[c] for text in texts for c in text])
        lengths = torch.tensor([len(text) for text in texts])
        loss = nn.functional.ctc_loss(
            logits.float().transpose(0, 1), target, torch.full((len(texts),), STEPS), lengths, zero_infinity=True
        )
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        mean = loss.item() if step == 0 else 0.98 * mean + 0.02 * loss.item()
        if step % 250 == 249:
            rate = (step + 1) * args.batch / (time.perf_counter() - began)
            message = f"{source.name} seed {seed} step {step + 1} loss {mean:.3f} {rate:.0f} words/s"
            print(message, file=sys.stderr, flush=True)
    batches.close()  # type: ignore[attr-defined]
    return model, {"loss": round(mean, 4), "seconds": round(time.perf_counter() - began)}


@torch.no_grad()
def read(model: Crnn, words: Words, device: str, precision: str) -> list[str]:
    """What the network reads (the best class of each step, repeats and blanks dropped)."""
    model.eval()
    found = []
    for at in range(0, len(words.texts), 512):
        with Autocast(device, precision)():
            best = model(to_input(words.images[at : at + 512]).to(device)).argmax(-1).cpu().numpy()
        for row in best:
            steps = [k for k, before in zip(row, [0, *row[:-1]], strict=True) if k and k != before]
            found.append("".join(CHARACTERS[k - 1] for k in steps))
    model.train()
    return found


def draw_mistakes(path: Path, words: Words, found: Sequence[str], count: int = 120) -> None:
    """A sheet of words that were read wrong, spread over the set: the label above, what was read below."""
    wrong = [i for i, (a, b) in enumerate(zip(found, words.texts, strict=True)) if a != b]
    wrong = [wrong[k * len(wrong) // count] for k in range(count)] if len(wrong) > count else wrong
    columns, width, height = 8, 2 * WIDTH + 8, 2 * HEIGHT + 44
    page = np.full((-(-len(wrong) // columns) * height, columns * width, 3), 255, np.uint8)
    for n, i in enumerate(wrong):
        x, y = n % columns * width, n // columns * height
        picture = cv2.resize(words.images[i], (2 * WIDTH, 2 * HEIGHT), interpolation=cv2.INTER_LINEAR)
        page[y + 20 : y + 20 + 2 * HEIGHT, x : x + 2 * WIDTH] = picture[:, :, None]
        draw_caption(page, words.texts[i], x, y + 15, 14.0, (20, 20, 20), width - 8)
        draw_caption(page, found[i] or "(nothing)", x, y + 2 * HEIGHT + 36, 14.0, (190, 30, 30), width - 8)
    cv2.imwrite(str(path), cv2.cvtColor(page, cv2.COLOR_RGB2BGR))


def bootstrap(difference: npt.NDArray[np.float64], rounds: int = 2000) -> tuple[float, float]:
    """95 % interval of a mean, by drawing its words again."""
    rng = np.random.default_rng(0)
    means = [difference[rng.integers(0, len(difference), len(difference))].mean() for _ in range(rounds)]
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def measure(
    source: Source, sets: dict[str, Words], args: argparse.Namespace
) -> tuple[dict[str, Any], dict[str, npt.NDArray[np.float64]]]:
    """Figures of a source, and for each real set which words were read, float64 (words,): the mean over the seeds."""
    right: dict[str, list[npt.NDArray[np.float64]]] = {name: [] for name in sets}
    runs = []
    for seed in range(args.seed, args.seed + args.seeds):
        model, run = train(source, seed, args)
        if args.save and seed == args.seed:
            torch.save(model.state_dict(), args.save)
        for name, words in sets.items():
            found = read(model, words, args.device, args.precision)
            right[name].append(np.array([a == b for a, b in zip(found, words.texts, strict=True)], float))
            if args.mistakes and seed == args.seed:
                Path(args.mistakes).mkdir(parents=True, exist_ok=True)
                draw_mistakes(Path(args.mistakes) / f"{name}.png", words, found)
        run["seed"] = seed
        run |= {name: round(100 * values[-1].mean(), 2) for name, values in right.items()}
        run["mean"] = round(statistics.mean(run[name] for name in args.mean or sets), 2)
        runs.append(run)
        print(f"{source.name}: {json.dumps(run)}", flush=True)
    names = [*sets, "mean"]
    figures: dict[str, Any] = {"source": source.name, "runs": runs}
    figures |= {name: round(statistics.mean(run[name] for run in runs), 2) for name in names}
    if len(runs) > 1:
        figures["deviation"] = {name: round(statistics.stdev(run[name] for run in runs), 2) for name in names}
    return figures, {name: np.mean(values, 0) for name, values in right.items()}


def compare(
    a: dict[str, npt.NDArray[np.float64]], b: dict[str, npt.NDArray[np.float64]]
) -> dict[str, tuple[float, float, float]]:
    """For each real set, a's points above b's, and the interval of that."""
    out = {}
    for name in a:
        difference = 100.0 * (a[name] - b[name])
        low, high = bootstrap(difference)
        out[name] = (round(float(difference.mean()), 2), round(low, 2), round(high, 2))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("--against", metavar="SOURCE", help="a second source, compared word by word")
    parser.add_argument("--real", required=True, metavar="FOLDER", help="a data set of real words to test on")
    parser.add_argument("--only", nargs="+", metavar="SET", help="of the subfolders of --real")
    parser.add_argument("--mean", nargs="+", metavar="SET", help="the sets that the mean is of (default: all)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="of the first source")
    parser.add_argument("--samples", type=int, default=20_000, help="words to train on (default 20,000)")
    parser.add_argument("--live", action="store_true", help="new words at every step, from a stream")
    parser.add_argument("--workers", type=int, default=1, help="of the stream (default 1)")
    parser.add_argument("--steps", type=int, default=3000, help="default 3,000")
    parser.add_argument("--batch", type=int, default=128, help="default 128")
    parser.add_argument("--lr", type=float, default=2e-3, help="the highest learning rate (default 0.002)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--seeds", type=int, default=1, help="how many (default 1)")
    parser.add_argument("--save", metavar="NET", help="where to keep the network of the first source and seed")
    parser.add_argument("--start", metavar="NET", help="train on from what --save kept, not from nothing")
    parser.add_argument("--threads", type=int, default=1, help="of the network (default 1)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=("auto", "bf16", "fp32"), default="auto", help="of the convolutions")
    parser.add_argument("--mistakes", metavar="FOLDER", help="pictures of words that were read wrong, one a set")
    parser.add_argument("--json", metavar="FILE")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    if args.start and not Path(args.start).is_file():
        raise InputError(f"--start {args.start}: there is no such file; make one with --save")
    sets = read_sets(Path(args.real))
    unknown = {*(args.only or ()), *(args.mean or ())} - {*sets}
    if unknown:
        raise InputError(f"--real {args.real}: has no set {sorted(unknown)[0]!r}, but {', '.join(sets)}")
    sets = {name: sets[name] for name in args.only or sets}
    result: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine(),
        "steps": args.steps,
        "batch": args.batch,
        "samples": "live" if args.live else args.samples,
        "set": args.set,
        "words": {name: len(words.texts) for name, words in sets.items()},
    }
    result["first"], a = measure(Source(args.source, args.set), sets, args)
    if args.against:
        args.mistakes = args.save = None
        result["second"], b = measure(Source(args.against, ()), sets, args)
        result["difference"] = compare(a, b)
        for name, (points, low, high) in result["difference"].items():
            print(f"{name}: {args.source} {points:+.2f} points against {args.against} ({low:+.2f} to {high:+.2f})")
    if args.json:
        Path(args.json).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        print(f"learning_value: error: {error}", file=sys.stderr)
        sys.exit(2)
