"""Albanian."""

LANGUAGE = {
    "code": "sq",
    "name": "Albanian",
    "script": "Latn",
    "currencies": ("ALL", "EUR"),
    "labels": {
        "total": ("Totali", "Gjithsej"),
        "tax": ("TVSH",),
        "change": ("Kusuri", "Zbritje"),
        "quantity": ("Sasia",),
        "date": ("Data",),
        "number": ("Nr.", "Fatura"),
        "price": ("Çmimi",),
        "phone": ("Tel.", "Telefoni"),
    },
    "quotes": ("„w“", "“w”"),
    "hour": "h",
}
