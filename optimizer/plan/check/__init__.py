"""The independent check of a plan: feasibility and every cost component, from its tables and the rates."""
