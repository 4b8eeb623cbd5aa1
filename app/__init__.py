"""Distributary: the order, price and money backbone of a distribution network.

Imports nothing, so that the kernel and every pure rule load without a framework.
"""
