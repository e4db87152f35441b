"""Lithuanian."""

LANGUAGE = {
    "code": "lt",
    "name": "Lithuanian",
    "script": "Latn",
    "wordfreq": "lt",
    "currencies": ("EUR", "EUR"),
    "labels": {
        "total": ("Iš viso", "Suma", "Mokėti"),
        "tax": ("PVM",),
        "cash": ("Grynieji",),
        "change": ("Grąža", "Nuolaida"),
        "quantity": ("Kiekis", "vnt."),
        "date": ("Data",),
        "number": ("Nr.", "Sąskaita"),
        "price": ("Kaina",),
        "phone": ("Tel.", "Telefonas"),
    },
    "quotes": ("„w“",),
    "hour": "h",
}
