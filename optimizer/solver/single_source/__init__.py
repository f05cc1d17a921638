"""Single-source capacitated location: a relaxation by one knapsack per site, with its own search."""
