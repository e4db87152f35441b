"""The languages of texts, one a file, each declared by it as `LANGUAGE`: what CLDR does not tell of it.

A file's literal has the fields of `Language` by name. The languages follow from the files, and from them what
`text.languages` may name and what `synthtext languages` lists. How numbers, money, dates and times are written comes
from CLDR (`text/locale.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import msgspec
from msgspec import Struct

from synthtext.core.declared import declared
from synthtext.core.errors import InputError, near_miss
from synthtext.text.scripts import script_of
from synthtext.text.writing_systems import WRITING_SYSTEMS, writes


class Calendar(Struct, frozen=True, forbid_unknown_fields=True):
    """A calendar that is in use beside the Gregorian one.

    `kind`: one of `calendars.CALENDARS`. `months`: the names of its months, where these are its own. `era`: what
    stands where a date names the era, for a calendar of one era.
    """

    kind: str
    months: tuple[str, ...] = ()
    era: str = ""


class Language(Struct, frozen=True, forbid_unknown_fields=True):
    """A language, as its file declares it.

    `code`: its tag of BCP 47, which fonts and HarfBuzz are told too; `aliases`: other tags that mean it. `script`: of
    ISO 15924. `space`: what stands between words, "" for nothing. `locale`: whose data of CLDR it has, by default its
    code's. `wordfreq`: the list of wordfreq that its words come from, "" for none: then they are CLDR's names.
    `letters`: by which that list, where it is in other letters, is written in the language's own.
    `package`: the optional Python package whose list is taken instead where it is installed (`text/word_lists.py`).

    `currencies`: codes of ISO 4217, as often as listed; `currency_words`: amounts' units as they stand. `labels`: words
    of receipts and forms, by what they mean; what is not known is left out.

    `punctuation`: the language's own form of a mark of English, "" where it has none. `quotes`: pairs of marks around a
    word; none for those of English. `pairs`: marks between the two words of a pair, where they are other than
    English's. `ordinals`: how a number that counts is written. `hour`: what stands behind the hours of opening times.
    `times`: further forms of a time, of `h` and `m`. `calendar`: in use beside the Gregorian one.
    """

    code: str
    name: str
    script: str
    aliases: tuple[str, ...] = ()
    space: str = " "
    locale: str = ""
    wordfreq: str = ""
    letters: dict[str, str] = {}
    package: str = ""
    currencies: tuple[str, ...] = ()
    currency_words: tuple[str, ...] = ()
    labels: dict[str, tuple[str, ...]] = {}
    punctuation: dict[str, str] = {}
    quotes: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    ordinals: tuple[str, ...] = ("{}.",)
    hour: str = ""
    times: tuple[str, ...] = ()
    calendar: Calendar | None = None

    @property
    def cldr(self) -> str:
        """The name of its data in Babel."""
        return self.locale or self.code.replace("-", "_")

    @property
    def english(self) -> bool:
        """Whether it is English, some of whose forms are no other language's."""
        return self.code == "en"

    @property
    def latin(self) -> bool:
        """Whether it is written in Latin letters."""
        return self.script == "Latn"

    @property
    def cased(self) -> bool:
        """Whether its texts are written in capitals, too."""
        return WRITING_SYSTEMS[self.script].cased

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return "rtl" if WRITING_SYSTEMS[self.script].right_to_left else "ltr"

    def writes(self, text: str) -> bool:
        """Whether `text` holds nothing but the letters, marks and digits of its script, and what all scripts share."""
        return (text.isascii() and not text.upper().isupper()) or all(writes(self.script, c) for c in text)


#: What `Language.labels` may name.
LABELS = ("total", "subtotal", "tax", "cash", "change", "quantity", "date", "number", "price", "phone")


@cache
def languages() -> dict[str, Language]:
    """Every language by its code, sorted."""
    found: dict[str, Language] = {}
    for path, literal in declared(__path__, "LANGUAGE").items():
        try:
            language = msgspec.convert(literal, Language)
            unknown = [name for name in language.labels if name not in LABELS]
            if unknown:
                raise ValueError(f"labels has {unknown[0]!r}; it may have {', '.join(LABELS)}")
            if language.script not in WRITING_SYSTEMS:
                raise ValueError(f"the script {language.script!r} is not in text/writing_systems.py; add it there")
            if language.code in found:
                raise ValueError(f"{language.code!r} is declared twice; rename one")
        except (msgspec.ValidationError, ValueError) as error:
            raise ValueError(f"{path}: LANGUAGE: {error}") from None
        found[language.code] = language
    return dict(sorted(found.items()))


@cache
def _by_tag() -> dict[str, Language]:
    tags = {alias: language for language in languages().values() for alias in language.aliases}
    return tags | languages()


def language_of(tag: str) -> Language:
    """The language of a tag. Raises InputError for one that no file declares, with the nearest that one does."""
    found = _by_tag().get(tag)
    if found is None:
        main = tag.replace("_", "-").split("-")[0].lower()
        near = main if main in _by_tag() else near_miss(tag, _by_tag())
        hint = f"did you mean {near!r}? " if near else ""
        raise InputError(f"{tag!r} is not a language that is known; {hint}`synthtext languages` lists them")
    return found


def spoken(tags: Sequence[str], text: str) -> str:
    """The code of the first of some languages whose script the text has letters of; of the first of all, if none."""
    known = [language_of(tag) for tag in tags]
    for language in known if len(known) > 1 else ():
        if any(script_of(c) in WRITING_SYSTEMS[language.script].letters for c in text):
            return language.code
    return known[0].code
