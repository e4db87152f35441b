"""How the languages write numbers, money and dates: the little that composed texts need."""

from __future__ import annotations

from typing import NamedTuple


class Locale(NamedTuple):
    """Habits of one language. `space` stands between words ("" where a language writes none)."""

    thousands: str
    decimal: str
    currencies: tuple[str, ...]
    months: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    labels: tuple[tuple[str, ...], ...] = ()
    space: str = " "
    digits: str = ""


def words(text: str) -> tuple[str, ...]:
    """The words of `text`: tables are easier to read so."""
    return tuple(text.split())


_EN_MONTHS = words("January February March April May June July August September October November December")
_EN_DAYS = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
# total, subtotal, tax, cash, change, quantity, date, number, price, phone
_EN_LABELS = (
    ("Total", "TOTAL", "Total due", "AMOUNT DUE", "Balance"),
    ("Subtotal", "SUBTOTAL", "Sub-total", "Net"),
    ("VAT", "Tax", "TAX", "Sales tax", "GST"),
    ("Cash", "CASH", "VISA", "Card", "MASTERCARD"),
    ("Change", "CHANGE", "Discount", "You saved"),
    ("Qty", "QTY", "Items", "pcs"),
    ("Date", "DATE", "Date of birth", "Issued", "Best before", "EXP", "Due date", "Use by"),
    ("No.", "Invoice", "Order", "Ref.", "Account", "Table", "Room", "Gate", "Page", "Ticket", "Lot"),
    ("Price", "PRICE", "Only", "NOW", "From", "SALE"),
    ("Tel.", "Phone", "Tel", "Fax", "Mobile", "Call", "T", "Ph."),
)
_EN = Locale(",", ".", ("$", "$", "£", "€", "USD", "GBP"), _EN_MONTHS, _EN_DAYS, _EN_LABELS)

