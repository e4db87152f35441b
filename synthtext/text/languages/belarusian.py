"""Belarusian."""

LANGUAGE = {
    "code": "be",
    "name": "Belarusian",
    "script": "Cyrl",
    "currencies": ("BYN", "BYN"),
    "currency_words": ("руб.",),
    "labels": {
        "total": ("Разам", "Усяго"),
        "tax": ("ПДВ",),
        "change": ("Зніжка",),
        "quantity": ("Колькасць",),
        "date": ("Дата",),
        "number": ("№",),
        "price": ("Цана", "Кошт"),
        "phone": ("Тэл.", "Тэлефон"),
    },
    "quotes": ("«w»",),
    "ordinals": ("{}-ы", "{}-я", "{}-е"),
}
