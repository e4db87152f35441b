"""Slovak."""

LANGUAGE = {
    "code": "sk",
    "name": "Slovak",
    "script": "Latn",
    "wordfreq": "sk",
    "currencies": ("EUR", "EUR"),
    "labels": {
        "total": ("Spolu", "SPOLU", "Celkom"),
        "subtotal": ("Medzisúčet",),
        "tax": ("DPH",),
        "cash": ("Hotovosť",),
        "change": ("Výdavok", "Zľava"),
        "quantity": ("Množstvo", "ks"),
        "date": ("Dátum",),
        "number": ("Č.", "Faktúra"),
        "price": ("Cena",),
        "phone": ("Tel.", "Telefón"),
    },
    "quotes": ("„w“", "‚w‘"),
    "hour": "h",
}
