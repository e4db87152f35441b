"""Train a detector of words from a stream alone: a small fully convolutional network with EAST's outputs and losses
(Zhou et al. 2017, "EAST: An Efficient and Accurate Scene Text Detector", sections 3.2 to 3.4).

    python examples/train_detector.py --out run --steps 2000 --size 256 --real FOLDER

No data set is made: score and RBOX maps come along with the images, made by the stream's workers. Validation scenes
come from other fonts, photographs and words than those of training (`synthtext.split`), and from another seed.
FOLDER: pictures with labels as of ICDAR 2015, `gt_NAME.txt` beside `NAME.jpg`.
Small enough for two cores at --size 256; on a GPU, give --size 512 --width 3 --batch-size 32 and many --workers.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from torch import nn

from synthtext import InputError, Stream
from synthtext.formats import read_icdar
from synthtext.geometry.polygons import intersection_area, quad_iou
from synthtext.progress import Progress
from synthtext.targets import east
from synthtext.torch import OnDevice, TensorStream
from training import Autocast, Log, arguments, begin, learning_rate, restore, save, splits, tell

STRIDE = 4
SMALLEST = 5  # pixels: words whose shortest side is smaller are not trained
LAMBDA_ANGLE, LAMBDA_GEOMETRY = 10.0, 1.0  # section 3.4


class Maps(NamedTuple):
    """`score` (N, h, w) in [0, 1]; `distances` (N, h, w, 4) to top, right, bottom, left; `angle` (N, h, w)."""

    score: torch.Tensor
    distances: torch.Tensor
    angle: torch.Tensor


def _conv(i: int, o: int, stride: int = 1, size: int = 3) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(i, o, size, stride, size // 2, bias=False), nn.BatchNorm2d(o), nn.ReLU())


class Detector(nn.Module):
    """RGB images (N, 3, H, W), sides multiples of 32, to `Maps` at a quarter of their size.

    A stem is halved five times; the four smaller sizes are merged from the smallest up (section 3.2, in small).
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        a, b, c, d, e = (int(width * n) for n in (12, 24, 48, 96, 96))
        self.stages = nn.ModuleList(
            [
                _conv(3, a, 2),
                nn.Sequential(_conv(a, b, 2), _conv(b, b)),
                nn.Sequential(_conv(b, c, 2), _conv(c, c)),
                nn.Sequential(_conv(c, d, 2), _conv(d, d)),
                nn.Sequential(_conv(d, e, 2), _conv(e, e)),
            ]
        )
        self.merges = nn.ModuleList(
            [nn.Sequential(_conv(i + o, o, 1, 1), _conv(o, o)) for i, o in ((e, d), (d, c), (c, b))]
        )
        self.head = nn.Conv2d(b, 6, 1)
        nn.init.constant_(self.head.bias[:1], -2.0)  # text is rare

    def forward(self, image: torch.Tensor) -> Maps:
        x = (image.float() / 127.5 - 1.0).contiguous(memory_format=torch.channels_last)
        seen = []
        for stage in self.stages:
            x = stage(x)
            seen.append(x)
        for merge, smaller in zip(self.merges, reversed(seen[1:-1]), strict=True):
            x = nn.functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
            x = merge(torch.cat([x, smaller], 1))
        out = self.head(x).permute(0, 2, 3, 1).float()
        # Lengths as powers, since the loss compares them by their ratio; the paper has 512 times a sigmoid.
        distances = 16.0 * torch.exp(out[..., 1:5].clamp(-5.0, 5.0))
        return Maps(out[..., 0].sigmoid(), distances, (out[..., 5].sigmoid() - 0.5) * (0.5 * math.pi))


