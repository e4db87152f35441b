"""Greek."""

LANGUAGE = {
    "code": "el",
    "name": "Greek",
    "script": "Grek",
    "wordfreq": "el",
    "currencies": ("EUR", "EUR"),
    "labels": {
        "total": ("Σύνολο", "ΣΥΝΟΛΟ"),
        "subtotal": ("Μερικό σύνολο",),
        "tax": ("ΦΠΑ",),
        "cash": ("Μετρητά",),
        "change": ("Ρέστα", "Έκπτωση"),
        "quantity": ("Ποσότητα", "Τεμ."),
        "date": ("Ημερομηνία",),
        "number": ("Αρ.", "Τιμολόγιο"),
        "price": ("Τιμή",),
        "phone": ("Τηλ.", "Τηλέφωνο", "Κιν."),
    },
    "punctuation": {"?": ";", ";": "·"},
    "quotes": ("«w»", "“w”"),
    "ordinals": ("{}ος", "{}η", "{}ο"),
}
