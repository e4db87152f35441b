"""Serbian, in Latin letters."""

LANGUAGE = {
    "code": "sr-Latn",
    "name": "Serbian, in Latin letters",
    "script": "Latn",
    "aliases": ("sh",),
    "wordfreq": "sh",
    "currencies": ("RSD", "RSD"),
    "currency_words": ("din.",),
    "labels": {
        "total": ("Ukupno", "UKUPNO"),
        "tax": ("PDV",),
        "cash": ("Gotovina",),
        "change": ("Kusur", "Povraćaj", "Popust"),
        "quantity": ("Količina", "kom."),
        "date": ("Datum",),
        "number": ("Br.", "Račun"),
        "price": ("Cena",),
        "phone": ("Tel.", "Telefon"),
    },
    "quotes": ("„w“",),
    "hour": "h",
}
