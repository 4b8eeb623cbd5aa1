"""What happened, in the languages that people of the network read.

An event is named with what became of it (its outcome, reason or trigger) where there is a sentence
for that, else by its name alone. Every language has every sentence with the same placeholders;
each is true for whoever may read the event. What no person waits for has none.
"""

from collections.abc import Mapping

from app.notifications import trade_texts

LANGUAGES = ("en", "es", "pt", "de")

_SENTENCES = (
    # event, English, Spanish, Portuguese, German
    ("order.placed", "Order {order}: placed.", "Pedido {order}: realizado.",
     "Pedido {order}: realizado.", "Bestellung {order}: aufgegeben."),
    ("seller_order.offered", "Order {order}: a seller is asked and answers by {accept_by}.",
     "Pedido {order}: se pregunta a un vendedor, que responde hasta el {accept_by}.",
     "Pedido {order}: um vendedor é consultado e responde até {accept_by}.",
     "Bestellung {order}: ein Verkäufer ist gefragt und antwortet bis {accept_by}."),
    ("seller_order.answered",
     "Order {order}: the seller accepted {accepted_units} units and refused {rejected_units}.",
     "Pedido {order}: el vendedor aceptó {accepted_units} unidades y rechazó {rejected_units}.",
     "Pedido {order}: o vendedor aceitou {accepted_units} unidades e recusou {rejected_units}.",
     ("Bestellung {order}: der Verkäufer nahm {accepted_units} Stück an und lehnte"
      " {rejected_units} ab.")),
    ("seller_order.expired", "Order {order}: the seller did not answer in time.",
     "Pedido {order}: el vendedor no respondió a tiempo.",
     "Pedido {order}: o vendedor não respondeu a tempo.",
     "Bestellung {order}: der Verkäufer antwortete nicht rechtzeitig."),
    ("seller_order.units_withdrawn",
     "Order {order}: the seller cannot deliver {units} units that it had accepted.",
     "Pedido {order}: el vendedor no puede entregar {units} unidades que había aceptado.",
     "Pedido {order}: o vendedor não pode entregar {units} unidades que havia aceitado.",
     "Bestellung {order}: der Verkäufer kann {units} angenommene Stück nicht liefern."),
    ("seller_order.units_taken_back.cancelled",
     "Order {order}: {units} units are cancelled; the seller need not deliver them.",
     "Pedido {order}: {units} unidades se cancelan; el vendedor no tiene que entregarlas.",
     "Pedido {order}: {units} unidades são canceladas; o vendedor não precisa entregá-las.",
     "Bestellung {order}: {units} Stück sind storniert; der Verkäufer muss sie nicht liefern."),
    ("seller_order.units_taken_back.reoptimized",
     "Order {order}: a better plan was found; the offer of {units} units to this seller has ended.",
     ("Pedido {order}: se encontró un plan mejor; la oferta de {units} unidades a este vendedor"
      " terminó."),
     ("Pedido {order}: um plano melhor foi encontrado; a oferta de {units} unidades a este"
      " vendedor terminou."),
     ("Bestellung {order}: es gibt einen besseren Plan; das Angebot von {units} Stück an diesen"
      " Verkäufer ist beendet.")),
    ("seller_order.promise_broken.not_coming",
     "Order {order}: {units} units do not come as announced; others are asked.",
     "Pedido {order}: {units} unidades no llegan como se anunció; se pregunta a otros.",
     "Pedido {order}: {units} unidades não chegam como anunciado; outros são consultados.",
     "Bestellung {order}: {units} Stück kommen nicht wie angekündigt; andere werden gefragt."),
    ("seller_order.promise_broken.late",
     "Order {order}: {units} units come later than promised; a new day or seller is looked for.",
     "Pedido {order}: {units} unidades llegan más tarde; se busca otro día u otro vendedor.",
     "Pedido {order}: {units} unidades chegam mais tarde; procura-se outro dia ou vendedor.",
     "Bestellung {order}: {units} Stück kommen später; ein neuer Tag oder Verkäufer wird gesucht."),
    ("order.rerouted",
     "Order {order}: other sellers deliver {units} units; the buyer's price stays.",
     "Pedido {order}: otros vendedores entregan {units} unidades; el precio del comprador no sube.",
     "Pedido {order}: outros vendedores entregam {units} unidades; o preço do comprador não sobe.",
     "Bestellung {order}: andere Verkäufer liefern {units} Stück; der Preis des Käufers bleibt."),
    ("order.rerouted.reoptimized",
     "Order {order}: planned again before anybody had accepted; price and promise stay.",
     "Pedido {order}: planificado de nuevo antes de que nadie aceptara; precio y promesa siguen.",
     "Pedido {order}: planejado de novo antes que alguém aceitasse; preço e promessa ficam.",
     "Bestellung {order}: neu geplant, ehe jemand zugesagt hatte; Preis und Zusage bleiben."),
    ("order.rerouted.waited",
     "Order {order}: a seller was found for {units} units that waited.",
     "Pedido {order}: se encontró vendedor para {units} unidades que esperaban.",
     "Pedido {order}: encontrou-se vendedor para {units} unidades que esperavam.",
     "Bestellung {order}: für {units} wartende Stück fand sich ein Verkäufer."),
    ("order.rerouted.substituted",
     "Order {order}: {units} units of another variant come instead.",
     "Pedido {order}: en su lugar llegan {units} unidades de otra variante.",
     "Pedido {order}: em seu lugar vêm {units} unidades de outra variante.",
     "Bestellung {order}: stattdessen kommen {units} Stück einer anderen Variante."),
    ("order.units_cancelled",
     "Order {order}: {units} units will not come; {amount} are not owed any more.",
     "Pedido {order}: {units} unidades no llegarán; ya no se deben {amount}.",
     "Pedido {order}: {units} unidades não virão; {amount} não são mais devidos.",
     "Bestellung {order}: {units} Stück kommen nicht; {amount} sind nicht mehr geschuldet."),
    ("order.units_cancelled.substituted",
     "Order {order}: what comes instead costs {amount} less.",
     "Pedido {order}: lo que llega en su lugar cuesta {amount} menos.",
     "Pedido {order}: o que vem em seu lugar custa {amount} a menos.",
     "Bestellung {order}: was stattdessen kommt, kostet {amount} weniger."),
    ("order.units_given_up",
     "Order {order}: nobody else delivers {units} units; they are given up.",
     "Pedido {order}: nadie más entrega {units} unidades; se renuncia a ellas.",
     "Pedido {order}: ninguém mais entrega {units} unidades; desiste-se delas.",
     "Bestellung {order}: niemand sonst liefert {units} Stück; sie sind aufgegeben."),
    ("order.choice_opened",
     "Order {order}: nobody delivers {units} units now; the buyer may choose until {expires_at}.",
     ("Pedido {order}: nadie entrega {units} unidades ahora; el comprador puede elegir hasta el"
      " {expires_at}."),
     ("Pedido {order}: ninguém entrega {units} unidades agora; o comprador pode escolher até"
      " {expires_at}."),
     ("Bestellung {order}: niemand liefert jetzt {units} Stück; der Käufer kann bis {expires_at}"
      " wählen.")),
    ("order.choice_waits", "Order {order}: the buyer waits until {expires_at}.",
     "Pedido {order}: el comprador espera hasta el {expires_at}.",
     "Pedido {order}: o comprador espera até {expires_at}.",
     "Bestellung {order}: der Käufer wartet bis {expires_at}."),
    ("order.choice_ended.served", "Order {order}: what waited is delivered after all.",
     "Pedido {order}: lo que esperaba se entrega al final.",
     "Pedido {order}: o que esperava será entregue, afinal.",
     "Bestellung {order}: was wartete, wird doch geliefert."),
    ("order.choice_ended.substituted", "Order {order}: the buyer takes something else instead.",
     "Pedido {order}: el comprador toma otra cosa en su lugar.",
     "Pedido {order}: o comprador leva outra coisa em seu lugar.",
     "Bestellung {order}: der Käufer nimmt stattdessen etwas anderes."),
    ("order.choice_ended.cancelled", "Order {order}: what waited is cancelled.",
     "Pedido {order}: lo que esperaba se cancela.", "Pedido {order}: o que esperava é cancelado.",
     "Bestellung {order}: was wartete, ist storniert."),
    ("order.choice_ended.expired", "Order {order}: the time to choose is over; nothing waits on.",
     "Pedido {order}: el plazo para elegir terminó; nada sigue esperando.",
     "Pedido {order}: o prazo para escolher terminou; nada mais espera.",
     "Bestellung {order}: die Zeit zu wählen ist um; nichts wartet weiter."),
    ("orders.reoptimized", "{count} open orders were planned again and cost the storefront less.",
     "{count} pedidos abiertos se planificaron de nuevo y cuestan menos a la tienda.",
     "{count} pedidos abertos foram planejados de novo e custam menos à loja.",
     "{count} offene Bestellungen wurden neu geplant und kosten den Shop weniger."),
    ("routing_policy.activated",
     "Version {number} of a routing policy decides from {valid_from} on.",
     "La versión {number} de una política de enrutamiento decide desde el {valid_from}.",
     "A versão {number} de uma política de roteamento decide a partir de {valid_from}.",
     "Version {number} einer Routing-Richtlinie entscheidet ab {valid_from}."),
    ("routing_policy.retired", "Version {number} of a routing policy decides until {valid_to}.",
     "La versión {number} de una política de enrutamiento decide hasta el {valid_to}.",
     "A versão {number} de uma política de roteamento decide até {valid_to}.",
     "Version {number} einer Routing-Richtlinie entscheidet bis {valid_to}."),
)  # fmt: skip

_LABELS = (
    ("title", "News", "Novedades", "Novidades", "Neuigkeiten"),
    ("lead", "What happened that concerns you, the newest first.",
     "Lo que ha pasado y le concierne, lo más reciente primero.",
     "O que aconteceu e lhe diz respeito, o mais recente primeiro.",
     "Was geschah und Sie betrifft, das Neueste zuerst."),
    ("when", "When", "Cuándo", "Quando", "Wann"),
    ("what", "What happened", "Qué pasó", "O que aconteceu", "Was geschah"),
    ("none", "Nothing yet.", "Nada todavía.", "Nada ainda.", "Noch nichts."),
    ("older", "Older", "Anteriores", "Anteriores", "Ältere"),
    ("language", "Language", "Idioma", "Idioma", "Sprache"),
)  # fmt: skip


def _catalog(rows: tuple[tuple[str, ...], ...]) -> Mapping[str, Mapping[str, str]]:
    return {
        language: {row[0]: row[1 + number] for row in rows}
        for number, language in enumerate(LANGUAGES)
    }


SENTENCES = _catalog((*_SENTENCES, *trade_texts.SENTENCES))
LABELS = _catalog(_LABELS)
