"""Sinhala."""

LANGUAGE = {
    "code": "si",
    "name": "Sinhala",
    "script": "Sinh",
    "currencies": ("LKR", "LKR"),
    "currency_words": ("රු.",),
    "labels": {
        "total": ("එකතුව",),
        "tax": ("බදු",),
        "date": ("දිනය",),
        "number": ("අංකය",),
        "price": ("මිල",),
        "phone": ("දුරකථන",),
    },
    "quotes": ("“w”", "‘w’"),
}
