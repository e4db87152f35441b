"""Irish."""

LANGUAGE = {
    "code": "ga",
    "name": "Irish",
    "script": "Latn",
    "currencies": ("EUR", "EUR"),
    "labels": {
        "total": ("Iomlán",),
        "tax": ("CBL",),
        "change": ("Lascaine",),
        "quantity": ("Cainníocht",),
        "date": ("Dáta",),
        "number": ("Uimh.",),
        "price": ("Praghas",),
    },
    "quotes": ("“w”", "‘w’"),
    "ordinals": ("{}ú",),
    "hour": "h",
}
