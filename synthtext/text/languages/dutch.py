"""Dutch."""

LANGUAGE = {
    "code": "nl",
    "name": "Dutch",
    "script": "Latn",
    "wordfreq": "nl",
    "currencies": ("EUR", "EUR"),
    "currency_words": ("EUR",),
    "labels": {
        "total": ("Totaal", "TOTAAL", "Te betalen"),
        "subtotal": ("Subtotaal",),
        "tax": ("BTW",),
        "cash": ("Contant", "Pin"),
        "change": ("Wisselgeld", "Korting"),
        "quantity": ("Aantal", "St."),
        "date": ("Datum", "Houdbaar tot"),
        "number": ("Nr.", "Factuur", "Bestelling", "Tafel", "Spoor"),
        "price": ("Prijs", "Nu", "Vanaf", "ACTIE"),
        "phone": ("Tel.", "Telefoon", "Mobiel"),
    },
    "quotes": ("“w”", "‘w’", "„w”"),
    "ordinals": ("{}e", "{}."),
    "hour": "h",
}
