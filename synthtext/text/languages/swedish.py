"""Swedish."""

LANGUAGE = {
    "code": "sv",
    "name": "Swedish",
    "script": "Latn",
    "wordfreq": "sv",
    "currencies": ("SEK", "SEK"),
    "currency_words": ("SEK",),
    "labels": {
        "total": ("Totalt", "Summa", "Att betala"),
        "subtotal": ("Delsumma",),
        "tax": ("Moms",),
        "cash": ("Kontant", "Kort"),
        "change": ("Växel", "Rabatt"),
        "quantity": ("Antal", "st"),
        "date": ("Datum",),
        "number": ("Nr", "Faktura"),
        "price": ("Pris",),
        "phone": ("Tel.", "Telefon"),
    },
    "quotes": ("”w”", "»w»"),
    "ordinals": ("{}:e", "{}:a"),
    "hour": "h",
}
