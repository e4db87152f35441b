"""Romanian."""

LANGUAGE = {
    "code": "ro",
    "name": "Romanian",
    "script": "Latn",
    "wordfreq": "ro",
    "currencies": ("RON",),
    "currency_words": ("lei", "lei"),
    "labels": {
        "total": ("Total", "TOTAL", "Total de plată"),
        "subtotal": ("Subtotal",),
        "tax": ("TVA",),
        "cash": ("Numerar", "Card"),
        "change": ("Rest", "Reducere"),
        "quantity": ("Cantitate", "buc."),
        "date": ("Data",),
        "number": ("Nr.", "Factura"),
        "price": ("Preț",),
        "phone": ("Tel.", "Telefon"),
    },
    "quotes": ("„w”", "«w»"),
    "hour": "h",
}
