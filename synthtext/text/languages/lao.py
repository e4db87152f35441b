"""Lao."""

LANGUAGE = {
    "code": "lo",
    "name": "Lao",
    "script": "Laoo",
    "space": "",
    "currencies": ("LAK", "LAK"),
    "currency_words": ("ກີບ",),
    "labels": {
        "total": ("ລວມ", "ລວມທັງໝົດ"),
        "cash": ("ເງິນສົດ",),
        "quantity": ("ຈຳນວນ",),
        "date": ("ວັນທີ",),
        "number": ("ເລກທີ",),
        "price": ("ລາຄາ",),
        "phone": ("ໂທ",),
    },
    "punctuation": {",": "", ".": "", ";": ""},
    "quotes": ("“w”", "‘w’"),
    "pairs": ("-", "/", "–", " "),
    "ordinals": ("ທີ {}",),
}
