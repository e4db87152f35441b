"""Where a data set lies: a local folder, or a place that fsspec knows (`s3://bucket/words`, `gs://`, `memory://`).

Every file comes into being whole: on a disk it is written beside its place and renamed; for an object store it is
written to a temporary file here and uploaded, which such a store shows only when it is done.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol

from synthtext.core.errors import InputError

TEMPORARY = ".tmp"
_URL = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+)://(.*)", re.DOTALL)
_LOCAL = ("file", "local")
# Stores that show a new object only when it is whole; elsewhere it is uploaded beside its place and renamed.
_WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "memory"})
_EXTRAS = {"s3": "s3", "s3a": "s3"}


class Storage(Protocol):
    """A flat place for files with names. All methods raise OSError where the place refuses."""

    path: Path | None
    """The local folder; None elsewhere."""

    def prepare(self) -> None:
        """Make the place, where that is needed."""

    def names(self) -> list[str]:
        """What lies directly in it, files and folders, sorted; empty where it does not exist."""

    def read(self, name: str) -> bytes | None:
        """A file's bytes; None where there is none."""

    def size(self, name: str) -> int | None:
        """A file's length; None where there is none."""

    def open(self, name: str) -> IO[bytes]:
        """A file to read. Raises FileNotFoundError."""

    def replace(self, name: str, content: bytes) -> None:
        """Write a small file: after a kill or a power cut it is the old one or the new one, whole."""

    def create(self, name: str) -> contextlib.AbstractContextManager[IO[bytes]]:
        """A file to write, which is there when the block has ended, and is not where it ends in an exception."""

    def remove(self, name: str) -> None:
        """Delete a file or a folder, if it is there."""


class LocalStorage:
    """A folder on a disk; see `Storage`."""

    def __init__(self, path: Path) -> None:
        self.path: Path | None = path
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def prepare(self) -> None:
        """Make the folder."""
        self._path.mkdir(parents=True, exist_ok=True)

    def names(self) -> list[str]:
        """What lies in it."""
        return sorted(path.name for path in self._path.iterdir()) if self._path.exists() else []

    def read(self, name: str) -> bytes | None:
        """A file's bytes."""
        try:
            return (self._path / name).read_bytes()
        except FileNotFoundError:
            return None

    def size(self, name: str) -> int | None:
        """A file's length."""
        try:
            return (self._path / name).stat().st_size
        except FileNotFoundError:
            return None

    def open(self, name: str) -> IO[bytes]:
        """A file to read."""
        return open(self._path / name, "rb")

    def replace(self, name: str, content: bytes) -> None:
        """Write a small file."""
        with open(self._path / f"{name}{TEMPORARY}", "wb") as file:
            file.write(content)
            self._settle(file, name)

    @contextlib.contextmanager
    def create(self, name: str) -> Iterator[IO[bytes]]:
        """A file to write."""
        temporary = self._path / f"{name}{TEMPORARY}"
        try:
            with open(temporary, "wb") as file:
                yield file
                self._settle(file, name)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _settle(self, file: IO[bytes], name: str) -> None:
        """Bring a temporary file to disk and put it in its place."""
        file.flush()
        os.fsync(file.fileno())
        if os.name != "posix":  # Windows renames no open file
            file.close()
        os.replace(file.name, self._path / name)
        sync_folder(self._path)

    def remove(self, name: str) -> None:
        """Delete a file or a folder."""
        path = self._path / name
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)


