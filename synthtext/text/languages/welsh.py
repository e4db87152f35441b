"""Welsh."""

LANGUAGE = {
    "code": "cy",
    "name": "Welsh",
    "script": "Latn",
    "currencies": ("GBP", "GBP"),
    "labels": {
        "total": ("Cyfanswm",),
        "tax": ("TAW",),
        "cash": ("Arian parod",),
        "change": ("Newid", "Gostyngiad"),
        "quantity": ("Nifer",),
        "date": ("Dyddiad",),
        "number": ("Rhif",),
        "price": ("Pris",),
        "phone": ("Ffôn",),
    },
    "quotes": ("“w”", "‘w’"),
    "ordinals": ("{}fed",),
    "hour": "h",
}
