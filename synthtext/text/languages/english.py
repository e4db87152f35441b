"""English."""

LANGUAGE = {
    "code": "en",
    "name": "English",
    "script": "Latn",
    "wordfreq": "en",
    "currencies": ("USD", "USD", "GBP", "EUR"),
    "currency_words": ("USD", "GBP"),
    "labels": {
        "total": ("Total", "TOTAL", "Total due", "AMOUNT DUE", "Balance"),
        "subtotal": ("Subtotal", "SUBTOTAL", "Sub-total", "Net"),
        "tax": ("VAT", "Tax", "TAX", "Sales tax", "GST"),
        "cash": ("Cash", "CASH", "VISA", "Card", "MASTERCARD"),
        "change": ("Change", "CHANGE", "Discount", "You saved"),
        "quantity": ("Qty", "QTY", "Items", "pcs"),
        "date": ("Date", "DATE", "Date of birth", "Issued", "Best before", "EXP", "Due date", "Use by"),
        "number": ("No.", "Invoice", "Order", "Ref.", "Account", "Table", "Room", "Gate", "Page", "Ticket", "Lot"),
        "price": ("Price", "PRICE", "Only", "NOW", "From", "SALE"),
        "phone": ("Tel.", "Phone", "Tel", "Fax", "Mobile", "Call", "T", "Ph."),
    },
    "hour": "h",
}
