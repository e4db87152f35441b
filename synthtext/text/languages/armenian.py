"""Armenian."""

LANGUAGE = {
    "code": "hy",
    "name": "Armenian",
    "script": "Armn",
    "currencies": ("AMD", "AMD"),
    "currency_words": ("դրամ",),
    "labels": {
        "total": ("Ընդամենը", "Գումար"),
        "tax": ("ԱԱՀ",),
        "cash": ("Կանխիկ",),
        "change": ("Զեղչ",),
        "quantity": ("Քանակ",),
        "date": ("Ամսաթիվ",),
        "number": ("Համար",),
        "price": ("Գին",),
        "phone": ("Հեռ.", "Հեռախոս"),
    },
    "punctuation": {".": "։", "?": "", "!": "", ":": "", ";": ""},
    "quotes": ("«w»",),
    "ordinals": ("{}-րդ",),
}
