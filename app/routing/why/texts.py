"""The words of explanations, in the languages that people of the network read.

Placeholders are named; every language has every sentence with the same placeholders.
"""

from collections.abc import Mapping

from app.routing.why.fact_texts import KEPT_FACTS

LANGUAGES = ("en", "es", "pt", "de")

_RULES = (
    # code, English, Spanish, Portuguese, German
    ("variant_inactive", "the manufacturer did not sell this variant",
     "el fabricante no vendía esta variante", "o fabricante não vendia esta variante",
     "der Hersteller verkaufte diese Variante nicht"),
    ("not_shown", "the assortment of the storefront or of the buyer leaves the variant out",
     "el surtido de la tienda o del comprador excluye la variante",
     "o sortimento da loja ou do comprador exclui a variante",
     "das Sortiment des Shops oder des Käufers lässt die Variante aus"),
    ("not_in_pool", "the storefront does not work with this seller",
     "la tienda no trabaja con este vendedor", "a loja não trabalha com este vendedor",
     "der Shop arbeitet nicht mit diesem Verkäufer"),
    ("blocked_by_buyer", "the buyer's trading account blocks this seller",
     "la cuenta comercial del comprador bloquea a este vendedor",
     "a conta comercial do comprador bloqueia este vendedor",
     "das Handelskonto des Käufers sperrt diesen Verkäufer"),
    ("refused_before", "it had refused these units before", "ya había rechazado estas unidades",
     "já havia recusado estas unidades", "er hatte diese Stücke schon abgelehnt"),
    ("seller_suspended", "the seller was suspended", "el vendedor estaba suspendido",
     "o vendedor estava suspenso", "der Verkäufer war gesperrt"),
    ("agreement_inactive", "no agreement for this manufacturer was in force",
     "no había acuerdo vigente para este fabricante",
     "não havia acordo vigente para este fabricante",
     "für diesen Hersteller galt kein Vertrag"),
    ("chain_broken", "an agreement above the seller's was not in force or did not cover this",
     "un acuerdo superior al del vendedor no estaba vigente o no cubría esto",
     "um acordo acima do do vendedor não estava vigente ou não cobria isto",
     "ein Vertrag über dem des Verkäufers galt nicht oder deckte dies nicht"),
    ("outside_territory", "the delivery address lies outside its territory",
     "la dirección de entrega está fuera de su territorio",
     "o endereço de entrega está fora do seu território",
     "die Lieferadresse liegt außerhalb seines Gebiets"),
    ("outside_assortment", "the variant lies outside its assortment",
     "la variante está fuera de su surtido", "a variante está fora do seu sortimento",
     "die Variante liegt außerhalb seines Sortiments"),
    ("exclusive_to_other", "another seller is exclusive there",
     "otro vendedor tiene la exclusiva allí", "outro vendedor tem exclusividade ali",
     "dort ist ein anderer Verkäufer exklusiv"),
    ("no_selling_terms", "no terms said how this seller is paid through this storefront",
     "ninguna condición decía cómo se paga a este vendedor en esta tienda",
     "nenhuma condição dizia como este vendedor é pago nesta loja",
     "keine Bedingungen sagten, wie dieser Verkäufer über diesen Shop bezahlt wird"),
    ("offer_inactive", "its offer was paused, withdrawn or not valid",
     "su oferta estaba en pausa, retirada o no vigente",
     "sua oferta estava pausada, retirada ou não vigente",
     "sein Angebot war ausgesetzt, zurückgezogen oder nicht gültig"),
    ("quantity_not_orderable", "the quantity breaks its minimum, maximum or step",
     "la cantidad no respeta su mínimo, máximo o múltiplo",
     "a quantidade não respeita seu mínimo, máximo ou múltiplo",
     "die Menge verletzt sein Minimum, Maximum oder seine Schrittweite"),
    ("no_price", "no price of it applied to this buyer and quantity",
     "ningún precio suyo valía para este comprador y cantidad",
     "nenhum preço seu valia para este comprador e quantidade",
     "kein Preis von ihm galt für diesen Käufer und diese Menge"),
    ("price_not_allowed", "its price lies outside of what the manufacturer allows",
     "su precio está fuera de lo que permite el fabricante",
     "seu preço está fora do que o fabricante permite",
     "sein Preis liegt außerhalb dessen, was der Hersteller erlaubt"),
    ("no_stock", "nothing was available there", "no había nada disponible allí",
     "não havia nada disponível ali", "dort war nichts verfügbar"),
    ("no_freight", "no freight table reaches the delivery address",
     "ninguna tabla de flete llega a la dirección de entrega",
     "nenhuma tabela de frete chega ao endereço de entrega",
     "keine Frachttabelle reicht bis zur Lieferadresse"),
    ("breaks_pack", "less than a pack is available there", "allí hay menos de un paquete",
     "ali há menos de um pacote", "dort liegt weniger als eine Packung"),
    ("substitute_dearer", "it stands for another variant and would cost the buyer more",
     "sustituye a otra variante y costaría más al comprador",
     "substitui outra variante e custaria mais ao comprador",
     "er stünde für eine andere Variante und kostete den Käufer mehr"),
    ("beyond_credit", "the buyer's credit with this seller does not cover it",
     "el crédito del comprador con este vendedor no lo cubre",
     "o crédito do comprador com este vendedor não o cobre",
     "der Kredit des Käufers bei diesem Verkäufer deckt es nicht"),
    ("hazardous_unfit", "this location does not handle hazardous goods",
     "esta ubicación no maneja mercancías peligrosas", "este local não lida com produtos perigosos",
     "dieser Standort nimmt kein Gefahrgut"),
    ("oversize_unfit", "this location does not handle oversize goods",
     "esta ubicación no maneja mercancías voluminosas",
     "este local não lida com produtos volumosos", "dieser Standort nimmt kein Sperrgut"),
    ("over_capacity", "the seller took no more orders or units that day",
     "el vendedor no aceptaba más pedidos ni unidades ese día",
     "o vendedor não aceitava mais pedidos nem unidades nesse dia",
     "der Verkäufer nahm an diesem Tag keine Bestellungen oder Stücke mehr an"),
    ("seller_closed", "the seller took no orders on that day",
     "el vendedor no aceptaba pedidos ese día", "o vendedor não aceitava pedidos nesse dia",
     "der Verkäufer nahm an diesem Tag keine Bestellungen an"),
    ("below_minimum_order", "all that it could deliver stays below its minimum order",
     "todo lo que podía entregar queda por debajo de su pedido mínimo",
     "tudo o que podia entregar fica abaixo do seu pedido mínimo",
     "alles, was er liefern könnte, bleibt unter seinem Mindestbestellwert"),
)  # fmt: skip

