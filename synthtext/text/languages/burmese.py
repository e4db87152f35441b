"""Burmese."""

LANGUAGE = {
    "code": "my",
    "name": "Burmese",
    "script": "Mymr",
    "space": "",
    "currencies": ("MMK", "MMK"),
    "currency_words": ("ကျပ်",),
    "labels": {
        "total": ("စုစုပေါင်း",),
        "tax": ("အခွန်",),
        "quantity": ("အရေအတွက်",),
        "date": ("ရက်စွဲ", "နေ့စွဲ"),
        "number": ("အမှတ်",),
        "price": ("ဈေးနှုန်း",),
        "phone": ("ဖုန်း",),
    },
    "punctuation": {",": "၊", ".": "။", "?": "", ";": ""},
    "quotes": ("“w”", "‘w’"),
    "pairs": ("-", "/", "–", " "),
}
