"""The default suite's manifest: adds a recorded trace, writes the table, checks the traces at hand.

Called by record.sh. Nothing that builds or tests the workspace needs this file.
`add` counts the operations of valgrind's log by itself and refuses a trace whose importer counted otherwise.
"""

import argparse
import json
import pathlib
import re
import sys

LINE = re.compile(r"--\d+-- (.*)")
ALLOCATE = re.compile(r"(malloc|calloc|memalign|_Zn[wa][^(]*)\(([^)]*)\) = (0x[0-9A-F]+)")
FREE = re.compile(r"(?:free|_Zd[la][^(]*)\((0x[0-9A-F]+)\)")
RESIZE = re.compile(r"realloc\((0x[0-9A-F]+),(\d+)\)(.*)")
QUANTILES = {"p10": 0.10, "p50": 0.50, "p90": 0.90, "p99": 0.99, "max": 1.0}


def fail(text):
    sys.exit(f"manifest.py: {text}")


class Log:
    """What one process asked of its heap, by its valgrind log.

    Lifetimes count operations from the allocation to the free; blocks that are never freed have none.
    """

    def __init__(self, path):
        self.operations = {"allocate": 0, "resize": 0, "free": 0}
        self.null_frees = self.aligned = self.max_align = 0
        self.live = {}
        self.live_bytes = self.peak_bytes = self.peak_blocks = self.peak_index = 0
        self.sizes, self.lifetimes = [], []
        processes = set()
        for number, line in enumerate(path.open(errors="replace"), 1):
            if match := LINE.fullmatch(line.rstrip("\n")):
                processes.add(line.split("--")[1])
                if not self.call(match[1]):
                    fail(f"{path}:{number}: cannot read {line.rstrip()!r}")
        if len(processes) != 1:
            fail(f"{path}: {len(processes)} processes where one is expected")
        self.sizes.sort()
        self.lifetimes.sort()

    def index(self):
        return sum(self.operations.values())

    def call(self, text):
        if match := RESIZE.fullmatch(text):
            before, size, rest = match.groups()
            if before == "0x0" or size == "0":
                return self.call(rest)  # The inner malloc or free stands on the same line.
            return rest.startswith(" = 0x") and self.resize(before, int(size), rest[3:])
        if match := ALLOCATE.fullmatch(text):
            name, arguments, address = match.groups()
            if name == "calloc":
                count, size = map(int, arguments.split(","))
                return self.allocate(address, count * size, 1)
            if "al " in arguments:
                named = dict(part.split(" ") for part in arguments.split(", "))
                return self.allocate(address, int(named["size"]), int(named["al"]))
            return self.allocate(address, int(arguments), 1)
        if match := FREE.fullmatch(text):
            return self.free(match[1])
        return text == " = 0" or text.startswith("malloc_usable_size(")

    def allocate(self, address, size, align):
        if address == "0x0" or address in self.live:
            return False
        self.live[address] = (size, self.index())
        self.operations["allocate"] += 1
        self.aligned += align > 1
        self.max_align = max(self.max_align, align)
        return self.change(size, size)

    def resize(self, before, size, after):
        if before not in self.live or after == "0x0":
            return False
        old, born = self.live.pop(before)
        self.live[after] = (size, born)
        self.operations["resize"] += 1
        return self.change(size - old, size)

    def change(self, growth, size):
        self.sizes.append(size)
        self.live_bytes += growth
        if self.live_bytes > self.peak_bytes:
            self.peak_bytes, self.peak_index = self.live_bytes, self.index() - 1
        self.peak_blocks = max(self.peak_blocks, len(self.live))
        return True

    def free(self, address):
        if address == "0x0":
            self.null_frees += 1
            return True
        if address not in self.live:
            return False
        size, born = self.live.pop(address)
        self.lifetimes.append(self.index() - born)
        self.operations["free"] += 1
        self.live_bytes -= size
        return True

    def figures(self):
        """The figures that the importer must agree with, by the names of `heaplab inspect`."""
        return {
            "operations": self.operations,
            "peak_live_requested_bytes": self.peak_bytes,
            "peak_live_index": self.peak_index,
            "peak_live_blocks": self.peak_blocks,
            "end_live_blocks": len(self.live),
            "end_live_requested_bytes": self.live_bytes,
            "aligned_requests": self.aligned,
            "max_align_bytes": max(self.max_align, 1),
            "max_request_bytes": self.sizes[-1],
        }


def quantiles(values):
    return {name: values[min(len(values) - 1, int(share * len(values)))] for name, share in QUANTILES.items()}


def summary_in(data):
    """The object of an `inspect` report that holds the trace's summary, wherever it stands."""
    if isinstance(data, dict):
        if "peak_live_requested_bytes" in data and "end_live_blocks" in data:
            return data
        data = list(data.values())
    if isinstance(data, list):
        return next(filter(None, map(summary_in, data)), None)
    return None


def inspected(path):
    summary = summary_in(json.loads(path.read_text()))
    return summary or fail(f"{path}: no summary of a trace in it")


def differences(expected, found):
    return [f"{key}: {value} expected, {found.get(key)} found" for key, value in expected.items() if found.get(key) != value]


def load(suites):
    path = suites / "manifest.json"
    return json.loads(path.read_text()) if path.exists() else {"schema": "heaplab.suite-manifest/1", "traces": []}


