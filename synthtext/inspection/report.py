"""`synthtext inspect`: what a data set holds and what is wrong with it, as a summary, as JSON and as one page."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synthtext.core.errors import InputError
from synthtext.core.rng import hash64, permute
from synthtext.core.version import __version__
from synthtext.formats import open_dataset
from synthtext.inspection.checks import Check, checklist, in_order
from synthtext.inspection.duplicates import leakage
from synthtext.inspection.gather import Gathered, characters, families, fetch, gather, words
from synthtext.inspection.judge import Judge, Reading, rectify, similarity
from synthtext.inspection.pictures import decode
from synthtext.inspection.plan_effects import EFFECTS
from synthtext.inspection.statistics import (
    Inspection,
    distributions,
    edges_of,
    effect_table,
    face_table,
    quantiles,
    wilson,
)
from synthtext.runtime.progress import Progress
from synthtext.text.charset import resolve_charset

_STATES = {"bad": "BAD ", "look": "look", "ok": "ok  "}


# The judge


def judge_samples(g: Gathered, count: int) -> list[Reading]:
    """Read `count` samples, drawn without replacement: whole pictures, or words where labels are of words."""
    judge = Judge()
    total = g.count
    indices = sorted(permute(i, total, hash64(0x1D6E)) for i in range(min(count, total)))
    crops, about = [], []
    for index, entry in fetch(g.reader, indices).items():
        with contextlib.suppress(OSError):
            image = decode(g.reader.image(entry.ref))
            if image is None:
                continue
            if g.reader.unit == "picture" and "\n" not in entry.text:
                if entry.text.strip():
                    crops.append(image)
                    about.append((index, -1, entry.text))
                continue
            for number, word in enumerate(entry.words):
                crop = rectify(image, word.quad) if not word.ignore and len(word.quad) == 4 and word.text else None
                if crop is not None:
                    crops.append(crop)
                    about.append((index, number, word.text))
        if len(crops) >= count:
            break
    crops, about = crops[:count], about[:count]
    if not crops:
        raise InputError(f"--judge: {g.reader.path} holds no label that one could read")
    return [
        Reading(index, number, text, read, round(score, 4), round(similarity(text, read), 4))
        for (index, number, text), (read, score) in zip(about, judge.read(crops), strict=True)
    ]


def _judged(g: Gathered, readings: Sequence[Reading], target: float) -> dict[str, Any]:
    """What the judge's readings come to; by effect and font where there are plans."""
    bad = np.array([reading.illegible for reading in readings])
    count, wrong = len(bad), int(bad.sum())
    differ = sum(not reading.agrees for reading in readings)
    low, high = wilson(wrong, count)
    found: dict[str, Any] = {
        "samples": count,
        "illegible": wrong,
        "share": wrong / count,
        "interval": [low, high],
        "target": target,
        "over": low > target,
        "disagree": differ,
        "disagree_share": differ / count,
        "mean_similarity": float(np.mean([reading.similarity for reading in readings])),
    }
    if g.plans:
        rows = [reading.picture for reading in readings]
        found["effects"] = effect_table(g.strengths[rows], bad, target)
        found["fonts"] = face_table([g.face[row] for row in rows], bad, target)
    return found


def _judge_checks(judged: dict[str, Any]) -> list[Check]:
    low, high = judged["interval"]
    said = (
        f"{judged['illegible']:,} of {judged['samples']:,} read ({100 * judged['share']:.1f} %, 95 % interval "
        f"{100 * low:.1f} to {100 * high:.1f}), target {100 * judged['target']:.1f} %"
    )
    state = "bad" if judged["over"] else "look" if judged["share"] > judged["target"] else "ok"
    checks = [
        Check(
            *("judge", "samples illegible to the judge", state, judged["illegible"], judged["samples"], said),
            "see which effects and strengths they share, and weaken these",
        )
    ]
    over = []
    for row in judged.get("effects", ()):
        bins = [part for part in row["strengths"] if part["over"]]
        if bins and not judged["over"]:
            over += [f"{row['effect']} {part['from']:.3g} to {part['to']:.3g}" for part in bins]
        elif row["over"] and (row["share_without"] or 0.0) <= judged["target"]:
            over.append(row["effect"])
    if "effects" in judged:
        said = "; ".join(over[:6]) + (" …" if len(over) > 6 else "") if over else "none alone"
        checks.append(
            Check(
                *(
                    "judge_effects",
                    "effects and strengths above the target",
                    "look" if over else "ok",
                    len(over),
                    0,
                    said,
                ),
                "lower their strength's end or their share",
            )
        )
    return checks


# The whole


