"""The words of carts' pages, in the languages that buyers read.

Rows are name, English, Spanish, Portuguese, German.
"""

from collections.abc import Mapping

from app.web.texts import LANGUAGES

_ROWS = (
    ("title", "Carts", "Carritos", "Carrinhos", "Warenkörbe"),
    ("one", "Cart", "Carrito", "Carrinho", "Warenkorb"),
    ("none", "No open carts.", "No hay carritos abiertos.", "Não há carrinhos abertos.",
     "Keine offenen Warenkörbe."),
    ("older", "Older", "Anteriores", "Anteriores", "Ältere"),
    ("language", "Language", "Idioma", "Idioma", "Sprache"),
    ("opened", "Opened", "Abierto", "Aberto", "Angelegt"),
    ("storefront", "Shop", "Tienda", "Loja", "Shop"),
    ("buyer", "Buyer", "Comprador", "Comprador", "Käufer"),
    ("lines", "Lines", "Líneas", "Linhas", "Positionen"),
    ("item", "Item", "Artículo", "Artigo", "Artikel"),
    ("quantity", "Quantity", "Cantidad", "Quantidade", "Menge"),
    ("delivered", "Ordered now, it comes", "Pedido ahora, llega", "Pedido agora, chega",
     "Jetzt bestellt, kommt es"),
    ("part", "{count} from {seller}", "{count} de {seller}", "{count} de {seller}",
     "{count} von {seller}"),
    ("leaves", "leaves on {day}", "sale el {day}", "sai em {day}", "geht ab am {day}"),
    ("later", "not in stock yet", "aún no está en existencias", "ainda não está em estoque",
     "noch nicht auf Lager"),
    ("short", "{count} cannot be delivered", "{count} no se pueden entregar",
     "{count} não podem ser entregues", "{count} sind nicht lieferbar"),
    ("goods", "Goods", "Mercancía", "Mercadoria", "Ware"),
    ("freight", "Freight", "Flete", "Frete", "Fracht"),
    ("total", "Total", "Total", "Total", "Summe"),
    ("kept", "Kept", "Reservado", "Reservado", "Zurückgelegt"),
    ("kept_until", "All of it is kept from others until {when}.",
     "Todo está reservado hasta el {when}.", "Tudo está reservado até {when}.",
     "Alles ist bis {when} zurückgelegt."),
    ("not_kept", "Nothing is kept: others may be faster.",
     "Nada está reservado: otros pueden adelantarse.",
     "Nada está reservado: outros podem ser mais rápidos.",
     "Nichts ist zurückgelegt: andere können schneller sein."),
    ("minutes", "Minutes", "Minutos", "Minutos", "Minuten"),
    ("keep", "Keep it for me", "Reservármelo", "Reservar para mim", "Für mich zurücklegen"),
    ("let_go", "Let it go", "Liberarlo", "Liberar", "Freigeben"),
    ("what_if", "What if …", "¿Qué pasaría si…?", "E se…", "Was wäre, wenn …"),
    ("ordered", "This cart was ordered.", "Este carrito ya se pidió.",
     "Este carrinho já foi pedido.", "Dieser Warenkorb wurde bestellt."),
    ("not_now", "It cannot be ordered now.", "Ahora no se puede pedir.",
     "Não pode ser pedido agora.", "Jetzt kann er nicht bestellt werden."),
    ("refused.ordering.not_fully_available",
     "Not all of it can be delivered, so it cannot be kept: lower the quantities.",
     "No se puede entregar todo, así que no se puede reservar: baje las cantidades.",
     "Nem tudo pode ser entregue, então não pode ser reservado: diminua as quantidades.",
     "Nicht alles ist lieferbar, also nicht zurückzulegen: verringern Sie die Mengen."),
    ("refused.ordering.kept_too_long", "This shop keeps goods for fewer minutes, or not at all.",
     "Esta tienda reserva menos minutos, o nada.", "Esta loja reserva menos minutos, ou nada.",
     "Dieser Shop legt kürzer oder gar nichts zurück."),
    ("refused.ordering.stock_contended", "Others are faster just now: try again.",
     "Otros se adelantan ahora: inténtelo de nuevo.",
     "Outros estão mais rápidos agora: tente de novo.",
     "Andere sind gerade schneller: versuchen Sie es noch einmal."),
    ("refused.ordering.empty", "There is nothing in this cart.",
     "No hay nada en este carrito.", "Não há nada neste carrinho.",
     "In diesem Warenkorb ist nichts."),
    ("refused.minutes", "Write a whole number of minutes.", "Escriba un número entero de minutos.",
     "Escreva um número inteiro de minutos.", "Schreiben Sie eine ganze Zahl von Minuten."),
)  # fmt: skip

TEXTS: Mapping[str, Mapping[str, str]] = {
    language: {row[0]: row[1 + number] for row in _ROWS}
    for number, language in enumerate(LANGUAGES)
}
