"""Where fonts of a script are to be had."""

from __future__ import annotations

from synthtext.text.languages import Language
from synthtext.text.writing_systems import WRITING_SYSTEMS

_HAN = ("Hans", "Hant", "Jpan", "Kore")


def no_font(language: Language) -> str:
    """What is said of a language that no font in use covers: the script, and how to add fonts of it."""
    package = "fonts-noto-cjk" if language.script in _HAN else "fonts-noto-core"
    return (
        f"no font in use draws words of {language.code!r} ({language.name}, in the script "
        f"{WRITING_SYSTEMS[language.script].name}); install fonts of this script, such as Debian's {package}, then "
        f"`synthtext fonts add {package}`, and name them: fonts.folders=[pack:{package}]"
    )
