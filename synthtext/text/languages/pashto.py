"""Pashto."""

LANGUAGE = {
    "code": "ps",
    "name": "Pashto",
    "script": "Arab",
    "currencies": ("AFN", "AFN"),
    "labels": {"total": ("ټول",), "date": ("نېټه",), "price": ("بیه",)},
    "punctuation": {",": "،", ";": "؛", "?": "؟"},
    "quotes": ("«w»",),
}
