"""Khmer."""

LANGUAGE = {
    "code": "km",
    "name": "Khmer",
    "script": "Khmr",
    "space": "",
    "currencies": ("KHR", "KHR"),
    "currency_words": ("រៀល",),
    "labels": {
        "total": ("សរុប",),
        "tax": ("ពន្ធ",),
        "quantity": ("ចំនួន", "បរិមាណ"),
        "date": ("កាលបរិច្ឆេទ", "ថ្ងៃទី"),
        "number": ("លេខ",),
        "price": ("តម្លៃ",),
        "phone": ("ទូរស័ព្ទ",),
    },
    "punctuation": {",": "", ".": "។", ";": "", ":": "៖"},
    "quotes": ("«w»", "“w”"),
    "pairs": ("-", "/", "–", " "),
    "ordinals": ("ទី{}",),
}
