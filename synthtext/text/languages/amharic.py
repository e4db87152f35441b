"""Amharic."""

LANGUAGE = {
    "code": "am",
    "name": "Amharic",
    "script": "Ethi",
    "currencies": ("ETB", "ETB"),
    "currency_words": ("ብር",),
    "labels": {
        "total": ("ጠቅላላ", "ድምር"),
        "tax": ("ግብር",),
        "cash": ("ጥሬ ገንዘብ",),
        "quantity": ("ብዛት",),
        "date": ("ቀን",),
        "number": ("ቁጥር",),
        "price": ("ዋጋ",),
        "phone": ("ስልክ",),
    },
    "punctuation": {",": "፣", ".": "።", ";": "፤", ":": "፦"},
    "quotes": ("«w»", "“w”"),
    "ordinals": ("{}ኛ",),
}