def inspect(
    dataset: str | Path,
    against: str | Path | None = None,
    *,
    sample: int = 20_000,
    charset: str = "",
    judge: int = 0,
    target: float = 0.05,
    progress: bool = False,
) -> Inspection:
    """Inspect a data set.

    `against`: another one, for what they share. `sample`: pictures that are decoded (labels, headers and bytes are read
    of all). `charset`: as `text.charset`, what labels may hold (default: the configuration's). `judge`: how many
    samples the independent recogniser reads; `target`: the share of illegible ones that is tolerated. Raises InputError
    for a path that is no data set, and bad arguments.
    """
    if sample < 1:
        raise InputError(f"--sample {sample}: decode 1 picture or more")
    if not 0.0 < target < 1.0:
        raise InputError(f"--target {target:g}: give a share between 0 and 1, such as 0.05")
    try:
        allowed = "".join(sorted(resolve_charset(charset))) if charset else ""
    except ValueError as error:
        raise InputError(f"--charset {charset!r}: {error}") from None
    gathered = _gather(dataset, sample, allowed, progress)
    result = Inspection(gathered, target=target)
    leak = None
    if against is not None:
        result.against = _gather(against, sample, allowed, progress)
        leak = leakage(gathered, result.against)
    result.checks = checklist(gathered, result.against, leak)
    if gathered.plans and np.isfinite(gathered.legibility).any():
        result.by_score = {
            "samples": gathered.count,
            "illegible": int(gathered.bad.sum()),
            "share": float(gathered.bad.mean()),
            "effects": effect_table(gathered.strengths, gathered.bad, target),
            "fonts": face_table(gathered.face, gathered.bad, target, least=20),
        }
    if judge:
        result.readings = judge_samples(gathered, judge)
        result.by_judge = _judged(gathered, result.readings, target)
        result.checks = in_order(result.checks + _judge_checks(result.by_judge))
    return result


def _gather(dataset: str | Path, sample: int, charset: str, progress: bool) -> Gathered:
    reader = open_dataset(dataset)
    if not progress:
        return gather(reader, sample, charset)
    with Progress(len(reader), 0) as shown:
        return gather(reader, sample, charset, shown.update)


def _text_summary(g: Gathered) -> dict[str, Any]:
    found, said = characters(g.texts), words(g.texts)
    return {
        "labels": g.labels,
        "distinct": len(g.texts),
        "once": sum(1 for count in g.texts.values() if count == 1),
        "characters": dict(found.most_common()),
        "words": len(said),
        "words_once": sum(1 for count in said.values() if count == 1),
        "most_frequent_words": dict(said.most_common(100)),
        "most_frequent_labels": dict(g.texts.most_common(50)),
    }


def to_dict(result: Inspection) -> dict[str, Any]:
    """Everything that was found, as JSON has it."""
    g = result.gathered
    sets = [g] + ([result.against] if result.against else [])
    measured: dict[str, Any] = {}
    others = {d.key: d for d in distributions(result.against)} if result.against else {}
    for d in distributions(g):
        both = [d] + ([others[d.key]] if d.key in others else [])
        edges = edges_of(d.key, d.log, d.whole, [one.values for one in both])
        measured[d.key] = {
            "title": d.title,
            "unit": d.unit,
            "log": d.log,
            "edges": edges.tolist(),
            "counts": np.histogram(d.values, edges)[0].tolist(),
            **quantiles(d.values),
        }
        if len(both) > 1:
            values = both[1].values
            measured[d.key]["against"] = {"counts": np.histogram(values, edges)[0].tolist(), **quantiles(values)}
    return {
        "synthtext": __version__,
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "datasets": [
            {
                "path": str(one.reader.path),
                "format": one.reader.format,
                "unit": one.reader.unit,
                "pictures": one.count,
                "labels": one.labels,
                "quads": len(one.quads),
                "decoded": len(one.sampled),
                "with_plan": one.plans,
                "made_by": _origin(one),
            }
            for one in sets
        ],
        "checks": [_check_dict(check) for check in result.checks],
        "text": _text_summary(g),
        "distributions": measured,
        "sizes": _sizes(g),
        "fonts": dict(g.faces.most_common()),
        "families": dict(families(g).most_common()),
        "backgrounds": dict(g.backgrounds.most_common()),
        "photographs": dict(g.photos.most_common()),
        "text_sources": dict(g.sources.most_common()),
        "groups": dict(g.groups.most_common()),
        "effects": _effect_shares(g),
        "illegible_by_score": result.by_score,
        "judge": result.by_judge,
        "readings": [
            {"picture": r.picture, "word": r.word, "text": r.text, "read": r.read, "similarity": r.similarity}
            for r in sorted(result.readings, key=lambda r: r.similarity)
            if not r.agrees
        ],
    }


def _check_dict(check: Check) -> dict[str, Any]:
    return {
        "key": check.key,
        "title": check.title,
        "state": check.state,
        "count": check.count,
        "of": check.of,
        "said": check.said,
        "advice": check.advice,
        "pictures": list(check.pictures),
        "pairs": [list(pair) for pair in check.pairs],
    }


def _origin(g: Gathered) -> dict[str, Any]:
    m = g.reader.manifest
    return {} if m is None else {"synthtext": m.synthtext, "digest": m.digest, "seed": m.seed, "start": m.start}


