"""Thai."""

LANGUAGE = {
    "code": "th",
    "name": "Thai",
    "script": "Thai",
    "space": "",
    "package": "pythainlp",
    "currencies": ("THB", "THB"),
    "currency_words": ("บาท", "บาท"),
    "labels": {
        "total": ("รวม", "ยอดรวม", "รวมทั้งสิ้น"),
        "tax": ("ภาษีมูลค่าเพิ่ม", "ภาษี"),
        "cash": ("เงินสด",),
        "change": ("เงินทอน", "ส่วนลด"),
        "quantity": ("จำนวน",),
        "date": ("วันที่",),
        "number": ("เลขที่",),
        "price": ("ราคา",),
        "phone": ("โทร.", "โทรศัพท์"),
    },
    "punctuation": {",": "", ".": "", ";": ""},
    "quotes": ("“w”", "‘w’"),
    "pairs": ("-", "/", "–", " "),
    "ordinals": ("ที่ {}",),
    "hour": " น.",
    "times": ("{h:02d}.{m:02d} น.",),
    "calendar": {"kind": "buddhist", "era": "พ.ศ."},
}
