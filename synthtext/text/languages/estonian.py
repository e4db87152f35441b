"""Estonian."""

LANGUAGE = {
    "code": "et",
    "name": "Estonian",
    "script": "Latn",
    "currencies": ("EUR", "EUR"),
    "labels": {
        "total": ("Kokku", "KOKKU", "Summa"),
        "subtotal": ("Vahesumma",),
        "tax": ("Käibemaks", "KM"),
        "cash": ("Sularaha",),
        "change": ("Tagasi", "Allahindlus"),
        "quantity": ("Kogus", "tk"),
        "date": ("Kuupäev",),
        "number": ("Nr", "Arve"),
        "price": ("Hind",),
        "phone": ("Tel.", "Telefon"),
    },
    "quotes": ("„w“", "«w»"),
    "hour": "h",
}
