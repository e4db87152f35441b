"""Mongolian."""

LANGUAGE = {
    "code": "mn",
    "name": "Mongolian",
    "script": "Cyrl",
    "currencies": ("MNT", "MNT"),
    "currency_words": ("төг",),
    "labels": {
        "total": ("Нийт", "Нийт дүн"),
        "tax": ("НӨАТ",),
        "cash": ("Бэлэн",),
        "quantity": ("Тоо",),
        "date": ("Огноо",),
        "number": ("№", "Дугаар"),
        "price": ("Үнэ",),
        "phone": ("Утас",),
    },
    "quotes": ("«w»", "“w”"),
    "ordinals": ("{}-р",),
}
