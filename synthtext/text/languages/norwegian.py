"""Norwegian Bokmål."""

LANGUAGE = {
    "code": "nb",
    "name": "Norwegian Bokmål",
    "script": "Latn",
    "aliases": ("no",),
    "wordfreq": "nb",
    "currencies": ("NOK", "NOK"),
    "currency_words": ("NOK",),
    "labels": {
        "total": ("Totalt", "Sum", "Å betale"),
        "subtotal": ("Delsum",),
        "tax": ("MVA",),
        "cash": ("Kontant", "Kort"),
        "change": ("Veksel", "Rabatt"),
        "quantity": ("Antall", "stk."),
        "date": ("Dato",),
        "number": ("Nr.", "Faktura"),
        "price": ("Pris",),
        "phone": ("Tlf.", "Telefon"),
    },
    "quotes": ("«w»", "“w”"),
    "hour": "h",
}
