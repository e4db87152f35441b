"""Georgian."""

LANGUAGE = {
    "code": "ka",
    "name": "Georgian",
    "script": "Geor",
    "currencies": ("GEL", "GEL"),
    "currency_words": ("ლარი",),
    "labels": {
        "total": ("ჯამი", "სულ"),
        "tax": ("დღგ",),
        "cash": ("ნაღდი",),
        "change": ("ხურდა", "ფასდაკლება"),
        "quantity": ("რაოდენობა",),
        "date": ("თარიღი",),
        "number": ("ნომერი",),
        "price": ("ფასი",),
        "phone": ("ტელ.", "ტელეფონი"),
    },
    "quotes": ("„w“", "«w»"),
    "ordinals": ("მე-{}",),
}
