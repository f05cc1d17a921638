"""Finished runs as things to look at: terminal, HTML page, workbook, map and chart files."""
