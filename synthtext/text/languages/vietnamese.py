"""Vietnamese."""

LANGUAGE = {
    "code": "vi",
    "name": "Vietnamese",
    "script": "Latn",
    "wordfreq": "vi",
    "currencies": ("VND", "VND"),
    "currency_words": ("đ", "VND"),
    "labels": {
        "total": ("Tổng cộng", "Thành tiền"),
        "tax": ("Thuế", "Thuế GTGT"),
        "cash": ("Tiền mặt",),
        "change": ("Tiền thừa", "Giảm giá"),
        "quantity": ("Số lượng", "SL"),
        "date": ("Ngày",),
        "number": ("Số",),
        "price": ("Giá", "Đơn giá"),
        "phone": ("ĐT", "Điện thoại"),
    },
    "quotes": ("“w”", "‘w’"),
    "ordinals": ("thứ {}",),
    "hour": "h",
}
