"""Why a seller was chosen or not, and what would have to change: pure, but for `telling`.

A decision keeps its problem (`app.routing.keeping`), so every question is answered by deciding that
problem anew with one thing changed: the same code, the same work, the same answer for ever.
"""
