"""A word alone, shaped."""

from synthtext.typeset.shaping import ShapedWord, shape_line


def shape(instance, store, text, spaced):
    words = shape_line((instance,), store, text, spaced).words
    return words[0] if words else ShapedWord("", [], [], [], [], [], [])


def as_read(word):
    """The characters of its cells, in logical order."""
    return [word.cell_chars[i] for i in word.reading.order or range(len(word.cells))]
