"""Polish."""

LANGUAGE = {
    "code": "pl",
    "name": "Polish",
    "script": "Latn",
    "wordfreq": "pl",
    "currencies": ("PLN", "PLN"),
    "currency_words": ("PLN",),
    "labels": {
        "total": ("Suma", "SUMA", "Razem", "Do zapłaty"),
        "tax": ("VAT", "PTU"),
        "cash": ("Gotówka", "Karta"),
        "change": ("Reszta", "Rabat"),
        "quantity": ("Ilość", "szt."),
        "date": ("Data",),
        "number": ("Nr", "Faktura", "Zamówienie"),
        "price": ("Cena",),
        "phone": ("Tel.", "Telefon"),
    },
    "quotes": ("„w”", "«w»"),
    "hour": "h",
}
