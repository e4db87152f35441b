"""Croatian."""

LANGUAGE = {
    "code": "hr",
    "name": "Croatian",
    "script": "Latn",
    "wordfreq": "sh",
    "currencies": ("EUR", "EUR"),
    "labels": {
        "total": ("Ukupno", "UKUPNO", "Za platiti"),
        "subtotal": ("Međuzbroj",),
        "tax": ("PDV",),
        "cash": ("Gotovina",),
        "change": ("Povrat", "Popust"),
        "quantity": ("Količina", "kom."),
        "date": ("Datum",),
        "number": ("Br.", "Račun"),
        "price": ("Cijena",),
        "phone": ("Tel.", "Telefon"),
    },
    "quotes": ("„w”", "»w«"),
    "hour": "h",
}
