"""Hindi."""

LANGUAGE = {
    "code": "hi",
    "name": "Hindi",
    "script": "Deva",
    "wordfreq": "hi",
    "currencies": ("INR", "INR"),
    "currency_words": ("रु.",),
    "labels": {
        "total": ("कुल", "कुल राशि", "योग"),
        "tax": ("कर", "जीएसटी"),
        "cash": ("नकद",),
        "change": ("छूट",),
        "quantity": ("मात्रा",),
        "date": ("दिनांक", "तारीख", "जन्म तिथि"),
        "number": ("संख्या", "क्रमांक"),
        "price": ("मूल्य", "कीमत"),
        "phone": ("फ़ोन", "मोबाइल", "दूरभाष"),
    },
    "punctuation": {".": "।"},
    "quotes": ("“w”", "‘w’"),
}
