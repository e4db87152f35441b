"""Italian."""

LANGUAGE = {
    "code": "it",
    "name": "Italian",
    "script": "Latn",
    "wordfreq": "it",
    "currencies": ("EUR", "EUR"),
    "currency_words": ("EUR",),
    "labels": {
        "total": ("Totale", "TOTALE", "TOTALE EURO"),
        "subtotal": ("Subtotale", "Imponibile"),
        "tax": ("IVA",),
        "cash": ("Contanti", "Bancomat"),
        "change": ("Resto", "Sconto"),
        "quantity": ("Q.tà", "Pz."),
        "date": ("Data", "DATA", "Scadenza"),
        "number": ("N.", "Fattura", "Ordine", "Tavolo"),
        "price": ("Prezzo", "Solo", "da", "SALDI"),
        "phone": ("Tel.", "Telefono", "Fax", "Cell."),
    },
    "quotes": ("«w»", "“w”"),
    "ordinals": ("{}º", "{}ª", "{}°"),
    "hour": "h",
}
