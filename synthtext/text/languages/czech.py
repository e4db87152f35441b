"""Czech."""

LANGUAGE = {
    "code": "cs",
    "name": "Czech",
    "script": "Latn",
    "wordfreq": "cs",
    "currencies": ("CZK", "CZK"),
    "currency_words": ("CZK",),
    "labels": {
        "total": ("Celkem", "CELKEM"),
        "subtotal": ("Mezisoučet",),
        "tax": ("DPH",),
        "cash": ("Hotovost",),
        "change": ("Vráceno", "Sleva"),
        "quantity": ("Množství", "ks"),
        "date": ("Datum",),
        "number": ("Č.", "Faktura"),
        "price": ("Cena",),
        "phone": ("Tel.", "Telefon"),
    },
    "quotes": ("„w“", "‚w‘"),
    "hour": "h",
}
