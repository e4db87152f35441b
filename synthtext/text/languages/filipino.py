"""Filipino."""

LANGUAGE = {
    "code": "fil",
    "name": "Filipino",
    "script": "Latn",
    "aliases": ("tl",),
    "wordfreq": "fil",
    "currencies": ("PHP", "PHP"),
    "labels": {
        "total": ("Kabuuan",),
        "tax": ("Buwis",),
        "change": ("Sukli", "Diskwento"),
        "quantity": ("Dami",),
        "date": ("Petsa",),
        "number": ("Blg.",),
        "price": ("Presyo",),
        "phone": ("Telepono",),
    },
    "quotes": ("“w”", "‘w’"),
    "ordinals": ("ika-{}",),
    "hour": "h",
}
