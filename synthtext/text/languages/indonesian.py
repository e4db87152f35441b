"""Indonesian."""

LANGUAGE = {
    "code": "id",
    "name": "Indonesian",
    "script": "Latn",
    "aliases": ("in",),
    "wordfreq": "id",
    "currencies": ("IDR", "IDR"),
    "labels": {
        "total": ("Total", "Jumlah"),
        "subtotal": ("Subtotal",),
        "tax": ("PPN", "Pajak"),
        "cash": ("Tunai",),
        "change": ("Kembalian", "Diskon"),
        "quantity": ("Jumlah",),
        "date": ("Tanggal",),
        "number": ("No.", "Faktur"),
        "price": ("Harga",),
        "phone": ("Telp.", "Telepon"),
    },
    "quotes": ("“w”", "‘w’"),
    "ordinals": ("ke-{}",),
    "hour": "h",
}
