"""A group of commands whose modules are imported only when one of theirs is asked for."""

import importlib
from collections.abc import Mapping
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup

__all__ = ["LazyGroup"]


class LazyGroup(TyperGroup):
    """Commands by name, each in a module of this package whose `app` holds it.

    A light command (`report`) need not wait for the imports of a heavy one (`solve`).
    """

    modules: ClassVar[Mapping[str, str]] = {
        "solve": "plans",
        "validate": "tables",
        "verify": "plans",
        "compare": "reports",
        "report": "reports",
        "map": "reports",
        "plot": "reports",
        "template": "tables",
        "export": "plans",
        "quote": "orders",
        "alliance": "sharing",
        "settle": "settling",
        "invest": "investments",
        "bench": "benchmarks",
        "reference": "tables",
    }

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the order in which the help shows them."""
        return list(self.modules)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; asked for an unknown one, load all, so that the nearest can be suggested."""
        wanted = [cmd_name] if cmd_name in self.modules else list(self.modules)
        for name in wanted:
            if name not in self.commands:
                module = importlib.import_module(f"optimizer.commands.{self.modules[name]}")
                self.add_command(typer.main.get_group(module.app).commands[name], name)
        return self.commands.get(cmd_name)
