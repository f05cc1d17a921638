"""The solver core: prices, plans, legs, exact finish, certificates; and the backends of existing solvers."""
