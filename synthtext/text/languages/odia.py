"""Odia."""

LANGUAGE = {
    "code": "or",
    "name": "Odia",
    "script": "Orya",
    "currencies": ("INR", "INR"),
    "labels": {"total": ("ମୋଟ",), "date": ("ତାରିଖ",), "number": ("ନମ୍ବର",), "price": ("ମୂଲ୍ୟ", "ଦାମ"), "phone": ("ଫୋନ",)},
    "punctuation": {".": "।"},
    "quotes": ("“w”", "‘w’"),
}
