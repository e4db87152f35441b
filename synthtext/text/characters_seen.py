"""What a set of texts covers: counted as the texts go by."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

_FLUSH = 2048
_DISTINCT = 1 << 18


class CoverageCounter:
    """Counts characters, lengths, sources and distinct texts, in bounded memory.

    `charset`: the characters that should appear; empty where there is no such set.
    `distinct_limit`: up to that many distinct texts the count of distinct texts is exact; above, it is estimated by
    adaptive sampling (Flajolet, "On adaptive sampling", Computing 43, 1990) with a relative error of about
    1.2 / sqrt(limit).
    """

    def __init__(self, charset: Iterable[str] = (), distinct_limit: int = _DISTINCT) -> None:
        self.charset = frozenset(charset)
        self.texts = 0
        self._limit = distinct_limit
        self._texts: list[str] = []
        self._sources: list[str] = []
        self._characters: Counter[str] = Counter()
        self._lengths: Counter[int] = Counter()
        self._by_source: Counter[str] = Counter()
        self._hashes: set[int] = set()
        self._depth = 0  # hashes are kept that are multiples of 2**depth

    def add(self, text: str, source: str = "") -> None:
        """Count one text (its lines joined by newlines, which are not counted as characters)."""
        self._texts.append(text)
        self._sources.append(source)
        if len(self._texts) >= _FLUSH:
            self._flush()

    def merge(self, other: CoverageCounter) -> None:
        """Add what `other` has counted; texts that both have seen count as one distinct text."""
        self._flush()
        other._flush()
        self.texts += other.texts
        self._characters.update(other._characters)
        self._lengths.update(other._lengths)
        self._by_source.update(other._by_source)
        self._depth = max(self._depth, other._depth)
        self._hashes |= other._hashes
        self._thin()

    def _flush(self) -> None:
        self.texts += len(self._texts)
        self._characters.update("".join(self._texts))
        self._lengths.update([len(text) - text.count("\n") for text in self._texts])
        self._by_source.update(self._sources)
        mask = (1 << self._depth) - 1
        for text in set(self._texts):
            h = int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
            if not h & mask:
                self._hashes.add(h)
        self._texts.clear()
        self._sources.clear()
        self._thin()

    def _thin(self) -> None:
        mask = (1 << self._depth) - 1
        if mask:
            self._hashes = {h for h in self._hashes if not h & mask}
        while len(self._hashes) > self._limit:
            self._depth += 1
            mask = (1 << self._depth) - 1
            self._hashes = {h for h in self._hashes if not h & mask}

    def to_dict(self) -> dict[str, Any]:
        """The counts as JSON: `texts`, `distinct`, `distinct_exact`, `duplicates`, `characters` and `sources` (most
        frequent first), `lengths` (by length as a string), `never_seen` and `outside` (of the charset)."""
        self._flush()
        distinct = min(self.texts, len(self._hashes) << self._depth)
        characters = {c: n for c, n in _ranked(self._characters) if c != "\n"}
        return {
            "texts": self.texts,
            "distinct": distinct,
            "distinct_exact": self._depth == 0,
            "duplicates": self.texts - distinct,
            "sources": dict(_ranked(self._by_source)),
            "lengths": {str(length): n for length, n in sorted(self._lengths.items())},
            "characters": characters,
            "never_seen": "".join(sorted(self.charset - characters.keys())),
            "outside": "".join(sorted(characters.keys() - self.charset)) if self.charset else "",
        }

    def summary(self) -> str:
        """The same, for a person: a few lines."""
        d = self.to_dict()
        if not d["texts"]:
            return "no texts"
        about = "" if d["distinct_exact"] else "about "
        lengths = {int(k): n for k, n in d["lengths"].items()}
        mean = sum(k * n for k, n in lengths.items()) / d["texts"]
        again = 100 * d["duplicates"] / d["texts"]
        ranked = list(d["characters"].items())
        whole = max(1, sum(d["characters"].values()))
        lines = [
            f"texts       {d['texts']:,}, {about}{d['distinct']:,} distinct ({again:.1f} % came again)",
            f"lengths     {min(lengths)} to {max(lengths)}, mean {mean:.1f}",
            "sources     " + ", ".join(f"{s or '-'} {100 * n / d['texts']:.1f} %" for s, n in d["sources"].items()),
            f"characters  {len(ranked)} distinct",
            "  most      " + ", ".join(f"{c!r} {100 * n / whole:.2f} %" for c, n in ranked[:8]),
            "  fewest    " + ", ".join(f"{c!r} {n}" for c, n in ranked[-8:]),
        ]
        if self.charset:
            lines.append(f"never seen  {len(d['never_seen'])} of {len(self.charset)}: {d['never_seen'][:80]}")
        return "\n".join(lines)


def _ranked(counts: Counter[Any]) -> list[tuple[Any, int]]:
    """Most frequent first, ties in order of the key."""
    return sorted(counts.items(), key=lambda row: (-row[1], row[0]))