def losses_of(maps: Maps, target: Any, kind: str = "dice") -> tuple[torch.Tensor, torch.Tensor]:
    """The loss of the score, dice or class-balanced cross-entropy (equations 4 and 5), and that of the geometry
    (equations 7 to 11): -log IoU of the boxes, and 1 - cos of the angles' difference. Means over what counts.

    Balanced, a score is high wherever text is not quite unlikely: on photographs much else is then found.
    """
    mask, truth = target.mask.float(), target.score
    counted, positive = mask.sum().clamp(min=1), (truth * mask).sum()
    if kind == "dice":
        overlap = (maps.score * truth * mask).sum()
        score = 1.0 - 2.0 * overlap / ((maps.score * mask).sum() + positive + 1e-6)
    else:
        beta = 1.0 - positive / counted
        p = maps.score.clamp(1e-6, 1.0 - 1e-6)
        each = -beta * truth * p.log() - (1.0 - beta) * (1.0 - truth) * (1.0 - p).log()
        # By the positives, which all images have about as many of as the weighted negatives.
        score = (each * mask).sum() / positive.clamp(min=1)
    inside = (truth * mask) > 0.5
    if not inside.any():
        return score, maps.distances.sum() * 0.0
    top, right, bottom, left = maps.distances[inside].unbind(-1)
    top_, right_, bottom_, left_, angle_ = target.rbox[inside].unbind(-1)
    width = torch.minimum(right, right_) + torch.minimum(left, left_)
    height = torch.minimum(top, top_) + torch.minimum(bottom, bottom_)
    both = width * height
    union = (top + bottom) * (right + left) + (top_ + bottom_) * (right_ + left_) - both
    box = -((both + 1.0) / (union + 1.0)).log()
    angle = 1.0 - torch.cos(maps.angle[inside] - angle_)
    return score, (box + LAMBDA_ANGLE * angle).mean()


def detect(
    model: Detector, images: torch.Tensor, device: str, autocast: Autocast, threshold: float
) -> list[tuple[Any, Any]]:
    """Quads float32 (n, 4, 2) and scores of each image."""
    model.eval()
    with torch.no_grad(), autocast():
        maps = model(images.to(device))
        rbox = torch.cat([maps.distances, maps.angle[..., None]], -1).cpu().numpy()
        score = maps.score.cpu().numpy()
    model.train()
    return [east.decode(score[k], rbox[k], STRIDE, threshold=threshold) for k in range(len(score))]


def match(found: Any, quads: Any, ignore: Any) -> tuple[int, int, int]:
    """Detections that hit a word with an IoU above 0.5, detections and words that count (ICDAR 2015's rules)."""
    ignored = quads[ignore]
    words = quads[~ignore]
    free = set(range(len(words)))
    hits = counted = 0
    for quad in found:  # the strongest first
        overlaps = {k: float(quad_iou(quad, words[k])) for k in free}
        best = max(overlaps, key=overlaps.__getitem__, default=None)
        if best is not None and overlaps[best] > 0.5:
            free.discard(best)
            hits += 1
            counted += 1
            continue
        area = max(cv2.contourArea(quad), 1e-9)
        counted += not any(intersection_area(quad, other) / area > 0.5 for other in ignored)
    return hits, counted, len(words)


def figures(rows: Iterable[tuple[int, int, int]]) -> dict[str, float]:
    """Precision, recall and F1 over all images."""
    hits, counted, words = (sum(column) for column in zip(*rows, strict=True))
    precision, recall = hits / max(counted, 1), hits / max(words, 1)
    return {"precision": precision, "recall": recall, "f1": 2.0 * hits / max(counted + words, 1)}


def labelled_pictures(folder: Path) -> list[tuple[Path, Path]]:
    """Each `gt_NAME.txt` of a folder and the picture NAME beside it."""
    pairs = []
    for path in sorted(folder.glob("gt_*.txt")):
        stem = path.stem.removeprefix("gt_")
        beside = [path.with_name(stem + suffix) for suffix in (".jpg", ".png", ".jpeg")]
        pictures = [picture for picture in beside if picture.exists()]
        if not pictures:
            raise InputError(f"{path}: there is no picture {stem}.jpg or .png beside it")
        pairs.append((path, pictures[0]))
    if not pairs:
        raise InputError(f"{folder}: holds no gt_*.txt; --real wants pictures with labels as of ICDAR 2015")
    return pairs


