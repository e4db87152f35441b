"""Urdu."""

LANGUAGE = {
    "code": "ur",
    "name": "Urdu",
    "script": "Arab",
    "wordfreq": "ur",
    "currencies": ("PKR",),
    "currency_words": ("روپے", "روپے"),
    "labels": {
        "total": ("کل", "کل رقم"),
        "tax": ("ٹیکس",),
        "cash": ("نقد",),
        "quantity": ("تعداد",),
        "date": ("تاریخ",),
        "number": ("نمبر",),
        "price": ("قیمت",),
        "phone": ("فون",),
    },
    "punctuation": {",": "،", ";": "؛", "?": "؟", ".": "۔"},
    "quotes": ("“w”", "‘w’"),
}
