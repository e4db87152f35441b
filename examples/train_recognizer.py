"""Train a recogniser of words from a stream alone: CNN + BiGRU + CTC (Shi et al. 2015, "An End-to-End Trainable Neural
Network for Image-based Sequence Recognition").

    python examples/train_recognizer.py --out run --steps 2000 --real FOLDER

No data set is made. Validation words come from other fonts, photographs and word lists than those of training
(`synthtext.split`), and from another seed. FOLDER: pictures with `labels.tsv` (picture TAB text a line).
Small enough for two cores; on a GPU, give --width 3 --batch-size 512 and as many --workers as there are cores.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn

from synthtext import InputError, Stream
from synthtext.progress import Progress
from synthtext.targets import ctc
from synthtext.targets.alphabet import Alphabet
from synthtext.torch import OnDevice, TensorStream
from training import Autocast, Log, arguments, begin, learning_rate, restore, save, splits, tell

HEIGHT, WIDTH, STEPS = 32, 128, 32
ALPHABET = Alphabet.of("@ascii")
# What is common in the tests of recognisers: ASCII, one size.
OVERRIDES = (f"image={{height: {HEIGHT}, width: {WIDTH}}}", "text.charset='@ascii'", "text.length=[1, 20]")


class Recogniser(nn.Module):
    """Grey images (N, 1, 32, 128) to log-probabilities (N, 32, classes): a step for each 4 columns.

    All of the picture's resolution reaches the second convolution, and the two rows that are left at the end stand side
    by side: a network that is halved first, or pooled to one row, learns many times later.
    """

    def __init__(self, classes: int, width: float = 1.0) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 1
        for after, pool in ((32, (2, 2)), (64, (2, 2)), (96, (2, 1)), (128, (2, 1))):
            after = int(width * after)
            layers += [nn.Conv2d(before, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
            layers += [nn.MaxPool2d(pool)]
            before = after
        self.features = nn.Sequential(*layers)
        self.context = nn.GRU(2 * before, before, bidirectional=True, batch_first=True)
        self.head = nn.Linear(4 * before, classes)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = (image.float() / 127.5 - 1.0).contiguous(memory_format=torch.channels_last)
        x = self.features(x).flatten(1, 2).transpose(1, 2)
        # Past the recurrence, too: the convolutions then learn from the first step on.
        return self.head(torch.cat([x, self.context(x)[0]], -1)).float().log_softmax(-1)


def loss_of(logits: torch.Tensor, target: Any) -> torch.Tensor:
    """Mean CTC loss a character, of the texts that count."""
    steps = torch.full((len(logits),), STEPS, dtype=torch.int32)
    each = nn.functional.ctc_loss(
        logits.transpose(0, 1), target.labels, steps, target.lengths, reduction="none", zero_infinity=True
    )
    mask = target.mask.bool()
    return (each * mask).sum() / (target.lengths * mask).sum().clamp(min=1)


def folded(text: str) -> str:
    """As recognisers are compared: letters and digits only, without case."""
    return "".join(c for c in text.casefold() if c.isalnum())


def read(
    model: Recogniser, images: torch.Tensor, device: str, autocast: Autocast, batch: int = 256
) -> tuple[list[str], torch.Tensor]:
    """The texts of grey images (N, 1, 32, 128), and the network's log-probabilities."""
    model.eval()
    parts = []
    with torch.no_grad(), autocast(), Progress(len(images)) as progress:
        for first in range(0, len(images), batch):
            parts.append(model(images[first : first + batch].to(device)).cpu())
            progress.update(min(first + batch, len(images)))
    model.train()
    logits = torch.cat(parts)
    return ctc.decode(logits.exp().numpy(), ALPHABET)[0], logits


def accuracy(found: Sequence[str], texts: Sequence[str]) -> dict[str, float]:
    """Shares of the texts that are read without a fault: as they stand, and folded."""
    pairs = list(zip(found, texts, strict=True))
    return {
        "accuracy": sum(a == b for a, b in pairs) / max(len(pairs), 1),
        "folded": sum(folded(a) == folded(b) for a, b in pairs) / max(len(pairs), 1),
    }


Pictures = tuple[torch.Tensor, list[str], list[str]]


