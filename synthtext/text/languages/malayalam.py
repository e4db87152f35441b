"""Malayalam."""

LANGUAGE = {
    "code": "ml",
    "name": "Malayalam",
    "script": "Mlym",
    "currencies": ("INR", "INR"),
    "currency_words": ("രൂപ",),
    "labels": {
        "total": ("ആകെ",),
        "tax": ("നികുതി",),
        "quantity": ("അളവ്",),
        "date": ("തീയതി",),
        "number": ("നമ്പർ",),
        "price": ("വില",),
        "phone": ("ഫോൺ",),
    },
    "quotes": ("“w”", "‘w’"),
}
