"""Latvian."""

LANGUAGE = {
    "code": "lv",
    "name": "Latvian",
    "script": "Latn",
    "wordfreq": "lv",
    "currencies": ("EUR", "EUR"),
    "labels": {
        "total": ("Kopā", "KOPĀ", "Summa"),
        "tax": ("PVN",),
        "cash": ("Skaidra nauda",),
        "change": ("Atlaide",),
        "quantity": ("Daudzums", "gab."),
        "date": ("Datums",),
        "number": ("Nr.", "Rēķins"),
        "price": ("Cena",),
        "phone": ("Tālr.", "Tālrunis"),
    },
    "quotes": ("„w”", "“w”"),
    "hour": "h",
}
