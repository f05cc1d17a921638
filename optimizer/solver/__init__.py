"""The solver core: prices, plans, legs, exact finish and certificates; and the backends of existing solvers."""