# What was measured and what was required, where a rule measures.
_FACTS = (
    ("outside_territory", "territory: {asked} asked, holds {held}",
     "territorio: se pide {asked}, tiene {held}", "território: pede-se {asked}, tem {held}",
     "Gebiet: gefragt {asked}, hat {held}"),
    ("refused_before", "refused before: {reason}", "rechazado antes: {reason}",
     "recusado antes: {reason}", "schon abgelehnt: {reason}"),
    ("exclusive_to_other", "exclusive there: {holders}", "exclusiva allí: {holders}",
     "exclusividade ali: {holders}", "dort exklusiv: {holders}"),
    ("quantity_not_orderable",
     "{asked} units asked; it sells from {minimum} to {maximum} in steps of {step}",
     "se piden {asked} unidades; vende de {minimum} a {maximum} en múltiplos de {step}",
     "pedem-se {asked} unidades; vende de {minimum} a {maximum} em múltiplos de {step}",
     "{asked} Stück gefragt; er verkauft {minimum} bis {maximum} in Schritten von {step}"),
    ("no_stock", "stock {available} of {asked}", "existencias {available} de {asked}",
     "estoque {available} de {asked}", "Bestand {available} von {asked}"),
    ("no_freight", "{distance} km away, its freight goes as far as {reach} km",
     "a {distance} km; su flete llega hasta {reach} km",
     "a {distance} km; seu frete chega até {reach} km",
     "{distance} km entfernt, seine Fracht reicht {reach} km weit"),
    ("below_minimum_order", "goods of {value} at most, its minimum order is {minimum_order}",
     "mercancía por {value} como máximo; su pedido mínimo es {minimum_order}",
     "mercadoria de {value} no máximo; seu pedido mínimo é {minimum_order}",
     "Ware für höchstens {value}, sein Mindestbestellwert ist {minimum_order}"),
)  # fmt: skip

