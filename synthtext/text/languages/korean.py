"""Korean."""

LANGUAGE = {
    "code": "ko",
    "name": "Korean",
    "script": "Kore",
    "wordfreq": "ko",
    "currencies": ("KRW",),
    "currency_words": ("원", "원"),
    "labels": {
        "total": ("합계", "총액", "총계"),
        "subtotal": ("소계",),
        "tax": ("부가세", "세금"),
        "cash": ("현금",),
        "change": ("거스름돈", "할인"),
        "quantity": ("수량",),
        "date": ("날짜", "일자", "발행일", "유통기한"),
        "number": ("번호", "주문번호"),
        "price": ("가격", "단가"),
        "phone": ("전화", "휴대폰"),
    },
    "quotes": ("“w”", "‘w’", "「w」"),
    "ordinals": ("제{}", "{}번"),
    "hour": "시",
    "times": ("{h}시 {m:02d}분", "{h}시"),
}
