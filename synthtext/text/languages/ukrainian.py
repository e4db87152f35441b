"""Ukrainian."""

LANGUAGE = {
    "code": "uk",
    "name": "Ukrainian",
    "script": "Cyrl",
    "wordfreq": "uk",
    "currencies": ("UAH",),
    "currency_words": ("грн", "грн"),
    "labels": {
        "total": ("Разом", "Всього", "СУМА"),
        "tax": ("ПДВ",),
        "cash": ("Готівка",),
        "change": ("Решта", "Знижка"),
        "quantity": ("Кількість", "шт."),
        "date": ("Дата",),
        "number": ("№", "Рахунок"),
        "price": ("Ціна",),
        "phone": ("Тел.", "Телефон"),
    },
    "quotes": ("«w»", "„w“"),
    "ordinals": ("{}-й", "{}-а", "{}-е"),
    "hour": " год",
}
