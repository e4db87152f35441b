"""Nepali."""

LANGUAGE = {
    "code": "ne",
    "name": "Nepali",
    "script": "Deva",
    "currencies": ("NPR", "NPR"),
    "currency_words": ("रु",),
    "labels": {
        "total": ("जम्मा", "कुल"),
        "tax": ("कर",),
        "cash": ("नगद",),
        "change": ("छुट",),
        "quantity": ("परिमाण",),
        "date": ("मिति",),
        "number": ("नं", "नम्बर"),
        "price": ("मूल्य",),
        "phone": ("फोन",),
    },
    "punctuation": {".": "।"},
    "quotes": ("“w”", "‘w’"),
}
