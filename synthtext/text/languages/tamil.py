"""Tamil."""

LANGUAGE = {
    "code": "ta",
    "name": "Tamil",
    "script": "Taml",
    "wordfreq": "ta",
    "currencies": ("INR", "INR"),
    "currency_words": ("ரூ.",),
    "labels": {
        "total": ("மொத்தம்",),
        "tax": ("வரி",),
        "cash": ("ரொக்கம்",),
        "change": ("தள்ளுபடி",),
        "quantity": ("அளவு",),
        "date": ("தேதி",),
        "number": ("எண்",),
        "price": ("விலை",),
        "phone": ("தொலைபேசி",),
    },
    "quotes": ("“w”", "‘w’"),
}
