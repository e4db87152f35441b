"""Central Kurdish."""

LANGUAGE = {
    "code": "ckb",
    "name": "Central Kurdish",
    "script": "Arab",
    "currencies": ("IQD", "IQD"),
    "labels": {
        "total": ("کۆی گشتی",),
        "date": ("بەروار",),
        "number": ("ژمارە",),
        "price": ("نرخ",),
        "phone": ("تەلەفۆن",),
    },
    "punctuation": {",": "،", ";": "؛", "?": "؟"},
    "quotes": ("«w»",),
}