def read_folder(folder: Path) -> Pictures:
    """Pictures of a folder with `labels.tsv`, stretched as the preset has them; their texts and subfolders."""
    table = folder / "labels.tsv"
    if not table.exists():
        raise InputError(f"{table}: does not exist; --real wants a folder with labels.tsv, a picture TAB text a line")
    images, texts, groups = [], [], []
    for number, line in enumerate(table.read_text(encoding="utf-8").splitlines(), 1):
        name, tab, text = line.partition("\t")
        picture = cv2.imread(str(folder / name), cv2.IMREAD_GRAYSCALE) if tab else None
        if picture is None:
            raise InputError(f"{table}: line {number} names no picture that can be read: {name!r}")
        images.append(cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA))
        texts.append(text)
        groups.append(name.split("/")[0] if "/" in name else "")
    return torch.from_numpy(np.stack(images)[:, None]), texts, groups


def evaluate(model: Recogniser, real: Pictures, device: str, autocast: Autocast) -> dict[str, float]:
    """Folded accuracy on real pictures, in all and for each subfolder; texts without letters and digits don't count."""
    images, texts, groups = real
    found, _ = read(model, images, device, autocast)
    right: dict[str, list[bool]] = defaultdict(list)
    for a, b, group in zip(found, texts, groups, strict=True):
        if folded(b):
            for name in {"all", group} - {""}:
                right[name].append(folded(a) == folded(b))
    return {name: sum(values) / len(values) for name, values in sorted(right.items())}


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Train, validate, and evaluate; gives the last figures."""
    args = arguments(__doc__, "words", 128, 2e-3).parse_args(argv)
    real = read_folder(Path(args.real)) if args.real else None  # what is wrong with it is told before the training
    out = begin(args)
    train, val = splits(args.config, (*OVERRIDES, *args.set))
    model = Recogniser(len(ALPHABET) + 1, args.width).to(args.device, memory_format=torch.channels_last)
    autocast = Autocast(args.device, args.precision)
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=1e-4)
    fields = {
        "image": {"layout": "NCHW", "channels": "grey"},
        "text": {},
        "ctc": {"alphabet": ALPHABET, "length": STEPS, "steps": STEPS, "unknown": "mask", "too_long": "mask"},
    }
    with Stream(val, args.seed + 1_000_003, batch_size=args.val, count=args.val, fields=fields, workers=0) as held_out:
        batch = next(held_out)
        val_images, val_texts = torch.from_numpy(batch["image"].copy()), batch["text"]
        val_target = ctc.CtcTargets(*(torch.from_numpy(array.copy()) for array in batch["ctc"]))

    results: dict[str, Any] = {}
    with Stream(train, args.seed, batch_size=args.batch_size, fields=fields, workers=args.workers) as stream:
        batches = OnDevice(TensorStream(stream), args.device)
        step = restore(out / "checkpoint.pt", model, optimiser, batches) if args.resume else 0
        log = Log(out / "log.jsonl", step, args.steps)
        tell(f"training from step {step:,} to {args.steps:,}, {args.batch_size} samples each")
        losses: list[float] = []
        for batch in batches if step < args.steps else ():
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(step, args.steps, args.lr)
            with autocast():
                logits = model(batch["image"])
            loss = loss_of(logits, batch["ctc"])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            losses.append(loss.item())
            step += 1
            log.update(step, losses[-1])
            if step % args.log == 0 or step == args.steps:
                rate, waited = round(stream.stats.rate), round(stream.stats.waited, 3)
                mean = sum(losses) / len(losses)
                log.write("train", step, samples=step * args.batch_size, loss=mean, rate=rate, waited=waited)
                losses.clear()
            if step % args.every == 0 or step == args.steps:
                tell(f"reading {len(val_images):,} samples to validate")
                found, logits = read(model, val_images, args.device, autocast)
                results["val"] = {"loss": loss_of(logits, val_target).item(), **accuracy(found, val_texts)}
                log.write("val", step, **results["val"])
                save(out / "checkpoint.pt", model, optimiser, batches, step)
            if step == args.steps:
                break
    if real is not None:
        tell(f"reading {len(real[1]):,} pictures of {args.real}")
        results["real"] = evaluate(model, real, args.device, autocast)
        log.write("real", step, **results["real"])
    log.close()
    return results


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        print(f"train_recognizer: error: {error}", file=sys.stderr)
        sys.exit(2)
