"""Tigrinya."""

LANGUAGE = {
    "code": "ti",
    "name": "Tigrinya",
    "script": "Ethi",
    "currencies": ("ETB", "ERN"),
    "labels": {"date": ("ዕለት",), "number": ("ቁጽሪ",), "price": ("ዋጋ",), "phone": ("ተሌፎን",)},
    "punctuation": {",": "፣", ".": "።", ";": "፤", ":": "፦"},
    "quotes": ("«w»", "“w”"),
}