def evaluate(
    model: Detector, pairs: Sequence[tuple[Path, Path]], device: str, autocast: Autocast, threshold: float
) -> dict[str, float]:
    """Figures on real pictures with their labels."""
    rows = []
    progress = Progress(len(pairs))
    for path, picture_path in pairs:
        progress.update(len(rows))
        picture = cv2.imread(str(picture_path))
        if picture is None:
            raise InputError(f"{picture_path}: cannot be read as a picture")
        height, width = picture.shape[:2]
        below, beside = -height % 32, -width % 32
        picture = cv2.copyMakeBorder(picture, 0, below, 0, beside, cv2.BORDER_REPLICATE)
        image = torch.from_numpy(np.ascontiguousarray(picture[..., ::-1].transpose(2, 0, 1)))[None]
        truth = read_icdar(path)
        found, _ = detect(model, image, device, autocast, threshold)[0]
        rows.append(match(found, truth.quads, truth.ignore))
    progress.wipe()
    return figures(rows)


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Train, validate, and evaluate; gives the last figures."""
    parser = arguments(__doc__, "scenes", 8, 2e-3)
    parser.add_argument("--size", type=int, default=256, help="of the square images, a multiple of 32 (default 256)")
    parser.add_argument("--score-loss", choices=("dice", "bce"), default="dice", help="dice, or balanced cross-entropy")
    parser.add_argument("--threshold", type=float, default=0.98, help="of the score, for detections (default 0.98)")
    parser.set_defaults(val=64)
    args = parser.parse_args(argv)
    if args.size < 64 or args.size % 32:
        raise InputError(f"--size {args.size}: give a multiple of 32, at least 64")
    real = labelled_pictures(Path(args.real)) if args.real else None  # what is missing is told before the training
    out = begin(args)
    train, val = splits(args.config, (f"image={{height: {args.size}, width: {args.size}}}", *args.set))
    model = Detector(args.width).to(args.device, memory_format=torch.channels_last)
    autocast = Autocast(args.device, args.precision)
    optimiser = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=1e-4)
    fields = {
        "image": {"layout": "NCHW", "channels": "rgb"},
        "east": {"stride": STRIDE, "min_size": SMALLEST, "folded": True},
    }
    with Stream(
        val, args.seed + 1_000_003, batch_size=args.val, count=args.val, fields=fields | {"words": {}}, workers=0
    ) as held_out:
        batch = next(held_out)
        val_images = torch.from_numpy(batch["image"].copy())
        val_maps = type(batch["east"])(*(torch.from_numpy(array.copy()) for array in batch["east"]))
        val_words = [
            (batch["word_quads"][k, :n].copy(), batch["word_ignore"][k, :n].copy())
            for k, n in enumerate(batch["word_count"].tolist())
        ]

    def validate() -> dict[str, float]:
        rows, total = [], 0.0
        with torch.no_grad():
            for first in range(0, len(val_images), args.batch_size):
                part = slice(first, first + args.batch_size)
                found = detect(model, val_images[part], args.device, autocast, args.threshold)
                rows += [match(quads, *truth) for (quads, _), truth in zip(found, val_words[part], strict=True)]
                model.eval()
                target = type(val_maps)(*(array[part].to(args.device) for array in val_maps))
                with autocast():
                    maps = model(val_images[part].to(args.device))
                score, geometry = losses_of(maps, target, args.score_loss)
                model.train()
                total += float(score + LAMBDA_GEOMETRY * geometry) * len(val_images[part])
        return {"loss": total / max(len(val_images), 1), **figures(rows)}

    results: dict[str, Any] = {}
    with Stream(train, args.seed, batch_size=args.batch_size, fields=fields, workers=args.workers) as stream:
        batches = OnDevice(TensorStream(stream), args.device)
        step = restore(out / "checkpoint.pt", model, optimiser, batches) if args.resume else 0
        log = Log(out / "log.jsonl", step, args.steps)
        tell(f"training from step {step:,} to {args.steps:,}, {args.batch_size} samples each")
        sums = np.zeros(3)
        for batch in batches if step < args.steps else ():
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(step, args.steps, args.lr)
            with autocast():
                maps = model(batch["image"])
            score, geometry = losses_of(maps, batch["east"], args.score_loss)
            loss = score + LAMBDA_GEOMETRY * geometry
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            sums += (loss.item(), score.item(), geometry.item())
            step += 1
            log.update(step, loss.item())
            if step % args.log == 0 or step == args.steps:
                mean = sums / ((step - 1) % args.log + 1)
                log.write(
                    "train",
                    step,
                    samples=step * args.batch_size,
                    loss=float(mean[0]),
                    score=float(mean[1]),
                    geometry=float(mean[2]),
                    rate=round(stream.stats.rate, 1),
                    waited=round(stream.stats.waited, 3),
                )
                sums[:] = 0.0
            if step % args.every == 0 or step == args.steps:
                tell(f"looking for words in {len(val_images):,} samples to validate")
                results["val"] = validate()
                log.write("val", step, **results["val"])
                save(out / "checkpoint.pt", model, optimiser, batches, step)
            if step == args.steps:
                break
    if real is not None:
        tell(f"looking for words in {len(real):,} pictures of {args.real}")
        results["real"] = evaluate(model, real, args.device, autocast, args.threshold)
        log.write("real", step, **results["real"])
    log.close()
    return results


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        print(f"train_detector: error: {error}", file=sys.stderr)
        sys.exit(2)
