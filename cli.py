"""The `entrepot` command."""
