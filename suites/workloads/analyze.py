"""A small language: tokenizer, parser, optimizer and interpreter; then an index of its program's names."""

import collections
import json
import re


class Node:
    """A node of the syntax tree."""

    def __init__(self, kind, *parts):
        self.kind = kind
        self.parts = parts


TOKEN = re.compile(r"\s*(?:(\d+)|([a-z_][a-z_0-9]*)|(.))")


class Random:
    """The minimal standard generator, so that the program does not depend on the library's."""

    def __init__(self, seed):
        self.state = seed

    def pick(self, limit):
        self.state = self.state * 16807 % 2147483647
        return self.state % limit


def write_program(random, lines):
    names = [f"value_{i}" for i in range(40)]

    def expression(depth):
        choice = random.pick(5 if depth else 2)
        if choice == 0:
            return str(random.pick(1000))
        if choice == 1:
            return names[random.pick(len(names))]
        operator = "+-*"[random.pick(3)]
        text = f"{expression(depth - 1)} {operator} {expression(depth - 1)}"
        return f"({text})" if choice == 2 else text

    return "\n".join(f"{names[random.pick(len(names))]} = {expression(4)};" for _ in range(lines))


def tokens(text):
    for number, name, sign in TOKEN.findall(text):
        if number:
            yield "number", int(number)
        elif name:
            yield "name", name
        else:
            yield "sign", sign


class Parser:
    """Recursive descent over a list of tokens."""

    def __init__(self, source):
        self.tokens = list(source)
        self.at = 0

    def take(self):
        token = self.tokens[self.at]
        self.at += 1
        return token

    def sign(self):
        kind, value = self.tokens[self.at]
        return value if kind == "sign" else ""

    def program(self):
        result = []
        while self.at < len(self.tokens):
            name = self.take()[1]
            self.take()
            result.append(Node("assign", name, self.sum()))
            self.take()
        return result

    def sum(self):
        left = self.product()
        while self.sign() in ("+", "-"):
            left = Node(self.take()[1], left, self.product())
        return left

    def product(self):
        left = self.atom()
        while self.sign() == "*":
            left = Node(self.take()[1], left, self.atom())
        return left

    def atom(self):
        kind, value = self.take()
        if kind == "sign":
            inner = self.sum()
            self.take()
            return inner
        return Node(kind, value)


def fold(node):
    """A new tree with constant subtrees computed."""
    if node.kind in ("number", "name"):
        return node
    if node.kind == "assign":
        return Node("assign", node.parts[0], fold(node.parts[1]))
    left, right = fold(node.parts[0]), fold(node.parts[1])
    if left.kind == right.kind == "number":
        return Node("number", apply(node.kind, left.parts[0], right.parts[0]))
    return Node(node.kind, left, right)


def apply(sign, left, right):
    value = left + right if sign == "+" else left - right if sign == "-" else left * right
    return value % 1_000_003


def evaluate(node, values):
    if node.kind == "number":
        return node.parts[0]
    if node.kind == "name":
        return values.get(node.parts[0], 0)
    return apply(node.kind, evaluate(node.parts[0], values), evaluate(node.parts[1], values))


def as_data(node):
    return {"kind": node.kind, "parts": [as_data(p) if isinstance(p, Node) else p for p in node.parts]}


def main():
    random = Random(23)
    checksum = 0
    index = collections.defaultdict(list)
    archive = collections.deque(maxlen=2)
    for module in range(4):
        text = write_program(random, 60)
        tree = [fold(node) for node in Parser(tokens(text)).program()]
        values = {}
        for line, node in enumerate(tree):
            values[node.parts[0]] = evaluate(node.parts[1], values)
            index[node.parts[0]].append((module, line))
        dump = json.dumps([as_data(node) for node in tree])
        archive.append(json.loads(dump))
        checksum = (checksum + sum(values.values()) + len(dump)) % 1_000_003
    for name, places in sorted(index.items()):
        print(name, len(places), " ".join(f"{module}:{line}" for module, line in places[:8]))
    print(len(archive), checksum)


main()
