"""The words of what was measured and required where a switched rule is broken, by language.

Of a rule that measures one thing or another there are several, named after a dot: the one is said
that tells most of what is known. Rows are code, English, Spanish, Portuguese, German.
"""

KEPT_FACTS = (
    ("over_capacity",
     ("took {units} of {units_a_day} units and {orders} of {orders_a_day} orders that day, wanted"
      " are {wanted} units more"),
     ("ese día aceptó {units} de {units_a_day} unidades y {orders} de {orders_a_day} pedidos; se"
      " piden {wanted} unidades más"),
     ("nesse dia aceitou {units} de {units_a_day} unidades e {orders} de {orders_a_day} pedidos;"
      " pedem-se mais {wanted} unidades"),
     ("nahm an diesem Tag {units} von {units_a_day} Stück und {orders} von {orders_a_day}"
      " Bestellungen an, gewünscht sind {wanted} Stück mehr")),
    ("over_capacity.units",
     "took {units} of {units_a_day} units that day, wanted are {wanted} more",
     "ese día aceptó {units} de {units_a_day} unidades; se piden {wanted} más",
     "nesse dia aceitou {units} de {units_a_day} unidades; pedem-se mais {wanted}",
     "nahm an diesem Tag {units} von {units_a_day} Stück an, gewünscht sind {wanted} mehr"),
    ("over_capacity.orders", "took {orders} of {orders_a_day} orders that day",
     "ese día aceptó {orders} de {orders_a_day} pedidos",
     "nesse dia aceitou {orders} de {orders_a_day} pedidos",
     "nahm an diesem Tag {orders} von {orders_a_day} Bestellungen an"),
    ("seller_closed", "closed from {closed_from} to {closed_to}; the order came on {day}",
     "cerrado del {closed_from} al {closed_to}; el pedido llegó el {day}",
     "fechado de {closed_from} a {closed_to}; o pedido chegou em {day}",
     "geschlossen von {closed_from} bis {closed_to}; die Bestellung kam am {day}"),
    ("beyond_credit",
     "it could deliver goods of {value}, the buyer's credit there has {credit_left} left",
     "podía entregar mercancía por {value}; al comprador le quedan {credit_left} de crédito allí",
     "podia entregar mercadoria de {value}; restam ao comprador {credit_left} de crédito ali",
     "er könnte Ware für {value} liefern, der Käufer hat dort noch {credit_left} Kredit"),
    ("breaks_pack", "{available} units there, a pack has {pack}",
     "{available} unidades allí; un paquete tiene {pack}",
     "{available} unidades ali; um pacote tem {pack}",
     "dort liegen {available} Stück, eine Packung hat {pack}"),
    ("hazardous_unfit", "hazardous goods (marked {marked}); this location does not handle them",
     "mercancía peligrosa (marcada {marked}); esta ubicación no la maneja",
     "produto perigoso (marcado {marked}); este local não lida com ele",
     "Gefahrgut (Merkmal {marked}); dieser Standort nimmt keines"),
    ("oversize_unfit",
     ("{longest_mm} mm long and {weight_g} g a unit; oversize from {longest_mm_from} mm or"
      " {weight_g_from} g on, which this location does not handle"),
     ("{longest_mm} mm de largo y {weight_g} g por unidad; voluminoso desde {longest_mm_from} mm o"
      " {weight_g_from} g, que esta ubicación no maneja"),
     ("{longest_mm} mm de comprimento e {weight_g} g por unidade; volumoso a partir de"
      " {longest_mm_from} mm ou {weight_g_from} g, com que este local não lida"),
     ("{longest_mm} mm lang und {weight_g} g je Stück; Sperrgut ab {longest_mm_from} mm oder"
      " {weight_g_from} g nimmt dieser Standort nicht")),
    ("oversize_unfit.long",
     "{longest_mm} mm long; from {longest_mm_from} mm on this location does not handle goods",
     "{longest_mm} mm de largo; desde {longest_mm_from} mm esta ubicación no maneja mercancías",
     ("{longest_mm} mm de comprimento; a partir de {longest_mm_from} mm este local não lida com"
      " elas"),
     "{longest_mm} mm lang; ab {longest_mm_from} mm nimmt dieser Standort nichts"),
    ("oversize_unfit.heavy",
     "{weight_g} g a unit; from {weight_g_from} g on this location does not handle goods",
     "{weight_g} g por unidad; desde {weight_g_from} g esta ubicación no maneja mercancías",
     "{weight_g} g por unidade; a partir de {weight_g_from} g este local não lida com elas",
     "{weight_g} g je Stück; ab {weight_g_from} g nimmt dieser Standort nichts"),
    ("substitute_dearer",
     "it would cost the buyer {price}, what it stands for costs {wanted_price}",
     "costaría al comprador {price}; lo que sustituye cuesta {wanted_price}",
     "custaria ao comprador {price}; o que substitui custa {wanted_price}",
     "er kostete den Käufer {price}, wofür er stünde, kostet {wanted_price}"),
    ("price_not_allowed", "it costs {price}; the manufacturer allows {lowest} to {highest}",
     "cuesta {price}; el fabricante permite de {lowest} a {highest}",
     "custa {price}; o fabricante permite de {lowest} a {highest}",
     "er kostet {price}; der Hersteller erlaubt {lowest} bis {highest}"),
    ("price_not_allowed.lowest", "it costs {price}; the manufacturer allows {lowest} or more",
     "cuesta {price}; el fabricante permite {lowest} o más",
     "custa {price}; o fabricante permite {lowest} ou mais",
     "er kostet {price}; der Hersteller erlaubt {lowest} oder mehr"),
    ("price_not_allowed.highest", "it costs {price}; the manufacturer allows {highest} or less",
     "cuesta {price}; el fabricante permite {highest} o menos",
     "custa {price}; o fabricante permite {highest} ou menos",
     "er kostet {price}; der Hersteller erlaubt {highest} oder weniger"),
)  # fmt: skip