_VERDICTS = (
    ("chosen", "Line {line}: {seller} delivers {units} of {asked} units from {places}.",
     "Línea {line}: {seller} entrega {units} de {asked} unidades desde {places}.",
     "Linha {line}: {seller} entrega {units} de {asked} unidades a partir de {places}.",
     "Position {line}: {seller} liefert {units} von {asked} Stück aus {places}."),
    ("dearer", "With {units} units of line {line} from {seller} the plan {difference}.",
     "Con {units} unidades de la línea {line} de {seller} el plan {difference}.",
     "Com {units} unidades da linha {line} de {seller} o plano {difference}.",
     "Mit {units} Stück der Position {line} von {seller} gilt: der Plan {difference}."),
    ("impossible", ("No lawful plan takes line {line} from {seller}, though no rule speaks against"
     " it by itself (it had {available} of {asked} units)."),
     ("Ningún plan válido toma la línea {line} de {seller}, aunque ninguna regla lo impide por sí"
     " sola (tenía {available} de {asked} unidades)."),
     ("Nenhum plano válido toma a linha {line} de {seller}, embora nenhuma regra o impeça por si só"
     " (tinha {available} de {asked} unidades)."),
     ("Kein zulässiger Plan nimmt Position {line} von {seller}, obwohl keine Regel für sich allein"
     " dagegen spricht (er hatte {available} von {asked} Stück).")),
    ("excluded", "{seller} could not deliver line {line}: {rules}.",
     "{seller} no podía entregar la línea {line}: {rules}.",
     "{seller} não podia entregar a linha {line}: {rules}.",
     "{seller} konnte Position {line} nicht liefern: {rules}."),
    ("not_offered", "{seller} did not offer line {line}.", "{seller} no ofrecía la línea {line}.",
     "{seller} não oferecia a linha {line}.", "{seller} bot Position {line} nicht an."),
    ("considered", ("{seller} could have delivered line {line} (it had {available} of {asked}"
     " units); another plan was better for the order as a whole."),
     ("{seller} podía entregar la línea {line} (tenía {available} de {asked} unidades); otro plan"
     " era mejor para el pedido entero."),
     ("{seller} podia entregar a linha {line} (tinha {available} de {asked} unidades); outro plano"
     " era melhor para o pedido inteiro."),
     ("{seller} hätte Position {line} liefern können (er hatte {available} von {asked} Stück); ein"
     " anderer Plan war für die ganze Bestellung besser.")),
    ("serves_less", "serves {units} units fewer", "atiende {units} unidades menos",
     "atende {units} unidades a menos", "bedient {units} Stück weniger"),
    ("serves_more", "serves {units} units more", "atiende {units} unidades más",
     "atende {units} unidades a mais", "bedient {units} Stück mehr"),
    ("worse_level", "is worse by {amount} in what the policy puts first",
     "es peor en {amount} en lo que la política pone primero",
     "é pior em {amount} no que a política põe primeiro",
     "ist um {amount} schlechter in dem, was die Richtlinie voranstellt"),
    ("better_level", "is better by {amount} in what the policy puts first",
     "es mejor en {amount} en lo que la política pone primero",
     "é melhor em {amount} no que a política põe primeiro",
     "ist um {amount} besser in dem, was die Richtlinie voranstellt"),
    ("costs_more", "costs {total} more: {parts}", "cuesta {total} más: {parts}",
     "custa {total} a mais: {parts}", "kostet {total} mehr: {parts}"),
    ("costs_less", "costs {total} less: {parts}", "cuesta {total} menos: {parts}",
     "custa {total} a menos: {parts}", "kostet {total} weniger: {parts}"),
    ("costs_same", "costs the same", "cuesta lo mismo", "custa o mesmo", "kostet dasselbe"),
    ("goods", "{amount} goods", "{amount} mercancía", "{amount} mercadoria", "{amount} Ware"),
    ("freight", "{amount} freight", "{amount} flete", "{amount} frete", "{amount} Fracht"),
    ("terms", "{amount} by the policy", "{amount} por la política", "{amount} pela política",
     "{amount} nach der Richtlinie"),
    ("and", "{first} and {second}", "{first} y {second}", "{first} e {second}",
     "{first} und {second}"),
)  # fmt: skip

_CHANGES = (
    ("price", "It would win with a price lower by {by} ({price} instead of {was}{per}).",
     "Ganaría con un precio {by} más bajo ({price} en vez de {was}{per}).",
     "Ganharia com um preço {by} menor ({price} em vez de {was}{per}).",
     "Er käme zum Zug mit einem um {by} niedrigeren Preis ({price} statt {was}{per})."),
    ("freight_change", "It would win with freight lower by {by}.",
     "Ganaría con un flete {by} más bajo.", "Ganharia com um frete {by} menor.",
     "Er käme zum Zug mit einer um {by} niedrigeren Fracht."),
    ("stock", "It would win with a stock of {units} (it had {available}).",
     "Ganaría con existencias de {units} (tenía {available}).",
     "Ganharia com um estoque de {units} (tinha {available}).",
     "Er käme zum Zug mit einem Bestand von {units} (er hatte {available})."),
    ("no_change", "Neither price, freight nor stock alone would have won it this line.",
     "Ni el precio, ni el flete, ni las existencias por sí solos le habrían dado esta línea.",
     "Nem preço, nem frete, nem estoque por si sós lhe dariam esta linha.",
     "Weder Preis noch Fracht noch Bestand allein hätten ihm diese Position gebracht."),
    ("per", " per {quantity}", " por {quantity}", " por {quantity}", " je {quantity}"),
)  # fmt: skip

