"""An explanation for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from rich.text import Text

from gen3submit.explain import LinkExplanation, NodeExplanation, PropertyExplanation
from gen3submit.messages import explain as words
from gen3submit.messages.codes import CodePage
from gen3submit.messages.wording import shown, visible
from gen3submit.report.formats import ReportOptions
from gen3submit.report.text import CODE, console_for

if TYPE_CHECKING:
    from gen3submit.explain import Explanation

_INDENT = 12


def write_explanation(explanation: Explanation, stream: TextIO, options: ReportOptions | None = None) -> None:
    """Write the explanation as a person reads it."""
    writer = _Writer(stream, options or ReportOptions())
    match explanation:
        case CodePage():
            writer.code(explanation)
        case NodeExplanation():
            writer.node(explanation)
        case PropertyExplanation():
            writer.property(explanation)
        case LinkExplanation():
            writer.link(explanation)


class _Writer:
    def __init__(self, stream: TextIO, options: ReportOptions) -> None:
        self.console = console_for(stream, options)

    def code(self, page: CodePage) -> None:
        self.head(words.code_head(page.code, page.severity, page.title))
        self.text(page.meaning)
        for heading, text in (
            (words.SERVER, page.server),
            (words.MEND, page.mend),
            (words.CODE_EXAMPLE, page.example),
        ):
            self.line(Text())
            self.line(Text(f"  {heading}", "bold"))
            self.text(text)

    def property(self, it: PropertyExplanation) -> None:
        self.head(words.property_head(it.node, it.name, it.required, it.system))
        self.described(it.description)
        self.labelled(words.TYPE, [words.types(it.types, it.items, bool(it.alternatives), len(it.allowed))])
        self.labelled(words.FORMS, it.alternatives)
        self.labelled(words.ALLOWED, map(shown, it.allowed))
        self.labelled(words.BOUNDS, it.bounds)
        self.labelled(words.PATTERN, [shown(it.pattern, 500)] if it.pattern else [])
        self.labelled(words.FORMAT, [shown(it.format)] if it.format else [])
        self.labelled(words.DEFAULT, [shown(it.default)] if it.default is not None else [])
        self.labelled(words.EXAMPLE, [shown(it.example)] if it.example is not None else [])

    def link(self, it: LinkExplanation) -> None:
        self.head(words.link_head(it.node, it.name, it.required, it.group is not None))
        self.labelled(words.COLUMN, [shown(it.column)])
        self.labelled(words.PARENT, [shown(it.target)])
        self.labelled(words.PARENTS, [words.multiplicity(it.multiplicity)])
        self.labelled(words.REQUIRED, [it.group] if it.group else [])

    def node(self, it: NodeExplanation) -> None:
        self.head(words.node_head(it.node, it.title, it.category))
        self.described(it.description)
        if not it.submittable:
            self.text(words.not_submittable())
        links = (
            words.link_line(each.column, each.target, each.required, each.group, each.multiplicity) for each in it.links
        )
        self.labelled(words.LINKS, links)
        self.labelled(words.CHILDREN, [", ".join(map(visible, it.children))] if it.children else [])
        self.labelled(words.KEYS, [words.keys(it.unique_keys)] if it.unique_keys else [])
        self.labelled(words.REQUIRED, map(_property_line, it.required))
        self.labelled(words.OPTIONAL, map(_property_line, it.optional))
        self.labelled(words.SYSTEM, [", ".join(visible(each.name) for each in it.system)] if it.system else [])
        self.labelled(words.HEADER, [" ".join(map(visible, it.header))])
        self.text(words.more_about(it.node))

    def head(self, text: str) -> None:
        self.line(Text(text, "bold"))

    def described(self, text: str) -> None:
        if text:
            self.text(words.of_dictionary(text))

    def text(self, text: str) -> None:
        self._wrapped(text, "  ", "  ")

    def labelled(self, label: str, lines: Iterable[str]) -> None:
        first = f"  {label}".ljust(_INDENT)
        for line in lines:
            self._wrapped(line, first, " " * _INDENT)
            first = " " * _INDENT

    def _wrapped(self, text: str, first: str, further: str) -> None:
        body = Text(text)
        body.highlight_regex(CODE, "cyan")
        for line in body.wrap(self.console, max(self.console.width - len(first), 20)):
            line.rstrip()
            self.line(Text(first, "dim") + line)
            first = further

    def line(self, text: Text) -> None:
        self.console.print(text, soft_wrap=True)


def _property_line(it: PropertyExplanation) -> str:
    return words.property_line(it.name, words.short(it.types, len(it.allowed), len(it.alternatives)), it.description)
