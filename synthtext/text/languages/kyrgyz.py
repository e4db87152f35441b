"""Kyrgyz."""

LANGUAGE = {
    "code": "ky",
    "name": "Kyrgyz",
    "script": "Cyrl",
    "currencies": ("KGS",),
    "currency_words": ("сом", "сом"),
    "labels": {
        "total": ("Баары", "Жалпы"),
        "quantity": ("Саны",),
        "date": ("Күнү",),
        "number": ("№",),
        "price": ("Баасы",),
        "phone": ("Тел.", "Телефон"),
    },
    "quotes": ("«w»",),
    "ordinals": ("{}-",),
}
