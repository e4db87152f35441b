"""Kazakh."""

LANGUAGE = {
    "code": "kk",
    "name": "Kazakh",
    "script": "Cyrl",
    "currencies": ("KZT", "KZT"),
    "currency_words": ("тг",),
    "labels": {
        "total": ("Барлығы", "Жиыны"),
        "tax": ("ҚҚС",),
        "change": ("Жеңілдік",),
        "quantity": ("Саны",),
        "date": ("Күні",),
        "number": ("№",),
        "price": ("Бағасы",),
        "phone": ("Тел.", "Телефон"),
    },
    "quotes": ("«w»",),
    "ordinals": ("{}-",),
}
