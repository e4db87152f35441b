"""Icelandic."""

LANGUAGE = {
    "code": "is",
    "name": "Icelandic",
    "script": "Latn",
    "wordfreq": "is",
    "currencies": ("ISK", "ISK"),
    "currency_words": ("kr.",),
    "labels": {
        "total": ("Samtals", "SAMTALS"),
        "tax": ("VSK",),
        "cash": ("Reiðufé",),
        "change": ("Afsláttur",),
        "quantity": ("Magn", "stk."),
        "date": ("Dagsetning", "Dags."),
        "number": ("Nr.", "Reikningur"),
        "price": ("Verð",),
        "phone": ("Sími",),
    },
    "quotes": ("„w“",),
    "hour": "h",
}
