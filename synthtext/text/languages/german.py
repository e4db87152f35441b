"""German."""

LANGUAGE = {
    "code": "de",
    "name": "German",
    "script": "Latn",
    "wordfreq": "de",
    "currencies": ("EUR", "EUR"),
    "currency_words": ("EUR", "CHF"),
    "labels": {
        "total": ("Summe", "SUMME", "Gesamt", "Total", "Zu zahlen"),
        "subtotal": ("Zwischensumme", "Netto"),
        "tax": ("MwSt.", "MWST", "USt"),
        "cash": ("Bar", "BAR", "EC-Karte", "Gegeben"),
        "change": ("Rückgeld", "Rabatt"),
        "quantity": ("Menge", "Stk.", "Anzahl"),
        "date": ("Datum", "DATUM", "Geburtsdatum", "Mindestens haltbar bis", "Gültig bis"),
        "number": ("Nr.", "Rechnung", "Bestellung", "Kunden-Nr.", "Tisch", "Zimmer", "Gleis", "Seite"),
        "price": ("Preis", "Nur", "NUR", "ab", "Jetzt"),
        "phone": ("Tel.", "Telefon", "Fax", "Mobil"),
    },
    "quotes": ("„w“", "»w«", "‚w‘"),
    "hour": " Uhr",
}
