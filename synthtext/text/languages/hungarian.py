"""Hungarian."""

LANGUAGE = {
    "code": "hu",
    "name": "Hungarian",
    "script": "Latn",
    "wordfreq": "hu",
    "currencies": ("HUF", "HUF"),
    "labels": {
        "total": ("Összesen", "ÖSSZESEN", "Végösszeg"),
        "subtotal": ("Részösszeg",),
        "tax": ("ÁFA",),
        "cash": ("Készpénz",),
        "change": ("Visszajáró", "Kedvezmény"),
        "quantity": ("Mennyiség", "db"),
        "date": ("Dátum",),
        "number": ("Sz.", "Számla"),
        "price": ("Ár",),
        "phone": ("Tel.", "Telefon"),
    },
    "quotes": ("„w”", "»w«"),
    "hour": "h",
}
