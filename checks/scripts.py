"""The faults that `checks/mutants.py` plants in JavaScript: what may be wrong with a node of the syntax tree."""

from __future__ import annotations

import collections
import re

OPERATORS = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "**": "*", "&&": "||", "||": "&&", "??": "&&"}
OPERATORS |= {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*="}
RELATIONS = {"<": ("<=", ">"), "<=": ("<", ">="), ">": (">=", "<"), ">=": (">", "<=")}
RELATIONS |= {"===": ("!==",), "!==": ("===",)}
#: Names of which one is easily written for the other.
NEIGHBOURS = [("x", "y"), ("px", "py"), ("dx", "dy"), ("clientX", "clientY"), ("width", "height"), ("left", "right")]
NEIGHBOURS += [("left", "top"), ("right", "bottom"), ("row", "column"), ("rows", "columns"), ("min", "max")]
NEIGHBOURS += [("floor", "ceil"), ("sin", "cos"), ("first", "last"), ("some", "every"), ("lineTo", "moveTo")]
NEIGHBOURS += [("low", "high"), ("start", "end"), ("push", "unshift"), ("add", "delete"), ("offsetX", "offsetY")]
NEIGHBOURS += [("previousElementSibling", "nextElementSibling"), ("firstElementChild", "lastElementChild")]
OTHER = {name: other for pair in NEIGHBOURS for name, other in (pair, pair[::-1])}
AXES = {name for pair in NEIGHBOURS[:5] for name in pair} | {"offsetX", "offsetY"}


def parser():
    import tree_sitter_javascript
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_javascript.language()))


def faults(source: bytes):
    """Each as its kind, its line, what is changed and the whole text with it; some are no JavaScript."""
    seen = {source}
    nodes = list(walk(parser().parse(source).root_node))
    properties = collections.defaultdict(set)
    for node in nodes:
        if node.type == "member_expression":
            thing, name = asked(node)
            properties[thing].add(name.text)
    for node in nodes:
        for kind, start, end, new in variants(node, properties):
            text = source[:start] + new + source[end:]
            if text not in seen:
                seen.add(text)
                before, after = (" ".join(part.decode().split()) for part in (source[start:end], new))
                line = source[:start].count(b"\n") + 1
                yield kind, line, f"{before} -> {after}", text


def walk(node):
    """Every node whose change does something: not what is imported, nor what is thrown."""
    if node.type not in ("import_statement", "throw_statement", "comment"):
        yield node
        for child in node.children:
            yield from walk(child)


def variants(node, properties):
    """Everything that may be wrong with one node: the kind of fault, from which byte to which, and the new bytes."""
    here = node.start_byte, node.end_byte
    match node.type:
        case "binary_expression" | "augmented_assignment_expression":
            left, sign, right = (node.child_by_field_name(name) for name in ("left", "operator", "right"))
            at, operator = (sign.start_byte, sign.end_byte), sign.type
            for other in RELATIONS.get(operator, ()):
                yield "comparison", *at, other.encode()
            if operator in OPERATORS:
                yield "operator", *at, OPERATORS[operator].encode()
                if node.type == "binary_expression":
                    yield "dropped term", *here, left.text
                    if operator in ("+", "*", "&&", "||", "??"):
                        yield "dropped term", *here, right.text
            if operator in ("+", "-") and b'"' not in node.text and b"`" not in node.text:
                yield "off by one", *here, b"(" + node.text + b" + 1)"
        case "unary_expression" if node.children[0].type in ("-", "!"):
            yield "sign" if node.children[0].type == "-" else "operator", *here, node.children[1].text
        case "number":
            number = node.text.decode()
            if number.isdigit():
                yield "off by one", *here, str(int(number) + 1).encode()
            elif re.fullmatch(r"[\d.]+(e-?\d+)?", number):
                yield "constant", *here, f"{float(number) * 1.5:.12g}".encode()
        case "true" | "false":
            yield "constant", *here, b"false" if node.type == "true" else b"true"
        case "string_fragment":
            yield "text", *here, b"X" + node.text
        case "template_string" if node.named_child_count:
            yield "text", node.start_byte + 1, node.start_byte + 1, b"X"
        case "identifier" | "property_identifier" | "shorthand_property_identifier" if node.text.decode() in OTHER:
            name = node.text.decode()
            new = f"{name}: {OTHER[name]}" if node.type.startswith("shorthand") else OTHER[name]
            yield "swapped x and y" if name in AXES else "a neighbour's name", *here, new.encode()
        case "ternary_expression":
            one, other = (node.child_by_field_name(name) for name in ("consequence", "alternative"))
            yield "swapped arguments", one.start_byte, other.end_byte, other.text + b" : " + one.text
        case "arguments" | "array" if len(node.named_children) > 1:
            one, other = node.named_children[-2:]
            if "spread_element" not in (one.type, other.type):
                yield "swapped arguments", one.start_byte, other.end_byte, other.text + b", " + one.text
        case "member_expression":  # run.color for run.name
            thing, name = asked(node)
            others = sorted(properties[thing] - {name.text})
            later = [other for other in others if other > name.text]
            for other in (later or others)[:1]:
                yield "a neighbour's property", name.start_byte, name.end_byte, other
        case "expression_statement" if node.parent.type != "program":
            yield "dropped line", *here, b";"
        case "if_statement":
            test = node.child_by_field_name("condition")
            yield "operator", test.start_byte, test.end_byte, b"(!" + test.text + b")"
        case "return_statement" if node.named_children and b"?." not in node.text:
            value = node.named_children[0]
            if value.type in ("identifier", "member_expression", "subscript_expression"):
                yield "sign", value.start_byte, value.end_byte, b"-" + value.text


def asked(node):
    """What has a property, and whether that is called; and the property."""
    called = node.parent.type == "call_expression" and node.parent.child_by_field_name("function") == node
    return (node.child_by_field_name("object").text, called), node.child_by_field_name("property")
