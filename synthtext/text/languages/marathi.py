"""Marathi."""

LANGUAGE = {
    "code": "mr",
    "name": "Marathi",
    "script": "Deva",
    "currencies": ("INR", "INR"),
    "currency_words": ("रु.",),
    "labels": {
        "total": ("एकूण",),
        "tax": ("कर",),
        "cash": ("रोख",),
        "change": ("सवलत", "सूट"),
        "quantity": ("नग",),
        "date": ("दिनांक", "तारीख"),
        "number": ("क्रमांक",),
        "price": ("किंमत",),
        "phone": ("फोन", "दूरध्वनी"),
    },
    "quotes": ("“w”", "‘w’"),
}
