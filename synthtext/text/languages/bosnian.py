"""Bosnian."""

LANGUAGE = {
    "code": "bs",
    "name": "Bosnian",
    "script": "Latn",
    "wordfreq": "sh",
    "currencies": ("BAM", "BAM"),
    "labels": {
        "total": ("Ukupno", "UKUPNO"),
        "tax": ("PDV",),
        "cash": ("Gotovina",),
        "change": ("Popust",),
        "quantity": ("Količina", "kom."),
        "date": ("Datum",),
        "number": ("Br.", "Račun"),
        "price": ("Cijena",),
        "phone": ("Tel.", "Telefon"),
    },
    "quotes": ("„w”",),
    "hour": "h",
}
