"""Swahili."""

LANGUAGE = {
    "code": "sw",
    "name": "Swahili",
    "script": "Latn",
    "currencies": ("KES", "TZS"),
    "labels": {
        "total": ("Jumla",),
        "tax": ("Kodi",),
        "cash": ("Taslimu",),
        "change": ("Punguzo",),
        "quantity": ("Kiasi", "Idadi"),
        "date": ("Tarehe",),
        "number": ("Nambari",),
        "price": ("Bei",),
        "phone": ("Simu",),
    },
    "quotes": ("“w”", "‘w’"),
    "hour": "h",
}
