"""Punjabi."""

LANGUAGE = {
    "code": "pa",
    "name": "Punjabi",
    "script": "Guru",
    "currencies": ("INR", "INR"),
    "labels": {
        "total": ("ਕੁੱਲ",),
        "tax": ("ਟੈਕਸ",),
        "cash": ("ਨਕਦ",),
        "change": ("ਛੋਟ",),
        "quantity": ("ਮਾਤਰਾ",),
        "date": ("ਮਿਤੀ",),
        "number": ("ਨੰਬਰ",),
        "price": ("ਕੀਮਤ",),
        "phone": ("ਫੋਨ",),
    },
    "punctuation": {".": "।"},
    "quotes": ("“w”", "‘w’"),
}
