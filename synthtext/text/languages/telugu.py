"""Telugu."""

LANGUAGE = {
    "code": "te",
    "name": "Telugu",
    "script": "Telu",
    "currencies": ("INR", "INR"),
    "currency_words": ("రూ.",),
    "labels": {
        "total": ("మొత్తం",),
        "tax": ("పన్ను",),
        "cash": ("నగదు",),
        "quantity": ("పరిమాణం",),
        "date": ("తేదీ",),
        "number": ("సంఖ్య",),
        "price": ("ధర",),
        "phone": ("ఫోన్",),
    },
    "quotes": ("“w”", "‘w’"),
}
