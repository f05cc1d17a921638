"""Print the reference page: ``python -m optimizer.scenario > scenarios/TABLES.md``."""

from optimizer.scenario import reference_page

if __name__ == "__main__":
    print(reference_page(), end="")