def add(options):
    log = Log(options.log)
    summary = inspected(options.inspect)
    if wrong := differences(log.figures(), summary):
        fail(f"{options.name}: importer and log disagree: " + "; ".join(wrong))
    for note in summary.get("source", {}).get("notes", []):
        print(f"{options.name}: {note}", file=sys.stderr)
    operations = log.index()
    entry = {
        "name": options.name,
        "file": f"{options.name}.hlt",
        "blake3": summary["hash"],
        "file_bytes": options.trace.stat().st_size,
        "program": options.version,
        "recorder": options.valgrind,
        "command": options.command,
        "standard_input": options.stdin,
        "environment": options.environment.split(),
        "operation_count": operations,
        **log.figures(),
        "resize_ratio": round(log.operations["resize"] / operations, 4),
        "aligned_ratio": round(log.aligned / len(log.sizes), 4),
        "dropped_null_frees": log.null_frees,
        "request_bytes": quantiles(log.sizes),
        "lifetime_operations": quantiles(log.lifetimes),
    }
    manifest = load(options.suites)
    order = re.findall(r'^file = "(.*)\.hlt"', (options.suites / "default.toml").read_text(), re.M)
    if options.name not in order:
        fail(f"default.toml has no trace with the file {options.name}.hlt")
    entries = {old["name"]: old for old in manifest["traces"]} | {options.name: entry}
    manifest["traces"] = sorted(entries.values(), key=lambda one: order.index(one["name"]))
    (options.suites / entry["file"]).write_bytes(options.trace.read_bytes())
    (options.suites / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    suite = options.suites / "default.toml"
    pattern = rf'(file = "{options.name}\.hlt"\nblake3 = ")[^"]*'
    suite.write_text(re.sub(pattern, rf"\g<1>{entry['blake3']}", suite.read_text()))
    print(f"{options.name:8} {operations:>8} operations {entry['file_bytes']:>8} bytes {entry['blake3'][:12]}")


def row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |\n"


def table(options):
    traces = load(options.suites)["traces"]
    text = row("trace", "operations", "allocate", "resize", "free", "resizes", "aligned", "peak live bytes", "peak live blocks",
               "live at end", "request bytes p10 / p50 / p90 / p99 / max", "lifetime p10 / p50 / p90 / p99 / max", "file bytes")
    text += "|:--|" + "--:|" * 12 + "\n"
    for one in traces:
        counts = one["operations"]
        text += row(f"`{one['name']}`", one["operation_count"], counts["allocate"], counts["resize"], counts["free"],
                    f"{one['resize_ratio']:.1%}", f"{one['aligned_ratio']:.1%}", one["peak_live_requested_bytes"], one["peak_live_blocks"],
                    one["end_live_blocks"], " / ".join(map(str, one["request_bytes"].values())),
                    " / ".join(map(str, one["lifetime_operations"].values())), one["file_bytes"])
    text += row("together", sum(one["operation_count"] for one in traces), *[""] * 10, sum(one["file_bytes"] for one in traces))
    programs = row("trace", "program", "command", "standard input", "environment besides the common one") + "|:--|:--|:--|:--|:--|\n"
    for one in traces:
        settings = " ".join(one["environment"])
        programs += row(f"`{one['name']}`", one["program"], f"`{one['command']}`", one["standard_input"] and f"`{one['standard_input']}`",
                        settings and f"`{settings}`")
    path = options.suites / "README.md"
    readme = path.read_text()
    for name, content in (("figures", text), ("programs", programs)):
        begin, end = f"<!-- {name}: written by record.sh -->\n", f"<!-- end of {name} -->"
        head, _, rest = readme.partition(begin)
        _, found, tail = rest.partition(end)
        if not found:
            fail(f"README.md lacks the marks of {name}")
        readme = head + begin + content + end + tail
    path.write_text(readme)


def check(options):
    manifest = {one["name"]: one for one in load(options.suites)["traces"]}
    suite = (options.suites / "default.toml").read_text()
    keys = ["operations", "peak_live_requested_bytes", "peak_live_index", "peak_live_blocks", "end_live_blocks",
            "end_live_requested_bytes", "aligned_requests", "max_align_bytes", "max_request_bytes"]
    wrong = []
    for name in options.names:
        one = manifest.get(name) or fail(f"manifest.json has no trace '{name}'")
        summary = inspected(options.folder / f"{name}.json")
        expected = {key: one[key] for key in keys} | {"hash": one["blake3"], "file_bytes": one["file_bytes"]}
        found = summary | {"file_bytes": (options.suites / one["file"]).stat().st_size}
        faults = differences(expected, found)
        if f'file = "{one["file"]}"\nblake3 = "{one["blake3"]}"' not in suite:
            faults.append("default.toml has another hash than the manifest")
        print(f"{name:8} {one['operation_count']:>8} operations {one['blake3'][:12]} {'wrong' if faults else 'ok'}")
        wrong += [f"{name}: {text}" for text in faults]
    if wrong:
        fail("\n  ".join(["the suite differs from its manifest"] + wrong))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    adding = commands.add_parser("add", help="adds or replaces a trace's entry, its file and its hash in default.toml")
    adding.add_argument("suites", type=pathlib.Path)
    adding.add_argument("name")
    for name in ("log", "trace", "inspect"):
        adding.add_argument(f"--{name}", type=pathlib.Path, required=True)
    for name in ("version", "valgrind", "stdin", "environment", "command"):
        adding.add_argument(f"--{name}", required=True)
    adding.set_defaults(run=add)
    tabulating = commands.add_parser("table", help="rewrites the tables of README.md from manifest.json")
    tabulating.add_argument("suites", type=pathlib.Path)
    tabulating.set_defaults(run=table)
    checking = commands.add_parser("check", help="compares traces, as inspected, with manifest and suite")
    checking.add_argument("suites", type=pathlib.Path)
    checking.add_argument("folder", type=pathlib.Path, help="holds NAME.json, what `heaplab inspect` says")
    checking.add_argument("names", nargs="+")
    checking.set_defaults(run=check)
    options = parser.parse_args()
    options.run(options)


main()
