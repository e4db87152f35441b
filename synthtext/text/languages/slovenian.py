"""Slovenian."""

LANGUAGE = {
    "code": "sl",
    "name": "Slovenian",
    "script": "Latn",
    "wordfreq": "sl",
    "currencies": ("EUR", "EUR"),
    "labels": {
        "total": ("Skupaj", "SKUPAJ", "Za plačilo"),
        "tax": ("DDV",),
        "cash": ("Gotovina",),
        "change": ("Popust",),
        "quantity": ("Količina", "kos"),
        "date": ("Datum",),
        "number": ("Št.", "Račun"),
        "price": ("Cena",),
        "phone": ("Tel.", "Telefon"),
    },
    "quotes": ("„w“", "»w«"),
    "hour": "h",
}
