"""Gujarati."""

LANGUAGE = {
    "code": "gu",
    "name": "Gujarati",
    "script": "Gujr",
    "currencies": ("INR", "INR"),
    "currency_words": ("રૂ.",),
    "labels": {
        "total": ("કુલ",),
        "tax": ("કર",),
        "cash": ("રોકડ",),
        "quantity": ("નંગ",),
        "date": ("તારીખ",),
        "number": ("નંબર", "ક્રમાંક"),
        "price": ("કિંમત", "ભાવ"),
        "phone": ("ફોન", "મોબાઇલ"),
    },
    "quotes": ("“w”", "‘w’"),
}
