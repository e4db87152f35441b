"""Bengali."""

LANGUAGE = {
    "code": "bn",
    "name": "Bengali",
    "script": "Beng",
    "wordfreq": "bn",
    "currencies": ("BDT", "BDT", "INR"),
    "currency_words": ("টাকা",),
    "labels": {
        "total": ("মোট", "সর্বমোট"),
        "tax": ("ভ্যাট", "কর"),
        "cash": ("নগদ",),
        "change": ("ছাড়",),
        "quantity": ("পরিমাণ",),
        "date": ("তারিখ",),
        "number": ("নং", "নম্বর"),
        "price": ("মূল্য", "দাম"),
        "phone": ("ফোন", "মোবাইল"),
    },
    "punctuation": {".": "।"},
    "quotes": ("“w”", "‘w’"),
}
