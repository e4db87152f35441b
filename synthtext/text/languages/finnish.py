"""Finnish."""

LANGUAGE = {
    "code": "fi",
    "name": "Finnish",
    "script": "Latn",
    "wordfreq": "fi",
    "currencies": ("EUR", "EUR"),
    "currency_words": ("EUR",),
    "labels": {
        "total": ("Yhteensä", "YHTEENSÄ"),
        "subtotal": ("Välisumma",),
        "tax": ("ALV",),
        "cash": ("Käteinen",),
        "change": ("Vaihtoraha", "Alennus"),
        "quantity": ("Määrä", "kpl"),
        "date": ("Päivämäärä", "Pvm"),
        "number": ("Nro", "Lasku"),
        "price": ("Hinta",),
        "phone": ("Puh.", "Puhelin"),
    },
    "quotes": ("”w”", "»w»"),
    "hour": "h",
}
