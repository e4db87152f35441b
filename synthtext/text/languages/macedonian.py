"""Macedonian."""

LANGUAGE = {
    "code": "mk",
    "name": "Macedonian",
    "script": "Cyrl",
    "wordfreq": "mk",
    "currencies": ("MKD", "MKD"),
    "currency_words": ("ден.",),
    "labels": {
        "total": ("Вкупно",),
        "tax": ("ДДВ",),
        "cash": ("Готовина",),
        "change": ("Попуст",),
        "quantity": ("Количина",),
        "date": ("Датум",),
        "number": ("Бр.", "Фактура"),
        "price": ("Цена",),
        "phone": ("Тел.", "Телефон"),
    },
    "quotes": ("„w“",),
    "ordinals": ("{}-ти", "{}-та"),
}
