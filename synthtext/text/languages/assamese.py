"""Assamese."""

LANGUAGE = {
    "code": "as",
    "name": "Assamese",
    "script": "Beng",
    "currencies": ("INR", "INR"),
    "labels": {"total": ("মুঠ",), "date": ("তাৰিখ",), "number": ("নং",), "price": ("মূল্য", "দাম"), "phone": ("ফোন",)},
    "punctuation": {".": "।"},
    "quotes": ("“w”", "‘w’"),
}
