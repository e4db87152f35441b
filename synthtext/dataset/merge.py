"""`synthtext merge`: the parts that `generate --shard i/n` made, checked and joined into one data set.

The shards of the parts are those of the whole data set, under their final names; what is joined is what the parts'
manifests say of them. So the result is what a single run would have written, byte for byte.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import msgspec

from synthtext.core.errors import InputError, known_arguments
from synthtext.core.versions import all_versions, version_differences
from synthtext.dataset.claim import differences, disk, locked
from synthtext.formats import writer_of
from synthtext.formats.base import MANIFEST, PIECE, Manifest, Shard, read_manifest, write_manifest
from synthtext.formats.shards import ShardedWriter, write_side_files
from synthtext.formats.storage import Storage, join, open_storage
from synthtext.runtime.workers import default_workers

_READ = 1 << 20


@dataclasses.dataclass(frozen=True)
class _Piece:
    storage: Storage
    manifest: Manifest

    @property
    def where(self) -> str:
        return str(join(self.storage.path or str(self.storage), self.manifest.name))


@known_arguments
def merge(
    sources: Sequence[str | Path],
    out: str | Path | None = None,
    *,
    verify: bool = True,
    workers: int | None = None,
    accept_versions: bool = False,
) -> list[tuple[str, Manifest]]:
    """Join the parts in the folders or URLs `sources` into the data set `out` (None: where they are, in one folder).

    `verify`: read every shard and compare its SHA-256. `workers`: threads that do so (None: one a core). A folder that
    holds splits, each with its parts, is joined split by split. `accept_versions`: also parts that were made with other
    versions of the libraries; `dataset.json` then lists all. Returns (place, manifest) of each data set.
    Raises InputError for parts that are missing, incomplete, there twice or of different data sets, and for a shard
    that is not what its part's manifest says. Nothing is written before all is checked.
    """
    if not sources:
        raise InputError("merge: name the folder that holds the parts")
    if out is None and len(sources) > 1:
        raise InputError("merge: the parts lie in several folders; name with -o the one to join them in")
    places = [open_storage(source) for source in sources]
    with disk(places[0]):
        names = places[0].names()
        if not any(n == MANIFEST or PIECE.fullmatch(n) for n in names) and len(sources) == 1 and out is None:
            inner = [name for name in names if _has_parts(join(sources[0], name))]
            if inner:
                return [
                    _merge([place := join(sources[0], name)], place, verify, workers, accept_versions) for name in inner
                ]
    return [_merge(sources, sources[0] if out is None else out, verify, workers, accept_versions)]


def _has_parts(place: str | Path) -> bool:
    try:
        return bool(_parts_in(open_storage(place)))
    except NotADirectoryError:
        return False


def _merge(
    sources: Sequence[str | Path], out: str | Path, verify: bool, workers: int | None, accept_versions: bool
) -> tuple[str, Manifest]:
    target = open_storage(out)
    with locked(target), disk(target):
        whole = read_manifest(target)
        if whole is None:
            pieces = _find(sources, accept_versions)
            whole = _joined(pieces)
            if verify:
                _verify(pieces, workers or default_workers())
            for piece in pieces:
                if str(piece.storage) != str(target):
                    for shard in piece.manifest.shards:
                        _bring(piece.storage, target, shard.name)
            writer = cast(type[ShardedWriter], writer_of(whole.format))
            write_side_files(target, writer.shard_file, whole)
            write_manifest(target, whole)
        elif not _parts_in(target) or not _holds(whole, target):
            raise InputError(
                f"{target}: holds a whole data set already, and not of these parts; name with -o a new folder to join "
                "them in"
            )
        for name in _parts_in(target):
            target.remove(name)
    return str(target), whole


def _parts_in(storage: Storage) -> list[str]:
    """The names of the parts' manifests."""
    return [name for name in storage.names() if PIECE.fullmatch(name)]


def _holds(whole: Manifest, target: Storage) -> bool:
    """Whether the parts that lie beside a whole data set are its own: of a merge that was ended while it tidied up."""
    return all(
        part is not None
        and part.piece is not None
        and set(part.shards) <= set(whole.shards)
        and _common(part) == _common(msgspec.structs.replace(whole, piece=(0, part.piece[1])))
        for part in (read_manifest(target, name) for name in _parts_in(target))
    )


