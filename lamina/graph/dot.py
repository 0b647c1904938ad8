"""A diagram in the DOT language of Graphviz, for programs that draw or edit it further."""

from lamina.graph.diagram import Box, Diagram

_SHAPES = {"input": "ellipse", "layer": "box", "function": "note"}


class Dot:
    """A graph in DOT.

    Args:
        diagram: What to draw.
        rankdir: Direction of the flow: "TB", "BT", "LR" or "RL".
        dpi: Resolution for programs that draw pixels.
        splines: How Graphviz draws edges, such as "ortho".
    """

    def __init__(self, diagram: Diagram, rankdir: str, dpi: float, splines: str) -> None:
        self._diagram = diagram
        self._settings = {"rankdir": rankdir, "dpi": f"{dpi:g}", "splines": splines}

    def to_string(self) -> str:
        """The text that Graphviz reads."""
        settings = ", ".join(f"{name}={_quoted(value)}" for name, value in self._settings.items())
        lines = ["digraph model {", f"  graph [{settings}];", '  node [fontname="monospace"];']
        lines += self._boxes(())
        lines += [f"  b{source} -> b{target};" for source, target in self._diagram.edges]
        return "\n".join([*lines, "}", ""])

    def __str__(self) -> str:
        return self.to_string()

    def _boxes(self, group: tuple[str, ...]) -> list[str]:
        """The boxes of one model, and those of the models inside it as clusters."""
        indent, depth = "  " * (len(group) + 1), len(group)
        lines, inner = [], []
        for number, box in enumerate(self._diagram.boxes):
            if box.group == group:
                lines.append(f"{indent}b{number} {_attributes(box)};")
            elif box.group[:depth] == group and box.group[: depth + 1] not in inner:
                inner.append(box.group[: depth + 1])
        for path in inner:
            lines += [
                f"{indent}subgraph {_quoted('cluster_' + '/'.join(path))} {{",
                f"{indent}  label={_quoted(path[-1])};",
                *self._boxes(path),
                f"{indent}}}",
            ]
        return lines


def _attributes(box: Box) -> str:
    label = _quoted("\n".join(box.lines))
    return f"[shape={_SHAPES[box.kind]}, label={label}]"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
