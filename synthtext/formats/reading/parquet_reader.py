"""Parquet files with a column of pictures and one of texts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from synthtext.core.errors import InputError
from synthtext.formats.reading.entries import (
    PICTURE_KEYS,
    TEXT_KEYS,
    Entry,
    FoundManifest,
    Record,
    decode_record,
    unit_of,
)
from synthtext.labels.ink_maps import INK_NAMES

_PICTURE_COLUMNS = (*PICTURE_KEYS, "picture", "photo", "jpg", "jpeg", "png", "bytes", "image_bytes")


class ParquetReader:
    """Parquet files with a column of pictures, as Hugging Face `datasets` has it, and one of texts."""

    format = "parquet"

    def __init__(self, path: Path, files: list[Path], manifest: FoundManifest | None) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise InputError(f'{path}: to read it, pyarrow is missing; pip install "synthtext[parquet]"') from None
        self.path, self.manifest, self.unit = path, manifest, unit_of(manifest)
        self._damaged = pa.ArrowException
        self._files: list[Any] = []
        for file in files:
            try:
                self._files.append(pq.ParquetFile(file))
            except (pa.ArrowException, OSError) as error:
                what = f"is Parquet that cannot be read ({_first_line(error)}); fetch it again"
                raise InputError(f"{file}: {what}") from None
        self._names = files
        schema = self._files[0].schema_arrow
        self._image = self._text = self._record = ""
        structs = [f.name for f in schema if _has_bytes(pa, f.type)]
        plain = [f.name for f in schema if _is_binary(pa, f.type)]
        named = [name for name in _PICTURE_COLUMNS for found in (structs, plain) if name in found]
        self._image = next(iter((*named, *structs, *plain)), "")
        strings = [f.name for f in schema if _is_string(pa, f.type)]
        self._text = next((name for name in TEXT_KEYS if name in strings), "")
        if manifest is not None and self._text == "text" and "label" in strings:  # ours: the label record
            self._record = "label"
        if not self._image or not self._text:
            raise InputError(
                f"{path}: has no column of pictures and of texts; its columns are {', '.join(schema.names)}"
            )
        for name, file in zip(files, self._files, strict=True):
            missing = {self._image, self._text, self._record} - {"", *file.schema_arrow.names}
            if missing:
                raise InputError(
                    f"{name}: has no column {missing.pop()}, which {files[0].name} has; take it out, or write it anew"
                )
        self._ink: tuple[str, ...] = ()
        if manifest is not None and manifest.ink is not None:
            self._ink = tuple(name for name in INK_NAMES.values() if name in structs)
        self._held: dict[str, tuple[int, int, Any]] = {}  # of each column of pictures: file, row group, cells

    def __len__(self) -> int:
        return sum(file.metadata.num_rows for file in self._files)

    def entries(self) -> Iterator[Entry]:
        """Row group by row group; the pictures of the group at hand are kept, so that they are read once."""
        columns = [name for name in (self._text, self._record) if name]
        row = 0
        for i, file in enumerate(self._files):
            for group in range(file.num_row_groups):
                try:
                    table = file.read_row_group(group, columns=columns)
                except (self._damaged, OSError) as error:
                    raise InputError(
                        f"{self._names[i]}: row group {group} cannot be read ({_first_line(error)}); fetch it again"
                    ) from None
                texts = table.column(self._text).to_pylist()
                records = table.column(self._record).to_pylist() if self._record else [None] * len(texts)
                for k, (text, raw) in enumerate(zip(texts, records, strict=True)):
                    record = Record()
                    if raw:
                        with contextlib.suppress(msgspec.DecodeError):
                            record = decode_record(raw)
                    problem = "" if text is not None else "the text is null"
                    yield Entry(
                        f"row {row}",
                        text or "",
                        (i, group, k),
                        record.words,
                        record.height,
                        record.width,
                        record.plan,
                        problem,
                        tuple((i, group, k, column) for column in self._ink),
                    )
                    row += 1

    def image(self, ref: tuple[int, int, int] | tuple[int, int, int, str]) -> bytes:
        """The cell's bytes: of the pictures' column, or of the one that is named."""
        i, group, k = ref[:3]
        name = ref[3] if len(ref) == 4 else self._image
        held = self._held.get(name)
        if held is None or held[:2] != (i, group):
            try:
                held = i, group, self._files[i].read_row_group(group, columns=[name]).column(name)
            except self._damaged as error:
                raise OSError(f"row group {group} cannot be read ({_first_line(error)})") from None
            self._held[name] = held
        value = held[2][k].as_py()
        data = value.get("bytes") if isinstance(value, dict) else value
        if not data:
            raise OSError("the cell holds no picture's bytes")
        return bytes(data)

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _is_string(pa: Any, kind: Any) -> bool:
    """Whether a column's cells are strings, however they are stored."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_binary(pa: Any, kind: Any) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _has_bytes(pa: Any, kind: Any) -> bool:
    """Whether a column holds structs of bytes and path, as Hugging Face has pictures."""
    at = kind.get_field_index("bytes") if pa.types.is_struct(kind) else -1
    return at >= 0 and _is_binary(pa, kind.field(at).type)
