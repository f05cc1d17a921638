"""Reading one layer of tables: a folder of CSV files, a workbook, or a database."""

from optimizer.scenario.readers.layer import read_layer
from optimizer.scenario.readers.raw import RawLayer, RawTable

__all__ = ["RawLayer", "RawTable", "read_layer"]
