"""Uzbek."""

LANGUAGE = {
    "code": "uz",
    "name": "Uzbek",
    "script": "Latn",
    "currencies": ("UZS", "UZS"),
    "labels": {
        "total": ("Jami",),
        "tax": ("QQS",),
        "cash": ("Naqd",),
        "change": ("Chegirma",),
        "quantity": ("Miqdor", "dona"),
        "date": ("Sana",),
        "number": ("№",),
        "price": ("Narx",),
        "phone": ("Tel.", "Telefon"),
    },
    "quotes": ("“w”",),
    "ordinals": ("{}-",),
    "hour": "h",
}