def _sizes(g: Gathered) -> dict[str, int]:
    sizes, counts = np.unique(g.size, axis=0, return_counts=True)
    order = np.argsort(-counts)[:20]
    return {f"{sizes[i][1]}x{sizes[i][0]}": int(counts[i]) for i in order}


def _effect_shares(g: Gathered) -> dict[str, Any]:
    found = {}
    for k, name in enumerate(EFFECTS):
        values = g.strengths[:, k]
        on = values[values != 0.0].astype(np.float64)
        if len(on):
            found[name] = {"share": len(on) / len(values), **quantiles(on)}
    return found


def summary(result: Inspection) -> str:
    """What the terminal shows."""
    g = result.gathered
    m = g.reader.manifest
    made = f", made by synthtext {m.synthtext}, seed {m.seed}" if m else ""
    lines = [f"{g.reader.path}: {g.count:,} pictures with {g.labels:,} labels ({g.reader.format}{made})"]
    found = characters(g.texts)
    lines.append(
        f"  text        {len(g.texts):,} distinct labels, {len(words(g.texts)):,} words, {len(found):,} characters"
    )
    for d in distributions(g):
        q = quantiles(d.values)
        unit = f" {d.unit}" if d.unit else ""
        name = d.key.replace("_", " ")
        lines.append(
            f"  {name:<11} {q['median']:.4g}{unit} (5 %: {q['p5']:.4g}, 95 %: {q['p95']:.4g}, "
            f"{q['min']:.4g} to {q['max']:.4g}); {d.title}"
        )
    if g.plans:
        lines.append(
            f"  made with   {len(g.faces):,} fonts, {len(g.backgrounds):,} kinds of background, "
            f"{len(g.photos):,} photographs ({g.plans:,} plans)"
        )
    if len(g.sampled) < g.count:
        lines.append(f"  decoded     {len(g.sampled):,} of the pictures (--sample all: every one)")
    counts = Counter(check.state for check in result.checks)
    lines += ["", f"checks: {counts['bad']} bad, {counts['look']} to look at, {counts['ok']} fine"]
    for check in result.checks:
        if check.state != "ok":
            lines.append(f"  {_STATES[check.state]}  {check.title}: {_short(check.said)}")
            lines.append(f"        {check.advice}")
    if result.by_judge:
        lines += ["", *_effect_lines(result.by_judge)]
    return "\n".join(lines)


def _short(text: str, limit: int = 160) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _effect_lines(judged: dict[str, Any]) -> list[str]:
    """The judge's table: the worst effects."""
    lines = [
        f"judge: {judged['samples']:,} read, {100 * judged['share']:.1f} % illegible (target "
        f"{100 * judged['target']:.1f} %), {100 * judged['disagree_share']:.1f} % read otherwise than labelled"
    ]
    rows = judged.get("effects", [])
    if rows:
        lines.append(f"  {'effect':<24}{'samples':>8}{'illegible':>11}{'without':>9}  by strength, weak to strong")
        for row in rows[:15]:
            parts = "  ".join(f"{100 * part['share']:.0f} %{'!' if part['over'] else ''}" for part in row["strengths"])
            without = "" if row["share_without"] is None else f"{100 * row['share_without']:.1f} %"
            mark = "!" if row["over"] else " "
            lines.append(
                f"  {row['effect']:<24}{row['samples']:>8,}{100 * row['share']:>9.1f} %{mark}{without:>8}  {parts}"
            )
    return lines


def run(args: argparse.Namespace) -> int:
    """The subcommand: prints the summary; exit status 1 with --check where a check is bad."""
    for option, path in (("-o", args.out), ("--json", args.json)):
        if path and not Path(path).parent.is_dir():
            raise InputError(f"{option} {path}: the folder {Path(path).parent} does not exist; make it first")
    if args.out and Path(args.out).suffix.lower() not in (".html", ".htm"):
        raise InputError(f"-o {args.out}: end the name in .html; --json writes the figures")
    result = inspect(
        args.dataset,
        args.against,
        sample=_sample(args.sample),
        charset=args.charset or "",
        judge=max(args.judge_sample, 1) if args.judge else 0,
        target=args.target,
        progress=True,
    )
    print(summary(result))
    if args.json:
        _write("--json", args.json, json.dumps(to_dict(result), indent=1, ensure_ascii=False) + "\n")
    if args.out:
        from synthtext.inspection.page import page

        _write("-o", args.out, page(result))
    return int(args.check and any(check.state == "bad" for check in result.checks))


def _sample(text: str) -> int:
    if text == "all":
        return 2**62
    if not text.isascii() or not text.isdigit():
        raise InputError(f"--sample {text}: give a number of pictures, or all")
    return int(text)


def _write(option: str, path: str, content: str) -> None:
    try:
        Path(path).write_text(content, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise InputError(f"{option} {path}: cannot be written: {error.strerror}") from None
    print(f"written to {path}", file=sys.stderr)
