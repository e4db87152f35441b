"""Kannada."""

LANGUAGE = {
    "code": "kn",
    "name": "Kannada",
    "script": "Knda",
    "currencies": ("INR", "INR"),
    "currency_words": ("ರೂ.",),
    "labels": {
        "total": ("ಒಟ್ಟು",),
        "tax": ("ತೆರಿಗೆ",),
        "cash": ("ನಗದು",),
        "quantity": ("ಪ್ರಮಾಣ",),
        "date": ("ದಿನಾಂಕ",),
        "number": ("ಸಂಖ್ಯೆ",),
        "price": ("ಬೆಲೆ",),
        "phone": ("ದೂರವಾಣಿ", "ಫೋನ್"),
    },
    "quotes": ("“w”", "‘w’"),
}
