"""Turkish."""

LANGUAGE = {
    "code": "tr",
    "name": "Turkish",
    "script": "Latn",
    "wordfreq": "tr",
    "currencies": ("TRY",),
    "currency_words": ("TL", "TL"),
    "labels": {
        "total": ("Toplam", "TOPLAM", "Genel Toplam"),
        "subtotal": ("Ara Toplam",),
        "tax": ("KDV",),
        "cash": ("Nakit", "Kart"),
        "change": ("Para üstü", "İndirim"),
        "quantity": ("Adet", "Miktar"),
        "date": ("Tarih",),
        "number": ("No", "Fatura No"),
        "price": ("Fiyat",),
        "phone": ("Tel.", "Telefon"),
    },
    "quotes": ("“w”", "‘w’"),
    "hour": "h",
}
