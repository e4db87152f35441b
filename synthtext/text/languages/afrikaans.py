"""Afrikaans."""

LANGUAGE = {
    "code": "af",
    "name": "Afrikaans",
    "script": "Latn",
    "currencies": ("ZAR", "ZAR"),
    "labels": {
        "total": ("Totaal",),
        "tax": ("BTW",),
        "cash": ("Kontant",),
        "change": ("Kleingeld", "Afslag"),
        "quantity": ("Hoeveelheid",),
        "date": ("Datum",),
        "number": ("Nr.", "Faktuur"),
        "price": ("Prys",),
        "phone": ("Tel.", "Telefoon"),
    },
    "quotes": ("“w”", "‘w’"),
    "ordinals": ("{}de", "{}ste"),
    "hour": "h",
}
