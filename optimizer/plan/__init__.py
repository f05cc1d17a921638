"""From a solution to business tables, their cost, and an independent check of both."""
