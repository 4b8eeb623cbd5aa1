"""What inventory can be asked.

``AVAILABLE_SQL`` is what may still be promised of a row ``s`` of ``inventory_stock``; the index
``ix_inventory_stock_variant`` finds the rows of a variant. No index holds a quantity.
"""

AVAILABLE_SQL = "s.on_hand - s.reserved - s.safety"