class RemoteStorage:
    """A place of fsspec's; see `Storage`."""

    def __init__(self, url: str, scheme: str) -> None:
        self.path: Path | None = None
        self._url = url.rstrip("/")
        try:
            import fsspec
        except ImportError:
            extra = _EXTRAS.get(scheme, "fsspec")
            raise InputError(f'{url}: the package fsspec is missing; pip install "synthtext[{extra}]"') from None
        try:
            self._fs, self._root = fsspec.core.url_to_fs(self._url)
        except ImportError as error:
            hint = f'pip install "synthtext[{_EXTRAS[scheme]}]"' if scheme in _EXTRAS else str(error)
            raise InputError(f"{url}: the package that fsspec needs for {scheme}:// is missing; {hint}") from None
        except ValueError as error:
            raise InputError(f"{url}: is no place that fsspec knows ({error}); try s3://bucket/folder") from None
        self._whole = scheme in _WHOLE

    def __str__(self) -> str:
        return self._url

    def _key(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    def prepare(self) -> None:
        """Make the folder, where the place has such."""
        if not self._whole:
            with _as_os_error():
                self._fs.makedirs(self._root, exist_ok=True)

    def names(self) -> list[str]:
        """What lies in it, as it is now."""
        with _as_os_error():
            self._fs.invalidate_cache()
            try:
                found = self._fs.ls(self._root, detail=False)
            except FileNotFoundError:
                return []
        names = {str(path).rstrip("/").rpartition("/")[2] for path in found}
        # A store without folders answers with the key itself, where that ends in the folder's name.
        return sorted(names - {"", self._root.rstrip("/").rpartition("/")[2]})

    def read(self, name: str) -> bytes | None:
        """A file's bytes."""
        with _as_os_error():
            self._fs.invalidate_cache()
            try:
                return bytes(self._fs.cat_file(self._key(name)))
            except FileNotFoundError:
                return None

    def size(self, name: str) -> int | None:
        """A file's length."""
        with _as_os_error():
            self._fs.invalidate_cache()
            try:
                return int(self._fs.size(self._key(name)))
            except FileNotFoundError:
                return None

    def open(self, name: str) -> IO[bytes]:
        """A file to read."""
        with _as_os_error():
            file: IO[bytes] = self._fs.open(self._key(name), "rb")
            return file

    def replace(self, name: str, content: bytes) -> None:
        """Write a small file."""
        with self.create(name) as file:
            file.write(content)

    @contextlib.contextmanager
    def create(self, name: str) -> Iterator[IO[bytes]]:
        """A file to write, uploaded at the end."""
        descriptor, temporary = tempfile.mkstemp(prefix="synthtext-")
        try:
            with open(descriptor, "wb") as file:
                yield file
            with _as_os_error():
                if self._whole:
                    self._fs.put_file(temporary, self._key(name))
                else:
                    self._fs.put_file(temporary, self._key(name + TEMPORARY))
                    self._fs.mv(self._key(name + TEMPORARY), self._key(name))
        finally:
            os.unlink(temporary)

    def remove(self, name: str) -> None:
        """Delete a file or a folder."""
        with _as_os_error(), contextlib.suppress(FileNotFoundError):
            self._fs.rm(self._key(name), recursive=True)


def open_storage(place: str | Path | Storage) -> Storage:
    """The storage at a local path or URL. Raises InputError for a URL that nothing here can write to."""
    if isinstance(place, Path):
        return LocalStorage(place)
    if not isinstance(place, str):
        return place
    match = _URL.fullmatch(place)
    if match is None:
        return LocalStorage(Path(place))
    scheme, rest = match.group(1).lower(), match.group(2)
    if scheme in _LOCAL:
        return LocalStorage(Path(rest))
    return RemoteStorage(place, scheme)


def join(place: str | Path, name: str) -> str | Path:
    """The place `name` below a local path or a URL."""
    return place / name if isinstance(place, Path) else f"{place.rstrip('/')}/{name}"


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to disk (not possible on Windows, where nothing is done)."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _as_os_error() -> Iterator[None]:
    """What a store's own library raises, as the OSError that the callers expect."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


def describe(error: OSError, place: Any) -> str:
    """Where and why, of an error that may come from a disk or from a store's library."""
    where = error.filename if isinstance(error.filename, str) else str(place)
    return f"{where}: cannot be written: {error.strerror or error}"