_PLANS = (
    ("plan", ("{served} of {asked} units come from {sellers} for {goods} of goods and {freight} of"
     " freight."),
     ("{served} de {asked} unidades vienen de {sellers} por {goods} de mercancía y {freight} de"
     " flete."),
     ("{served} de {asked} unidades vêm de {sellers} por {goods} de mercadoria e {freight} de"
     " frete."),
     "{served} von {asked} Stück kommen von {sellers} für {goods} Ware und {freight} Fracht."),
    ("proved", "No plan that serves as much costs less: that is proved.",
     "Ningún plan que atienda lo mismo cuesta menos: está probado.",
     "Nenhum plano que atenda o mesmo custa menos: está provado.",
     "Kein Plan, der ebenso viel bedient, kostet weniger: das ist bewiesen."),
    ("bounded", "No plan that serves as much costs less than {bound}.",
     "Ningún plan que atienda lo mismo cuesta menos de {bound}.",
     "Nenhum plano que atenda o mesmo custa menos de {bound}.",
     "Kein Plan, der ebenso viel bedient, kostet weniger als {bound}."),
    ("without", "Without {seller} the best plan {difference}.",
     "Sin {seller} el mejor plan {difference}.", "Sem {seller} o melhor plano {difference}.",
     "Ohne {seller} gilt: der beste Plan {difference}."),
    ("single", "From one seller alone, {seller}, the best plan {difference}.",
     "De un solo vendedor, {seller}, el mejor plan {difference}.",
     "De um só vendedor, {seller}, o melhor plano {difference}.",
     "Von einem Verkäufer allein, {seller}, gilt: der beste Plan {difference}."),
    ("fewer", "With one seller fewer the best plan {difference}.",
     "Con un vendedor menos el mejor plan {difference}.",
     "Com um vendedor a menos o melhor plano {difference}.",
     "Mit einem Verkäufer weniger gilt: der beste Plan {difference}."),
    ("nothing", "nothing can be delivered", "no se puede entregar nada",
     "nada pode ser entregue", "es kann nichts geliefert werden"),
    ("not_kept", "This decision was made before problems were kept; amounts cannot be told.",
     "Esta decisión es anterior a que se guardaran los problemas; no se pueden dar importes.",
     "Esta decisão é anterior à guarda dos problemas; não há valores a informar.",
     "Diese Entscheidung fiel, bevor Probleme aufbewahrt wurden; Beträge gibt es nicht."),
)  # fmt: skip

# What pages and tables say around the sentences.
_LABELS = (
    ("title", "Why these sellers", "Por qué estos vendedores", "Por que estes vendedores",
     "Warum diese Verkäufer"),
    ("line", "Line", "Línea", "Linha", "Position"),
    ("seller", "Seller", "Vendedor", "Vendedor", "Verkäufer"),
    ("attempt", "Attempt", "Intento", "Tentativa", "Versuch"),
    ("alternatives", "The next best plans", "Los siguientes mejores planes",
     "Os próximos melhores planos", "Die nächstbesten Pläne"),
    ("back", "Back to the order", "Volver al pedido", "Voltar ao pedido", "Zurück zur Bestellung"),
    ("back_to_table", "Back to the table", "Volver a la tabla", "Voltar à tabela",
     "Zurück zur Tabelle"),
    ("changes", "What would have to change", "Qué tendría que cambiar", "O que teria de mudar",
     "Was sich ändern müsste"),
    ("verdict.chosen", "chosen", "elegido", "escolhido", "gewählt"),
    ("verdict.eligible", "not chosen", "no elegido", "não escolhido", "nicht gewählt"),
    ("verdict.excluded", "excluded", "excluido", "excluído", "ausgeschlossen"),
    ("verdict.not_offered", "no offer", "sin oferta", "sem oferta", "kein Angebot"),
    ("more_sellers", "{count} more sellers", "{count} vendedores más", "mais {count} vendedores",
     "{count} weitere Verkäufer"),
    ("hint", "Follow a verdict to its reasons.", "Siga un veredicto hasta sus razones.",
     "Siga um veredito até as suas razões.", "Ein Urteil führt zu seinen Gründen."),
    ("language", "Language", "Idioma", "Idioma", "Sprache"),
)  # fmt: skip


def _catalog(rows: tuple[tuple[str, ...], ...]) -> Mapping[str, Mapping[str, str]]:
    return {
        language: {row[0]: row[1 + number] for row in rows}
        for number, language in enumerate(LANGUAGES)
    }


RULES = _catalog(_RULES)
FACTS = _catalog((*_FACTS, *KEPT_FACTS))
TEXTS = _catalog((*_VERDICTS, *_CHANGES, *_PLANS))
LABELS = _catalog(_LABELS)
