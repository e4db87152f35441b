"""Hebrew."""

LANGUAGE = {
    "code": "he",
    "name": "Hebrew",
    "script": "Hebr",
    "aliases": ("iw",),
    "wordfreq": "he",
    "currencies": ("ILS", "ILS"),
    "currency_words": ("ש״ח",),
    "labels": {
        "total": ("סה״כ", "סה״כ לתשלום"),
        "subtotal": ("סכום ביניים",),
        "tax": ("מע״מ",),
        "cash": ("מזומן",),
        "change": ("עודף", "הנחה"),
        "quantity": ("כמות",),
        "date": ("תאריך",),
        "number": ("מס׳", "חשבונית"),
        "price": ("מחיר",),
        "phone": ("טל׳", "טלפון", "נייד"),
    },
    "quotes": ("“w”", "„w”"),
}
