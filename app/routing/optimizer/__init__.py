"""The optimizer: branch and price over bundles, in kernels of machine code.

What lies here decides where machine code is kept: a changed module is compiled anew, all others
with it. Strategies, which use it, live beside it (`app.routing.strategies`).
"""
