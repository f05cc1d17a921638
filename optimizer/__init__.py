"""Entrepot: routes, shared overseas warehouses and a fair cost split for small exporters."""

__version__ = "0.1.0"
