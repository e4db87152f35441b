"""Basque."""

LANGUAGE = {
    "code": "eu",
    "name": "Basque",
    "script": "Latn",
    "currencies": ("EUR", "EUR"),
    "labels": {
        "total": ("Guztira",),
        "tax": ("BEZ",),
        "change": ("Deskontua",),
        "quantity": ("Kopurua",),
        "date": ("Data",),
        "number": ("Zk.",),
        "price": ("Prezioa",),
        "phone": ("Tel.", "Telefonoa"),
    },
    "quotes": ("«w»", "“w”"),
    "hour": "h",
}
