"""Claiming a folder for a run: nobody else writes to it, and nothing of somebody else's is lost."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from synthtext.core.errors import InputError
from synthtext.core.versions import joined_versions
from synthtext.formats import writer_of
from synthtext.formats.base import (
    MANIFEST,
    PIECE,
    REPORT,
    Manifest,
    read_manifest,
    write_manifest,
)
from synthtext.formats.storage import TEMPORARY, Storage, describe
from synthtext.labels.ink_maps import INK_NAMES

LOCK = ".lock"


_PASSING = re.compile(rf"{PIECE.pattern}({re.escape(TEMPORARY)}|{re.escape(LOCK)})")  # what parts have while they run


_FOLDERS = ("images", "gt", "labels", *INK_NAMES.values())  # what a format in a folder numbers its files in


_OUR_NAMES = re.compile(rf"({'|'.join(_FOLDERS)})/(\d{{3,}}(/(gt_)?\d{{9,}}\.(jpg|png|txt))?)?$")


def _check_free(storage: Storage, name: str, resume: bool, overwrite: bool) -> None:
    """Refuse a folder that is not for this run, whose manifest has that name. Nothing is changed."""
    try:
        names = storage.names()
    except NotADirectoryError:
        raise InputError(f"{storage}: is a file; name a folder to write to") from None
    except OSError as error:
        raise InputError(f"{storage}: cannot be read: {error.strerror or error}") from None
    names = [n for n in names if n != f"{MANIFEST}{TEMPORARY}" and not _PASSING.fullmatch(n)]
    if not names:
        return
    held = read_manifest(storage, name)
    pieces = [n for n in names if PIECE.fullmatch(n)]
    if name != MANIFEST and MANIFEST in names:
        raise InputError(f"{storage}: holds a whole data set already; choose another folder for the parts of a new one")
    if name == MANIFEST and held is None and pieces:
        raise InputError(
            f"{storage}: holds parts of a data set ({pieces[0]}); join them with `synthtext merge`, or choose another "
            "folder"
        )
    if held is None:
        if not pieces:
            raise InputError(f"{storage}: holds other files ({names[0]}) and no data set; choose a new or empty folder")
        return
    if _replaceable(held, resume, overwrite):
        foreign = _foreign_file(storage, held)
        if foreign:
            raise InputError(
                f"{storage}: beside the data set it holds {foreign}, which is not deleted with it; move it away "
                "or choose another folder"
            )
    elif not resume:
        state = "complete" if held.written >= held.wanted else f"{held.written:,} of them written"
        raise InputError(
            f"{storage}: holds a data set already (seed {held.seed}, {held.wanted:,} samples, {state}); go on with "
            "--resume, replace it with --overwrite, or choose another folder"
        )


def _replaceable(held: Manifest, resume: bool, overwrite: bool) -> bool:
    """Whether the data set there may go: asked for, or a run's that ended before it had written anything."""
    return overwrite or (held.written == 0 and not resume)


def _foreign_file(storage: Storage, held: Manifest) -> str:
    """The first file in the folder that no data set of that format has; empty where there is none."""
    if held.piece is not None:
        return ""  # only its own shards are deleted
    owns = writer_of(held.format).owns
    ours = {MANIFEST, REPORT, f"{MANIFEST}{TEMPORARY}", f"{REPORT}{TEMPORARY}"}
    for name in storage.names():
        if name not in ours and not owns(name):
            return name
    for folder in _FOLDERS if storage.path is not None else ():
        assert storage.path is not None
        if not owns(folder):
            continue
        for root, folders, files in os.walk(storage.path / folder):
            below = Path(root).relative_to(storage.path).as_posix()
            for name in (*folders, *files):
                if not _OUR_NAMES.match(f"{below}/{name}"):
                    return f"{below}/{name}"
    return ""


