"""Uyghur."""

LANGUAGE = {
    "code": "ug",
    "name": "Uyghur",
    "script": "Arab",
    "currencies": ("CNY", "CNY"),
    "labels": {"total": ("جەمئىي",), "number": ("نومۇرى",), "price": ("باھاسى",), "phone": ("تېلېفون",)},
    "punctuation": {",": "،", ";": "؛", "?": "؟"},
    "quotes": ("«w»",),
}
