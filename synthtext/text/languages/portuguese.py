"""Portuguese."""

LANGUAGE = {
    "code": "pt",
    "name": "Portuguese",
    "script": "Latn",
    "aliases": ("pt-BR", "pt-PT"),
    "wordfreq": "pt",
    "currencies": ("EUR", "BRL", "BRL"),
    "currency_words": ("EUR",),
    "labels": {
        "total": ("Total", "TOTAL", "Valor a pagar"),
        "subtotal": ("Subtotal",),
        "tax": ("IVA", "ICMS"),
        "cash": ("Dinheiro", "Cartão"),
        "change": ("Troco", "Desconto"),
        "quantity": ("Qtd.", "Un."),
        "date": ("Data", "Validade"),
        "number": ("N.º", "Fatura", "Pedido", "Mesa"),
        "price": ("Preço", "Só", "PROMOÇÃO"),
        "phone": ("Tel.", "Telefone", "Telemóvel"),
    },
    "quotes": ("«w»", "“w”"),
    "ordinals": ("{}º", "{}ª", "{}.º"),
    "hour": "h",
}