def _find(sources: Sequence[str | Path], accept_versions: bool) -> list[_Piece]:
    """The parts, by their number; each there, once, complete and of one data set."""
    found: dict[int, _Piece] = {}
    for source in sources:
        storage = open_storage(source)
        names = _parts_in(storage)
        if not names:
            raise InputError(f"{source}: holds no parts of a data set (dataset-00000-of-00004.json and so on)")
        for name in names:
            manifest = read_manifest(storage, name)
            if manifest is None or manifest.piece is None:
                raise InputError(f"{join(source, name)}: says nothing of a part; make it again with --overwrite")
            piece = _Piece(storage, manifest)
            first = next(iter(found.values()), piece)
            different = list(differences(_common(first.manifest), _common(manifest)))
            if different:
                raise InputError(
                    f"{piece.where}: is a part of another data set than {first.where} ({'; '.join(different[:4])}); "
                    "make one of them again, or join them apart"
                )
            if not accept_versions and first.manifest.versions != manifest.versions:
                old, new = ((part.versions or ({},))[-1] for part in (first.manifest, manifest))
                raise InputError(
                    f"{piece.where}: was made with other versions of what makes the samples than {first.where} "
                    f"({version_differences(old, new) or 'some of its samples'}); make one of them again with "
                    "--overwrite, or join them with --accept-versions"
                )
            if manifest.piece[0] in found:
                raise InputError(f"{piece.where}: is the same part as {found[manifest.piece[0]].where}; leave one away")
            if manifest.written != manifest.wanted:
                raise InputError(
                    f"{piece.where}: is not complete, {manifest.written:,} of {manifest.wanted:,} samples; go on with "
                    f"--shard {manifest.piece[0]}/{manifest.piece[1]} --resume"
                )
            found[manifest.piece[0]] = piece
    n = next(iter(found.values())).manifest.piece[1]  # type: ignore[index]
    missing = [f"{i}/{n}" for i in range(n) if i not in found]
    if missing:
        more = f" and {len(missing) - 8} more" if len(missing) > 8 else ""
        raise InputError(
            f"{', '.join(map(str, sources))}: {len(missing)} of {n} parts are missing; make them with --shard "
            f"{', '.join(missing[:8])}{more}"
        )
    return [found[i] for i in range(n)]


def _common(manifest: Manifest) -> dict[str, Any]:
    """What all parts of a data set say alike."""
    n = manifest.piece[1] if manifest.piece else 1
    tree: dict[str, Any] = msgspec.to_builtins(
        msgspec.structs.replace(manifest, piece=(0, n), written=0, shards=(), bytes={}, versions=())
    )
    return tree


def _joined(pieces: Sequence[_Piece]) -> Manifest:
    """The manifest of the whole; its shards have neither gap nor overlap."""
    first = pieces[0].manifest
    shards = tuple(sorted((s for piece in pieces for s in piece.manifest.shards), key=lambda shard: shard.first))
    at = first.start
    for shard in shards:
        if shard.first != at:
            what = "overlaps the one before it" if shard.first < at else f"leaves out the samples from {at}"
            raise InputError(f"{pieces[0].storage}: {shard.name}, which begins at sample {shard.first}, {what}")
        at = shard.stop
    if at != first.start + first.count:
        raise InputError(
            f"{pieces[0].storage}: the parts end before sample {at}, of {first.count:,} from {first.start}"
        )
    versions = all_versions(piece.manifest.versions for piece in pieces)
    return msgspec.structs.replace(first, piece=None, shards=shards, written=first.count, versions=versions)


def _verify(pieces: Sequence[_Piece], workers: int) -> None:
    """Read all shards."""
    jobs = [(piece.storage, shard) for piece in pieces for shard in piece.manifest.shards]
    with ThreadPoolExecutor(workers) as pool:
        for problem in pool.map(lambda job: _problem(*job), jobs):
            if problem:
                raise InputError(f"{problem}; make that part again with --overwrite")


def _problem(storage: Storage, shard: Shard) -> str:
    """What is wrong with a shard; "" where nothing is."""
    where = join(storage.path or str(storage), shard.name)
    digest, length = hashlib.sha256(), 0
    try:
        with storage.open(shard.name) as file:
            while block := file.read(_READ):
                digest.update(block)
                length += len(block)
    except FileNotFoundError:
        return f"{where}: is missing"
    if length != shard.bytes or digest.hexdigest() != shard.sha256:
        return f"{where}: is not the shard that was made ({length:,} bytes, {shard.bytes:,} then; or another SHA-256)"
    return ""


def _bring(source: Storage, target: Storage, name: str) -> None:
    """Link or copy a shard, which is never changed in place."""
    if source.path is not None and target.path is not None:
        with contextlib.suppress(OSError):
            target.remove(name)
            os.link(source.path / name, target.path / name)
            return
    with source.open(name) as file, target.create(name) as copy:
        shutil.copyfileobj(file, copy, _READ)


def run(args: Any) -> int:
    """The subcommand."""
    for place, manifest in merge(
        args.folder, args.out, verify=not args.no_verify, accept_versions=args.accept_versions
    ):
        print(f"{place}: {manifest.count:,} samples in {len(manifest.shards):,} shards, joined and checked")
    return 0
