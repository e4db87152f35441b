"""Yiddish."""

LANGUAGE = {
    "code": "yi",
    "name": "Yiddish",
    "script": "Hebr",
    "currencies": ("USD", "USD"),
    "labels": {"date": ("דאטע",), "number": ("נומער",), "price": ("פרייז",), "phone": ("טעלעפאן",)},
    "quotes": ("„w“",),
}