def _claim(storage: Storage, manifest: Manifest, resume: bool, overwrite: bool, accept_versions: bool) -> Manifest:
    """Make the folder this run's own: new, emptied, or gone on with. Returns the manifest, with what is written."""
    now = manifest.versions[-1]
    names = storage.names()
    for name in (manifest.name, REPORT):
        if f"{name}{TEMPORARY}" in names:
            storage.remove(f"{name}{TEMPORARY}")
    held = read_manifest(storage, manifest.name)
    if held is not None and _replaceable(held, resume, overwrite):
        # First the manifest: killed in the middle, the folder must not claim what is deleted.
        write_manifest(storage, msgspec.structs.replace(held, written=0, bytes={}, shards=()))
        for name in _names_of(held, names):
            storage.remove(name)
        held = None
    other = next((n for n in names if PIECE.fullmatch(n) and n != manifest.name), "")
    if other and (beside := read_manifest(storage, other)) is not None:
        check_same(f"{storage}: {other}", beside, manifest)
        joined_versions(f"{storage}: {other} was", beside.versions, now, accept_versions)
    if held is not None:
        check_same(f"{storage}: holds a data set", held, manifest)
        if held.written > manifest.wanted:
            raise InputError(
                f"{storage}: holds {held.written:,} samples already, more than the {manifest.wanted:,} asked for; ask "
                f"for {held.count:,} or more, or use another folder"
            )
        versions = held.versions
        if held.written < manifest.wanted:
            versions = joined_versions(f"{storage}: holds a data set", held.versions, now, accept_versions)
        manifest = msgspec.structs.replace(
            manifest, written=held.written, bytes=held.bytes, shards=held.shards, versions=versions
        )
        if manifest.count != held.count and REPORT in names:
            storage.remove(REPORT)
    if manifest != held:
        write_manifest(storage, manifest)
    return manifest


def _names_of(held: Manifest, names: list[str]) -> list[str]:
    """Of the names in a folder, those that a data set, or a part of one, has made beside its manifest."""
    writer = writer_of(held.format)
    if held.piece is None:
        return [name for name in names if name == REPORT or writer.owns(name)]
    numbers = {f"{number:06d}" for number in held.numbers}
    return [name for name in names if writer.owns(name) and name[len("shard-") :].partition(".")[0] in numbers]


_SAME = (
    "format",
    "format_version",
    "synthtext",
    "seed",
    "start",
    "image_format",
    "quality",
    "plans",
    "ink",
    "shard_size",
)


def check_same(what: str, held: Manifest, wanted: Manifest) -> None:
    """Refuse two manifests that are not of one data set, and say in what they differ. `what`: whose `held` is."""
    for name in _SAME:
        old, new = getattr(held, name), getattr(wanted, name)
        if old != new:
            raise InputError(
                f"{what} with {name} {old}, and {new} is asked for; use the same for --resume, or another folder"
            )
    parts = [m.piece[1] if m.piece else 1 for m in (held, wanted)]
    if parts[0] != parts[1] or (parts[0] > 1 and held.count != wanted.count):
        raise InputError(
            f"{what} of {held.count:,} samples in {parts[0]} parts, and {wanted.count:,} in {parts[1]} are asked for; "
            "use the same, or another folder"
        )
    different = list(differences(held.config, wanted.config))
    if different:
        shown = "; ".join(different[:4]) + (f"; and {len(different) - 4} more" if len(different) > 4 else "")
        raise InputError(f"{what} of another configuration ({shown}); use the same for --resume")
    if held.digest != wanted.digest:
        raise InputError(
            f"{what} made with other fonts, backgrounds or texts than those there now (digest {held.digest[:12]}, now "
            f"{wanted.digest[:12]}); bring the old ones back or start again in another folder"
        )


def differences(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Where two configurations differ: `a.b: 1 -> 2`."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from differences(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
    elif json.dumps(old) != json.dumps(new):
        yield f"{path}: {json.dumps(old)} there, {json.dumps(new)} now"


@contextlib.contextmanager
def locked(storage: Storage, piece: str = "") -> Iterator[tuple[int, ...]]:
    """Make the folder, and keep other runs out of it; gives the locks' file descriptors.

    `piece`: the name of a part's manifest: other parts are not kept out.
    """
    with disk(storage):
        storage.prepare()
    if os.name != "posix" or storage.path is None:
        yield ()
        return
    with contextlib.ExitStack() as stack:
        # On the folder itself: a lock file would be one more thing to clear away. The lock ends with the process.
        locks = [_lock(storage.path, os.O_RDONLY, not piece, stack)]
        if piece:
            path = storage.path / f"{piece}{LOCK}"
            locks.append(_lock(path, os.O_RDWR | os.O_CREAT, True, stack))
            stack.callback(path.unlink, missing_ok=True)
        yield tuple(locks)


def _lock(path: Path, flags: int, exclusive: bool, stack: contextlib.ExitStack) -> int:
    import fcntl

    descriptor = os.open(path, flags, 0o666)
    stack.callback(os.close, descriptor)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(f"{path}: another run is writing to it; wait for its end or stop it") from None
    except OSError:
        pass  # a file system without locks
    return descriptor


@contextlib.contextmanager
def disk(storage: Storage | Path) -> Iterator[None]:
    """A disk that is full or refuses: one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError(
                f"{storage}: no space is left on its disk; free some and go on with --resume, nothing committed is lost"
            ) from error
        raise InputError(describe(error, storage)) from error
