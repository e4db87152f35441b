"""Which split (train, val, test) the name of a folder or of a list of labels tells."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_TRAIN, _VAL, _TEST = frozenset({"train"}), frozenset({"val"}), frozenset({"test"})
_SPLITS = {
    **dict.fromkeys(("train", "training", "tr", "trn"), _TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "validate", "dev"), _VAL),
    **dict.fromkeys(("test", "testing", "te", "tst"), _TEST),
    **dict.fromkeys(("trainval", "trainvalid", "traindev"), _TRAIN | _VAL),
    **dict.fromkeys(("eval", "evaluation"), _VAL | _TEST),  # some mean the one by it, some the other
}
_COMPOUND = re.compile(
    f"({'|'.join(sorted(_SPLITS, key=len, reverse=True))})"
    "(?:sets?|data|images?|imgs?|gts?|labels?|lists?|annotations?|anns?|pics?|txts?|crops?|splits?)"
)


def words_of(name: str) -> list[str]:
    """The words of a path in lower case: `TrainImages_2/gt-en` has train, images, 2, gt, en."""
    found = []
    for word in _WORD.findall(name):
        lower = word.lower()
        compound = None if lower in _SPLITS else _COMPOUND.fullmatch(lower)
        found += [compound[1], lower.removeprefix(compound[1])] if compound else [lower]
    return found


def splits_of(words: list[str]) -> frozenset[str]:
    """Which of train, val and test some words of a name tell; empty where they tell none."""
    return frozenset[str]().union(*(_SPLITS[word] for word in words if word in _SPLITS))


def are_apart(splits: frozenset[str], others: frozenset[str]) -> bool:
    """Whether two names are of different splits, so that nothing of the one belongs to the other."""
    return bool(splits and others and splits.isdisjoint(others))