LOCALES: dict[str, Locale] = {
    "en": _EN,
    "de": Locale(
        ".", ",", ("€", "€", "EUR", "CHF"),
        words("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
        words("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
        (("Summe", "SUMME", "Gesamt", "Total", "Zu zahlen"), ("Zwischensumme", "Netto"), ("MwSt.", "MWST", "USt"),
         ("Bar", "BAR", "EC-Karte", "Gegeben"), ("Rückgeld", "Rabatt"), ("Menge", "Stk.", "Anzahl"),
         ("Datum", "DATUM", "Geburtsdatum", "Mindestens haltbar bis", "Gültig bis"),
         ("Nr.", "Rechnung", "Bestellung", "Kunden-Nr.", "Tisch", "Zimmer", "Gleis", "Seite"),
         ("Preis", "Nur", "NUR", "ab", "Jetzt"), ("Tel.", "Telefon", "Fax", "Mobil")),
    ),
    "fr": Locale(
        " ", ",", ("€", "€", "EUR", "CHF"),
        words("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
        words("lundi mardi mercredi jeudi vendredi samedi dimanche"),
        (("Total", "TOTAL", "TOTAL TTC", "À payer"), ("Sous-total", "Total HT"), ("TVA", "T.V.A."),
         ("Espèces", "CB", "ESPÈCES"), ("Rendu", "Remise"), ("Qté", "Quantité"),
         ("Date", "Date de naissance", "Le", "À consommer avant"),
         ("N°", "Facture", "Commande", "Table", "Quai", "Page"),
         ("Prix", "PRIX", "Dès", "SOLDES"), ("Tél.", "Téléphone", "Fax", "Tél")),
    ),
    "es": Locale(
        ".", ",", ("€", "€", "$", "EUR", "MXN"),
        words("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
        words("lunes martes miércoles jueves viernes sábado domingo"),
        (("Total", "TOTAL", "Importe"), ("Subtotal", "Base imponible"), ("IVA", "I.V.A."), ("Efectivo", "Tarjeta"),
         ("Cambio", "Descuento"), ("Cant.", "Uds."), ("Fecha", "FECHA", "Caduca"), ("N.º", "Factura", "Pedido", "Mesa"),
         ("Precio", "Desde", "OFERTA"), ("Tel.", "Teléfono", "Fax", "Móvil")),
    ),
    "it": Locale(
        ".", ",", ("€", "€", "EUR"),
        words("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
        words("lunedì martedì mercoledì giovedì venerdì sabato domenica"),
        (("Totale", "TOTALE", "TOTALE EURO"), ("Subtotale", "Imponibile"), ("IVA",), ("Contanti", "Bancomat"),
         ("Resto", "Sconto"), ("Q.tà", "Pz."), ("Data", "DATA", "Scadenza"), ("N.", "Fattura", "Ordine", "Tavolo"),
         ("Prezzo", "Solo", "da", "SALDI"), ("Tel.", "Telefono", "Fax", "Cell.")),
    ),
    "pt": Locale(
        ".", ",", ("€", "R$", "R$", "EUR"),
        words("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
        words("segunda terça quarta quinta sexta sábado domingo"),
        (("Total", "TOTAL", "Valor a pagar"), ("Subtotal",), ("IVA", "ICMS"), ("Dinheiro", "Cartão"),
         ("Troco", "Desconto"), ("Qtd.", "Un."), ("Data", "Validade"), ("N.º", "Fatura", "Pedido", "Mesa"),
         ("Preço", "Só", "PROMOÇÃO"), ("Tel.", "Telefone", "Telemóvel")),
    ),
    "nl": Locale(
        ".", ",", ("€", "€", "EUR"),
        words("januari februari maart april mei juni juli augustus september oktober november december"),
        words("maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"),
        (("Totaal", "TOTAAL", "Te betalen"), ("Subtotaal",), ("BTW",), ("Contant", "Pin"), ("Wisselgeld", "Korting"),
         ("Aantal", "St."), ("Datum", "Houdbaar tot"), ("Nr.", "Factuur", "Bestelling", "Tafel", "Spoor"),
         ("Prijs", "Nu", "Vanaf", "ACTIE"), ("Tel.", "Telefoon", "Mobiel")),
    ),
    "pl": Locale(" ", ",", ("zł", "zł", "PLN")),
    "cs": Locale(" ", ",", ("Kč", "Kč", "CZK")),
    "ru": Locale(" ", ",", ("₽", "₽", "руб.")),
    "uk": Locale(" ", ",", ("₴", "грн")),
    "sv": Locale(" ", ",", ("kr", "kr", "SEK")),
    "nb": Locale(" ", ",", ("kr", "kr", "NOK")),
    "da": Locale(".", ",", ("kr.", "kr.", "DKK")),
    "fi": Locale(" ", ",", ("€", "€", "EUR")),
    "tr": Locale(".", ",", ("₺", "TL", "TL")),
    "el": Locale(".", ",", ("€",)),
    "ja": Locale(",", ".", ("¥", "円", "円"), space=""),
    "zh": Locale(",", ".", ("¥", "元"), space=""),
    "ko": Locale(",", ".", ("₩", "원", "원")),
    "hi": Locale(",", ".", ("₹", "₹", "Rs."), digits="०१२३४५६७८९"),
    "bn": Locale(",", ".", ("৳",), digits="০১২৩৪৫৬৭৮৯"),
    "ar": Locale(",", ".", ("د.إ", "ر.س", "$"), digits="٠١٢٣٤٥٦٧٨٩"),
    "fa": Locale(",", ".", ("ریال",), digits="۰۱۲۳۴۵۶۷۸۹"),
    "ur": Locale(",", ".", ("Rs.",), digits="۰۱۲۳۴۵۶۷۸۹"),
}  # fmt: skip


def locale_of(language: str) -> Locale:
    """The habits of `language`; the parts that aren't known are empty, or as in most of Europe."""
    return LOCALES.get(language, Locale(".", ",", ("€", "$")))
