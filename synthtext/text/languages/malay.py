"""Malay."""

LANGUAGE = {
    "code": "ms",
    "name": "Malay",
    "script": "Latn",
    "wordfreq": "ms",
    "currencies": ("MYR", "MYR"),
    "labels": {
        "total": ("Jumlah", "JUMLAH"),
        "tax": ("Cukai",),
        "cash": ("Tunai",),
        "change": ("Baki", "Diskaun"),
        "quantity": ("Kuantiti",),
        "date": ("Tarikh",),
        "number": ("No.", "Invois"),
        "price": ("Harga",),
        "phone": ("Tel.", "Telefon"),
    },
    "quotes": ("“w”", "‘w’"),
    "ordinals": ("ke-{}",),
    "hour": "h",
}
