"""Galician."""

LANGUAGE = {
    "code": "gl",
    "name": "Galician",
    "script": "Latn",
    "currencies": ("EUR", "EUR"),
    "labels": {
        "total": ("Total",),
        "tax": ("IVE",),
        "cash": ("Efectivo",),
        "change": ("Cambio", "Desconto"),
        "quantity": ("Cantidade",),
        "date": ("Data",),
        "number": ("N.º", "Factura"),
        "price": ("Prezo",),
        "phone": ("Tel.", "Teléfono"),
    },
    "quotes": ("«w»", "“w”"),
    "ordinals": ("{}º", "{}ª"),
    "hour": "h",
}
