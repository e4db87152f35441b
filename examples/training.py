"""What both examples need: splits, logs, checkpoints that resume stream and model together, the learning rate."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from synthtext import Config, InputError
from synthtext.progress import Progress
from synthtext.split import split_configs
from synthtext.torch import OnDevice
from synthtext.workers import default_workers

SHARES = "train=0.9,val=0.1"  # of font families, photographs and words: none is in both


def begin(args: argparse.Namespace) -> Path:
    """The folder, the weights' seed, and threads that leave the workers their cores.

    Raises InputError where the folder holds a former run that is neither to be resumed nor to be overwritten.
    """
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads or max(default_workers() - args.workers, 1))
    out = Path(args.out)
    former = [name for name in ("log.jsonl", "checkpoint.pt") if (out / name).exists()]
    if args.resume and args.overwrite:
        raise InputError("--resume and --overwrite exclude each other: one goes on, the other starts again")
    if former and not args.resume and not args.overwrite:
        raise InputError(
            f"{out}: holds {former[0]} of a former run; go on with --resume, start again with --overwrite, or give "
            "another --out"
        )
    out.mkdir(parents=True, exist_ok=True)
    if args.overwrite:
        for name in former:
            (out / name).unlink()
    tell(f"fonts and photographs are read, and {args.val:,} samples made to validate on")
    tell("the very first run compiles kernels, which takes about a minute")
    return out


def tell(line: str) -> None:
    """What happens now, for people."""
    print(f"      {line} ...", file=sys.stderr, flush=True)


class Autocast:
    """Runs a network's convolutions in bfloat16 where that is fast: on a GPU, and on processors that compute with it,
    where together with `channels_last` they take a third of the time."""

    def __init__(self, device: str, precision: str) -> None:
        fast = not device.startswith("cpu") or torch.cpu._is_avx512_bf16_supported()
        self.kind, self.on = torch.device(device).type, precision == "bf16" or (precision == "auto" and fast)

    def __call__(self) -> torch.autocast:
        return torch.autocast(self.kind, torch.bfloat16, enabled=self.on)


def splits(config: str, overrides: Sequence[str]) -> tuple[Config, Config]:
    """Configurations for training and validation, that have no font family, photograph and word in common."""
    configs = split_configs(config, SHARES, overrides=overrides)
    return configs["train"], configs["val"]


def arguments(description: str, config: str, batch_size: int, lr: float) -> argparse.ArgumentParser:
    """The options that the examples share."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default=config, help=f"preset or YAML file (default {config})")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a value of the configuration")
    parser.add_argument("--out", default="run", metavar="FOLDER", help="log.jsonl and checkpoint.pt (default run)")
    parser.add_argument("--steps", type=int, default=2000, help="batches to train on in all (default 2000)")
    parser.add_argument("--batch-size", type=int, default=batch_size, help=f"default {batch_size}")
    parser.add_argument("--lr", type=float, default=lr, help=f"the highest learning rate (default {lr})")
    parser.add_argument("--width", type=float, default=1.0, help="factor on the network's channels (default 1)")
    parser.add_argument("--seed", type=int, default=0, help="of the samples and of the weights (default 0)")
    parser.add_argument("--workers", type=int, default=1, help="processes that make the samples (default 1)")
    parser.add_argument(
        "--threads", type=int, default=0, help="of the network, on a CPU (default: cores less --workers)"
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument(
        "--precision", choices=("auto", "bf16", "fp32"), default="auto", help="of convolutions (default: what is fast)"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    parser.add_argument("--overwrite", action="store_true", help="start again where --out holds a former run")
    parser.add_argument("--every", type=int, default=500, help="steps from a checkpoint to the next (default 500)")
    parser.add_argument("--log", type=int, default=50, help="steps from a line of the log to the next (default 50)")
    parser.add_argument("--val", type=int, default=1024, metavar="N", help="samples of the validation set")
    parser.add_argument("--real", metavar="FOLDER", help="evaluate on labelled pictures in the end")
    return parser


def learning_rate(step: int, steps: int, highest: float) -> float:
    """Up in a straight line for a twentieth of the steps, then down by a cosine."""
    warm = max(steps // 20, 1)
    if step < warm:
        return highest * (step + 1) / warm
    return highest * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * (step - warm) / max(steps - warm, 1))))


class Log:
    """Lines of JSON in a file, and the same for people on the screen, with a bar of the steps and the remaining time.

    `step`: the steps that are done; what was logged later is dropped. `steps`: those to be done in all.
    """

    def __init__(self, path: Path, step: int, steps: int) -> None:
        lines = path.read_text(encoding="utf-8").splitlines() if step and path.exists() else []
        kept = [line for line in lines if json.loads(line)["step"] <= step]
        self._file = path.open("w", encoding="utf-8")
        self._file.writelines(f"{line}\n" for line in kept)
        self._began = time.perf_counter()
        self._steps = Progress(steps, step)

    def update(self, step: int, loss: float) -> None:
        """Move the bar on."""
        self._steps.more = f"loss {loss:.3g}"
        self._steps.update(step)

    def write(self, kind: str, step: int, **values: Any) -> None:
        """One line."""
        row = {"kind": kind, "step": step, "seconds": round(time.perf_counter() - self._began, 1), **values}
        self._file.write(json.dumps(row) + "\n")
        self._file.flush()
        shown = "  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items() if k != "kind")
        self._steps.wipe()
        print(f"{kind:<5} {shown}", flush=True)

    def close(self) -> None:
        """Take the bar away and close the file."""
        self._steps.wipe()
        self._file.close()


def save(path: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer, batches: OnDevice, step: int) -> None:
    """Stream and model together, replaced as a whole."""
    state = {
        "model": model.state_dict(),
        "optimiser": optimiser.state_dict(),
        "stream": batches.state_dict(),
        "step": step,
    }
    torch.save(state, path.with_suffix(".tmp"))
    os.replace(path.with_suffix(".tmp"), path)


def restore(path: Path, model: torch.nn.Module, optimiser: torch.optim.Optimizer, batches: OnDevice) -> int:
    """Go on from there; gives the number of steps that are done."""
    if not path.exists():
        raise InputError(f"{path}: there is no checkpoint to resume from; give --overwrite in place of --resume")
    state = torch.load(path, map_location=next(model.parameters()).device, weights_only=True)
    model.load_state_dict(state["model"])
    optimiser.load_state_dict(state["optimiser"])
    batches.load_state_dict(state["stream"])
    step: int = state["step"]
    return step
