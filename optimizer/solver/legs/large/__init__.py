"""Very many legs: implicit prices, a program of good ways for fixed sizes, plans by diving."""
