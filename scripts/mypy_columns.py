"""A mypy plugin: the attribute of a table class is a column (`Task.number` in a query), that of a row its value.

SQLModel declares both as the value, so that `Task.number.desc()` or `select(Task.number)` would need a cast each.
"""

from collections.abc import Callable

from mypy.nodes import MypyFile, TypeInfo, Var
from mypy.plugin import AttributeContext, Plugin
from mypy.types import Instance, Type

COLUMN = "sqlalchemy.orm.attributes"
TABLES = "tracker.tables."


class Columns(Plugin):
    def get_additional_deps(self, file: MypyFile) -> list[tuple[int, str, int]]:
        return [(10, COLUMN, -1)] if file.fullname.startswith(TABLES) else []

    def get_class_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        """Asked for each `Class.attribute`: only the fields of a table class are columns; its methods stay methods."""
        owner, _, name = fullname.rpartition(".")
        if not owner.startswith(TABLES) or name.startswith("_"):
            return None
        table = self.lookup_fully_qualified(owner)
        if table is None or not isinstance(table.node, TypeInfo) or not table.node.has_base("sqlmodel.main.SQLModel"):
            return None
        field = table.node.names.get(name)
        return self.column_of if field is not None and isinstance(field.node, Var) else None

    def column_of(self, context: AttributeContext) -> Type:
        column = self.lookup_fully_qualified(f"{COLUMN}.InstrumentedAttribute")
        assert column is not None and isinstance(column.node, TypeInfo)
        return Instance(column.node, [context.default_attr_type])


def plugin(version: str) -> type[Plugin]:
    return Columns
