"""Russian."""

LANGUAGE = {
    "code": "ru",
    "name": "Russian",
    "script": "Cyrl",
    "wordfreq": "ru",
    "currencies": ("RUB", "RUB"),
    "currency_words": ("руб.",),
    "labels": {
        "total": ("Итого", "ИТОГО", "Всего"),
        "subtotal": ("Подытог",),
        "tax": ("НДС",),
        "cash": ("Наличные",),
        "change": ("Сдача", "Скидка"),
        "quantity": ("Кол-во", "шт."),
        "date": ("Дата",),
        "number": ("№", "Счёт", "Заказ"),
        "price": ("Цена",),
        "phone": ("Тел.", "Телефон", "Моб."),
    },
    "quotes": ("«w»", "„w“"),
    "ordinals": ("{}-й", "{}-я", "{}-е"),
    "hour": " ч.",
    "times": ("{h} ч {m:02d} мин",),
}
