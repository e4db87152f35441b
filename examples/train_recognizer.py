"""Train a recogniser of words from a stream alone: CNN + BiLSTM + CTC (Shi et al. 2015, "An End-to-End Trainable Neural
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
from synthtext.targets import ctc
from synthtext.targets.alphabet import Alphabet
from synthtext.torch import OnDevice, TensorStream
from training import Log, arguments, begin, learning_rate, restore, save, splits

HEIGHT, WIDTH, STEPS = 32, 128, 32
ALPHABET = Alphabet.of("@ascii")
# What is common in the tests of recognisers: ASCII, one size.
OVERRIDES = (f"image={{height: {HEIGHT}, width: {WIDTH}}}", "text.charset='@ascii'", "text.length=[1, 20]")


class Recogniser(nn.Module):
    """Grey images (N, 1, 32, 128) to log-probabilities (N, 32, classes): a step for each 4 columns."""

    def __init__(self, classes: int, width: float = 1.0) -> None:
        super().__init__()
        a, b, c, d = (int(width * n) for n in (24, 48, 96, 128))

        def block(i: int, o: int, pool: tuple[int, int] | None, stride: int = 1) -> nn.Sequential:
            layers: list[nn.Module] = [nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
            return nn.Sequential(*layers, *([nn.MaxPool2d(pool)] if pool else []))

        self.features = nn.Sequential(
            block(1, a, None, 2), block(a, b, (2, 2)), block(b, c, (2, 1)), block(c, d, (2, 1)), block(d, d, (2, 1))
        )
        self.context = nn.LSTM(d, d // 2, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(d, classes)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = self.features(image.float() / 127.5 - 1.0)[:, :, 0].transpose(1, 2)
        return self.head(x + self.context(x)[0]).log_softmax(-1)  # the sum: it learns many times sooner


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


def read(model: Recogniser, images: torch.Tensor, device: str, batch: int = 256) -> tuple[list[str], torch.Tensor]:
    """The texts of grey images (N, 1, 32, 128), and the network's log-probabilities."""
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(part.to(device)).cpu() for part in images.split(batch)])
    model.train()
    return ctc.decode(logits.exp().numpy(), ALPHABET)[0], logits


def accuracy(found: Sequence[str], texts: Sequence[str]) -> dict[str, float]:
    """Shares of the texts that are read without a fault: as they stand, and folded."""
    pairs = list(zip(found, texts, strict=True))
    return {
        "accuracy": sum(a == b for a, b in pairs) / max(len(pairs), 1),
        "folded": sum(folded(a) == folded(b) for a, b in pairs) / max(len(pairs), 1),
    }


def read_folder(folder: Path) -> tuple[torch.Tensor, list[str], list[str]]:
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


def evaluate_folder(model: Recogniser, folder: Path, device: str) -> dict[str, float]:
    """Folded accuracy on real pictures, in all and for each subfolder; texts without letters and digits don't count."""
    images, texts, groups = read_folder(folder)
    found, _ = read(model, images, device)
    right: dict[str, list[bool]] = defaultdict(list)
    for a, b, group in zip(found, texts, groups, strict=True):
        if folded(b):
            for name in {"all", group} - {""}:
                right[name].append(folded(a) == folded(b))
    return {name: sum(values) / len(values) for name, values in sorted(right.items())}


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Train, validate, and evaluate; gives the last figures."""
    args = arguments(__doc__, "words", 128, 2e-3).parse_args(argv)
    out = begin(args)
    train, val = splits(args.config, (*OVERRIDES, *args.set))
    model = Recogniser(len(ALPHABET) + 1, args.width).to(args.device)
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
        log = Log(out / "log.jsonl", step)
        losses: list[float] = []
        for batch in batches if step < args.steps else ():
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(step, args.steps, args.lr)
            loss = loss_of(model(batch["image"]), batch["ctc"])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            losses.append(loss.item())
            step += 1
            if step % args.log == 0 or step == args.steps:
                rate, waited = round(stream.stats.rate), round(stream.stats.waited, 3)
                mean = sum(losses) / len(losses)
                log.write("train", step, samples=step * args.batch_size, loss=mean, rate=rate, waited=waited)
                losses.clear()
            if step % args.every == 0 or step == args.steps:
                found, logits = read(model, val_images, args.device)
                results["val"] = {"loss": loss_of(logits, val_target).item(), **accuracy(found, val_texts)}
                log.write("val", step, **results["val"])
                save(out / "checkpoint.pt", model, optimiser, batches, step)
            if step == args.steps:
                break
    if args.real:
        results["real"] = evaluate_folder(model, Path(args.real), args.device)
        log.write("real", step, **results["real"])
    log.close()
    return results


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        print(f"train_recognizer: error: {error}", file=sys.stderr)
        sys.exit(2)
