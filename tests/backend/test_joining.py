"""Modules that are joined into one do as they did, which Node.js is asked about."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from backend.frontend import FOLDER
from backend.joining import Joined, JoiningError, join
from backend.modules import CircularImportError, modules_of

MODULES = {
    "main.js": """/** @import {Shape} from './types.js' */
import { add as plus, started } from './deep/sum.js';
import {
  Counter,
  limit,
} from "./counter.js";
import './effect.js';

const counter = new Counter();
for (const each of [1, 2, 3]) counter.count(each);
console.log('main', plus(counter.total, limit), started === counter.constructor.started);
import('./late.js').then(({ late, total }) => console.log(late(), total, globalThis.effects));
""",
    "counter.js": """import { add, started } from './deep/sum.js';

export const limit = 40;
export class Counter {
  static started = started;
  total = 0;
  /** @param {number} by */
  count(by) { this.total = add(this.total, by); }
}
""",
    "deep/sum.js": """import '../effect.js';
export const started = Symbol('started once');
export function add(a, b) {
  return a + b;
}
export async function never() {
  const text = 'export const is = "only a text"';
  return text;
}
""",
    "effect.js": "globalThis.effects = (globalThis.effects ?? 0) + 1;\n",
    "late.js": """export { late } from './later.js';
export {
  add as total, // one, two
  started, // three
} from './deep/sum.js';
""",
    "later.js": """import { limit } from './counter.js';
const modules = 'late';
export const late = () => `${modules} ${limit}`;
""",
    "broken.js": """import { add } from './deep/sum.js';

export function fail() {
  throw new Error(`of line ${add(3, 1)}`);
}
fail();
""",
}
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, {"package.json": '{"type": "module"}', **MODULES})
    (tmp_path / "joined").mkdir()
    return tmp_path


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def node(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["node", *options, path], capture_output=True, text=True, check=False)


@needs_node
def test_joined_modules_do_what_they_do_apart(folder: Path) -> None:
    read = MODULES.__getitem__
    there = modules_of("main.js", read)
    first = join("main.js", read)
    later = join("late.js", read, ("main.js", there))
    write(folder, {"joined/main.js": first.text(), "joined/late.js": later.text()})
    apart, joined = node(folder / "main.js"), node(folder / "joined" / "main.js")
    assert (apart.stderr, joined.stderr) == ("", "")
    assert apart.stdout == "main 46 true\nlate 40 [Function: add] 1\n"
    assert joined.stdout == apart.stdout


@needs_node
def test_the_source_map_leads_to_the_line_and_its_file(folder: Path) -> None:
    joined = join("broken.js", MODULES.__getitem__)
    text = f"{joined.text()}//# sourceMappingURL=broken.js.map\n"
    write(folder, {"joined/broken.js": text, "joined/broken.js.map": joined.source_map()})
    failed = node(folder / "joined" / "broken.js", "--enable-source-maps")
    assert "Error: of line 4" in failed.stderr
    places = re.findall(rf"{re.escape(str(folder))}/(\S+):(\d+):\d+", failed.stderr)
    assert ("broken.js", "4") in places
    assert ("broken.js", "6") in places


def of_the_page() -> tuple[Joined, Joined]:
    """What the page begins with, and what comes later."""

    def read(name: str) -> str:
        return (FOLDER / name).read_text()

    return join("main.js", read), join("late.js", read, ("main.js", modules_of("main.js", read)))


@needs_node
def test_the_modules_of_the_page_are_a_script_still(tmp_path: Path) -> None:
    for number, joined in enumerate(of_the_page()):
        path = tmp_path / f"{number}.mjs"
        path.write_text(joined.text())
        assert node(path, "--check").stderr == ""


def test_the_modules_of_the_page_are_all_understood() -> None:
    first, later = of_the_page()
    names = [path.name for path in FOLDER.glob("*.js")]
    assert sorted([*first.sources, *later.sources]) == sorted(names)


@pytest.mark.parametrize(
    "statement",
    [
        "export default 1;",
        "export let changing = 1;",
        "export const { a, b } = pair;",
        "import * as all from './effect.js';",
        "import one from './effect.js';",
        "export * from './effect.js';",
    ],
)
def test_what_is_not_understood_is_said_with_its_place(statement: str) -> None:
    modules = MODULES | {"main.js": f"// One\n\n{statement}\n"}
    with pytest.raises(JoiningError, match=re.escape(f"main.js, line 3: {statement}")):
        join("main.js", modules.__getitem__)


@pytest.mark.parametrize(
    ("counter", "missing"),
    [
        ("export const limit = 1, Counter = 2;", "Counter"),
        ("export class Counter {}", "limit"),
        ("export class Counter {}\nfunction limit() {}", "limit"),
    ],
)
def test_what_is_not_exported_is_not_undefined_later(counter: str, missing: str) -> None:
    modules = MODULES | {"counter.js": counter}
    with pytest.raises(JoiningError, match=f"main.js takes {missing} from counter.js"):
        join("main.js", modules.__getitem__)


def test_what_is_there_already_can_not_come_later() -> None:
    with pytest.raises(JoiningError, match=r"late\.js is imported by what it should come after"):
        join("late.js", MODULES.__getitem__, ("main.js", ["late.js"]))


def test_modules_that_import_each_other_are_named() -> None:
    modules = {
        "main.js": "import { a } from './a.js';",
        "a.js": "import { b } from './b.js';",
        "b.js": "import { a } from './a.js';",
    }
    with pytest.raises(
        CircularImportError, match=r"main\.js imports a\.js imports b\.js imports a"
    ):
        modules_of("main.js", modules.__getitem__)
