"""Freight by the parcel as columns of an integer programme.

A source whose consignment can take few forms gets a column for each: what it has room for and what
it costs. Then every supply is held down by the form that is chosen, which makes the relaxation
tight. A source of many forms buys parcels by number.
"""

from dataclasses import dataclass

from app.routing.freight import Tariff, consignment_price
from app.routing.integer import Model

MOST_FORMS = 40


@dataclass(frozen=True, slots=True)
class Form:
    """What a consignment may be: its room in grams and its price."""

    room: int
    price: int


@dataclass(frozen=True, slots=True)
class Consignment:
    """The columns of a source's freight: forms to choose from, or parcels to count."""

    tariff: Tariff
    columns: tuple[int, ...]
    forms: tuple[Form, ...]

    def prices(self) -> list[tuple[int, int]]:
        """What each column costs."""
        amounts = [form.price for form in self.forms] or [price for _, price in self.tariff.bands]
        return list(zip(self.columns, amounts, strict=True))

    def rooms(self) -> list[tuple[int, int]]:
        """What each column has room for."""
        amounts = [form.room for form in self.forms] or [room for room, _ in self.tariff.bands]
        return list(zip(self.columns, amounts, strict=True))

    def values(self, weight: int) -> list[tuple[int, int]]:
        """The columns' values for a weight."""
        if not weight:
            return []
        if self.forms:
            chosen = next(no for no, form in enumerate(self.forms) if form.room >= weight)
            return [(self.columns[chosen], 1)]
        parcels, rest = divmod(weight, self.tariff.parcel_weight_g)
        values = {self.columns[-1]: parcels}
        if rest:
            band = next(no for no, (room, _) in enumerate(self.tariff.bands) if room >= rest)
            values[self.columns[band]] = values.get(self.columns[band], 0) + 1
        return list(values.items())


def add_consignment(model: Model, tariff: Tariff, heaviest: int, opened: int) -> Consignment:
    """Add the freight of a source that may ship so much, and only when it is opened."""
    forms = forms_of(tariff, heaviest)
    if forms:
        columns = tuple(model.column(0, 1) for _ in forms)
        model.at_most([*((column, 1.0) for column in columns), (opened, -1.0)])
        return Consignment(tariff, columns, forms)
    parcels = heaviest // tariff.parcel_weight_g + 1
    lighter = [model.column(0, 1) for _ in tariff.bands[:-1]]
    full = model.column(0, parcels)
    if lighter:
        model.at_most([*((column, 1.0) for column in lighter), (opened, -1.0)])
    model.at_most([(full, 1.0), (opened, -float(parcels))])
    return Consignment(tariff, (*lighter, full), ())


def forms_of(tariff: Tariff, heaviest: int) -> tuple[Form, ...]:
    """The forms that a consignment up to a weight may take; none when they are too many."""
    if heaviest // tariff.parcel_weight_g * len(tariff.bands) > MOST_FORMS:
        return ()
    forms: list[Form] = []
    parcels = 0
    while not forms or forms[-1].room < heaviest:
        for room, _ in tariff.bands:
            held = parcels * tariff.parcel_weight_g + room
            price = consignment_price(tariff, held)
            # More room for the same money: the smaller form is never needed.
            while forms and forms[-1].price >= price:
                forms.pop()
            forms.append(Form(held, price))
            if held >= heaviest:
                break
        parcels += 1
    return tuple(forms)
