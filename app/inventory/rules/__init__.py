"""Pure decisions about stock: when a parcel leaves, what may be promised, what a feed may do."""
