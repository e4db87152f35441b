"""Sindhi."""

LANGUAGE = {
    "code": "sd",
    "name": "Sindhi",
    "script": "Arab",
    "locale": "sd_Arab",
    "currencies": ("PKR", "PKR"),
    "labels": {"total": ("ڪل",), "date": ("تاريخ",), "number": ("نمبر",), "price": ("قيمت",), "phone": ("فون",)},
    "punctuation": {",": "،", ";": "؛", "?": "؟"},
    "quotes": ("“w”",),
}
