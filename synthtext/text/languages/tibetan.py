"""Tibetan."""

LANGUAGE = {
    "code": "bo",
    "name": "Tibetan",
    "script": "Tibt",
    "space": "་",
    "currencies": ("CNY", "CNY"),
    "labels": {"date": ("ཚེས་གྲངས",), "price": ("རིན་གོང",)},
    "punctuation": {",": "", ".": "།", ";": "", ":": "", "?": "", "!": "", "'": "", '"': ""},
    "quotes": ("“w”",),
    "pairs": ("-", "/", "–", " "),
}
