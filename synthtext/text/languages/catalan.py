"""Catalan."""

LANGUAGE = {
    "code": "ca",
    "name": "Catalan",
    "script": "Latn",
    "wordfreq": "ca",
    "currencies": ("EUR", "EUR"),
    "labels": {
        "total": ("Total", "TOTAL", "Import"),
        "subtotal": ("Subtotal",),
        "tax": ("IVA",),
        "cash": ("Efectiu",),
        "change": ("Canvi", "Descompte"),
        "quantity": ("Quantitat", "Uts."),
        "date": ("Data",),
        "number": ("Núm.", "Factura"),
        "price": ("Preu",),
        "phone": ("Tel.", "Telèfon"),
    },
    "quotes": ("«w»", "“w”"),
    "hour": "h",
}
