"""Bulgarian."""

LANGUAGE = {
    "code": "bg",
    "name": "Bulgarian",
    "script": "Cyrl",
    "wordfreq": "bg",
    "currencies": ("EUR",),
    "currency_words": ("лв.", "лв."),
    "labels": {
        "total": ("Общо", "ОБЩА СУМА", "Всичко"),
        "tax": ("ДДС",),
        "cash": ("В брой",),
        "change": ("Ресто", "Отстъпка"),
        "quantity": ("Количество", "бр."),
        "date": ("Дата",),
        "number": ("№", "Фактура"),
        "price": ("Цена",),
        "phone": ("Тел.", "Телефон"),
    },
    "quotes": ("„w“",),
    "ordinals": ("{}-ти", "{}-та"),
    "hour": " ч.",
}
