"""French."""

LANGUAGE = {
    "code": "fr",
    "name": "French",
    "script": "Latn",
    "wordfreq": "fr",
    "currencies": ("EUR", "EUR"),
    "currency_words": ("EUR", "CHF"),
    "labels": {
        "total": ("Total", "TOTAL", "TOTAL TTC", "À payer"),
        "subtotal": ("Sous-total", "Total HT"),
        "tax": ("TVA", "T.V.A."),
        "cash": ("Espèces", "CB", "ESPÈCES"),
        "change": ("Rendu", "Remise"),
        "quantity": ("Qté", "Quantité"),
        "date": ("Date", "Date de naissance", "Le", "À consommer avant"),
        "number": ("N°", "Facture", "Commande", "Table", "Quai", "Page"),
        "price": ("Prix", "PRIX", "Dès", "SOLDES"),
        "phone": ("Tél.", "Téléphone", "Fax", "Tél"),
    },
    "punctuation": {"!": " !", "?": " ?", ":": " :", ";": " ;"},
    "quotes": ("« w »", "“w”"),
    "ordinals": ("{}e", "{}ème", "{}°"),
    "hour": "h",
}
