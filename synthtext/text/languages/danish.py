"""Danish."""

LANGUAGE = {
    "code": "da",
    "name": "Danish",
    "script": "Latn",
    "wordfreq": "da",
    "currencies": ("DKK", "DKK"),
    "currency_words": ("DKK",),
    "labels": {
        "total": ("I alt", "Total", "At betale"),
        "subtotal": ("Subtotal",),
        "tax": ("Moms",),
        "cash": ("Kontant", "Kort"),
        "change": ("Byttepenge", "Rabat"),
        "quantity": ("Antal", "stk."),
        "date": ("Dato",),
        "number": ("Nr.", "Faktura"),
        "price": ("Pris",),
        "phone": ("Tlf.", "Telefon"),
    },
    "quotes": ("»w«", "„w“"),
    "hour": "h",
}
