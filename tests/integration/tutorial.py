# SPDX-License-Identifier: GPL-3.0-or-later
"""The blocks of a tutorial, for tutorial.sh.

tutorial.py PAGE PORT FOLDER   makes FOLDER/all.sh, which runs the blocks in their order within one shell and ends at the first that
                               fails. Block N prints into N.out, leaves N.done, and N.shown has what the page shows; the
                               standard output has a line `N LINE` for each.
tutorial.py --compare SHOWN OUT

A block is fenced by ``` and a language: sh is run as it is, python and js by their programs; with a name behind the language it is a
file. A block `text` is what the one before prints, nothing without one; … stands for anything within a line.
"""
import pathlib
import re
import shlex
import sys

PROGRAMS = {"sh": ".", "python": "python3", "js": "node"}
BLOCK = re.compile(r"^```(\w+)(?: ([\w.]+))?\n(.*?)^```\n", re.M | re.S)


def write_blocks(page, port, folder):
    text = page.read_text(encoding="utf-8")
    assert text.count("\n```") == 2 * len(BLOCK.findall(text)) - text.startswith("```"), "a fence without a language, or without an end"
    folder.mkdir(parents=True)
    number, lines = 0, ["set -e"]
    for block in BLOCK.finditer(text):
        language, name, body = block.groups()
        if language == "text":
            (folder / f"{number}.shown").write_text(body, encoding="utf-8")
            continue
        number += 1
        # The daemon of the test listens elsewhere.
        body = body.replace("localhost:7890", f"localhost:{port}").replace("port=7890", f"port={port}")
        file = folder / (f"{number}.mjs" if language == "js" else f"{number}.{language}")
        if name:
            file = pathlib.Path(name)
            lines.append(f"cat > {file} <<'END OF FILE'\n{body}END OF FILE")
        else:
            file.write_text(body, encoding="utf-8")
        (folder / f"{number}.shown").touch()
        lines.append(f"exec > {shlex.quote(str(folder))}/{number}.out 2>&1")
        if not name and language != "sh":
            # Where goxel.py and goxel.mjs are.
            lines.append(f"cp {shlex.quote(str(file))} {file.name}")
            file = pathlib.Path(file.name)
        if not name:
            lines.append(f"{PROGRAMS[language]} {shlex.quote(str(file))}")
        lines.append(f"touch {shlex.quote(str(folder))}/{number}.done")
        print(number, text.count("\n", 0, block.start()) + 1)
    (folder / "all.sh").write_text("\n".join(lines) + "\n", encoding="utf-8")


def compare(shown, out):
    pattern = ".*".join(re.escape(part) for part in shown.read_text(encoding="utf-8").split("…"))
    printed = out.read_text(encoding="utf-8")
    if not re.fullmatch(pattern, printed):
        sys.exit(f"shown:\n{shown.read_text(encoding='utf-8')}printed:\n{printed}")


if sys.argv[1] == "--compare":
    compare(*map(pathlib.Path, sys.argv[2:]))
else:
    write_blocks(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]))
