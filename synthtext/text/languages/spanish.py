"""Spanish."""

LANGUAGE = {
    "code": "es",
    "name": "Spanish",
    "script": "Latn",
    "wordfreq": "es",
    "currencies": ("EUR", "EUR", "MXN"),
    "currency_words": ("EUR", "MXN"),
    "labels": {
        "total": ("Total", "TOTAL", "Importe"),
        "subtotal": ("Subtotal", "Base imponible"),
        "tax": ("IVA", "I.V.A."),
        "cash": ("Efectivo", "Tarjeta"),
        "change": ("Cambio", "Descuento"),
        "quantity": ("Cant.", "Uds."),
        "date": ("Fecha", "FECHA", "Caduca"),
        "number": ("N.º", "Factura", "Pedido", "Mesa"),
        "price": ("Precio", "Desde", "OFERTA"),
        "phone": ("Tel.", "Teléfono", "Fax", "Móvil"),
    },
    "punctuation": {"!": "", "?": ""},
    "quotes": ("«w»", "“w”", "¡w!", "¿w?"),
    "ordinals": ("{}º", "{}ª", "{}.º", "{}.ª"),
    "hour": "h",
}
