"""Azerbaijani."""

LANGUAGE = {
    "code": "az",
    "name": "Azerbaijani",
    "script": "Latn",
    "currencies": ("AZN", "AZN"),
    "currency_words": ("AZN",),
    "labels": {
        "total": ("Cəmi", "Yekun"),
        "tax": ("ƏDV",),
        "cash": ("Nağd",),
        "change": ("Endirim",),
        "quantity": ("Miqdar", "ədəd"),
        "date": ("Tarix",),
        "number": ("№",),
        "price": ("Qiymət",),
        "phone": ("Tel.", "Telefon"),
    },
    "quotes": ("«w»", "“w”"),
    "hour": "h",
}
