"""The laws of the house (ARCHITECTURE.md), kept by tools and by looking at the source."""

import ast
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app" / "corral"
SOURCES = sorted(APP.rglob("*.py"))
TOOLS = Path(sys.executable).parent
THE_ONE_DRAG = APP / "gui" / "widgets" / "drag.py"
HEAVY = ("PySide6", "qasync", "llama_cpp", "numpy", "huggingface_hub")


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    paths = [str(ROOT / "app"), os.environ.get("PYTHONPATH", "")]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [
        ("lint-imports",),
        ("ruff", "check", "app", "tests", "packaging"),
        ("ruff", "format", "--check", "app", "tests", "packaging"),
        ("mypy",),
        ("mypy", "--strict", "packaging/wheel.py"),
    ],
    ids=" ".join,
)
def test_the_tools_find_nothing(command: tuple[str, ...]) -> None:
    result = run(str(TOOLS / command[0]), *command[1:])
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8")) for path in SOURCES}


def marked(path: Path, node: ast.stmt | ast.ExceptHandler, mark: str) -> bool:
    """Whether the mark stands on the statement's own lines."""
    last_line = node.body[0].lineno - 1 if isinstance(node, ast.ExceptHandler) else node.end_lineno
    lines = path.read_text("utf-8").splitlines()[node.lineno - 1 : last_line]
    return any(mark in line for line in lines)


def is_marked_lazy(path: Path, node: ast.stmt) -> bool:
    """Whether an import says why it is lazy, itself or in a comment over its block of imports."""
    lines = path.read_text("utf-8").splitlines()[: node.lineno - 1]
    above = itertools.takewhile(
        lambda line: line.lstrip().startswith(("#", "from ", "import ")), reversed(lines)
    )
    return marked(path, node, "# lazy") or any(line.lstrip().startswith("# lazy") for line in above)


def place(path: Path, node: ast.stmt | ast.expr | ast.ExceptHandler) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def imports_inside_functions(tree: ast.Module) -> Iterator[ast.stmt]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for function in (node for node in ast.walk(tree) if isinstance(node, functions)):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node


def test_no_event_loop_runs_inside_another(trees: dict[Path, ast.Module]) -> None:
    found = [
        place(path, node)
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            node.func.attr == "processEvents"
            or (node.func.attr in {"exec", "exec_"} and path != THE_ONE_DRAG)
        )
    ]
    assert found == []


def test_every_import_inside_a_function_says_why_it_is_lazy(
    trees: dict[Path, ast.Module],
) -> None:
    found = {
        place(path, node)
        for path, tree in trees.items()
        for node in imports_inside_functions(tree)
        if not is_marked_lazy(path, node)
    }
    assert found == set()


def test_everything_is_caught_at_marked_borders_only(trees: dict[Path, ast.Module]) -> None:
    found = [
        place(path, node)
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or names_exception(node.type))
        and not marked(path, node, "# border")
    ]
    assert found == []


def names_exception(expression: ast.expr) -> bool:
    names = expression.elts if isinstance(expression, ast.Tuple) else [expression]
    return any(isinstance(name, ast.Name) and name.id == "Exception" for name in names)


def test_no_file_of_the_app_is_longer_than_the_house_allows() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    too_long = {
        str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > 600
    }
    assert too_long == {}


def test_list_imports_nothing_heavy(corral_home: Path) -> None:
    program = (
        "import sys\n"
        "from corral.launch import main\n"
        "sys.argv = ['corral', 'list']\n"
        "code = main()\n"
        f"print('heavy:', *(name for name in {HEAVY!r} if name in sys.modules))\n"
        "sys.exit(code)\n"
    )
    result = run(sys.executable, "-c", program, CORRAL_HOME=str(corral_home))
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines()[-1].split() == ["heavy:"]


def test_the_command_line_never_imports_qt() -> None:
    program = (
        "import sys, pkgutil, importlib, corral.cli\n"
        "for module in pkgutil.walk_packages(corral.cli.__path__, 'corral.cli.'):\n"
        "    importlib.import_module(module.name)\n"
        f"print('heavy:', *(name for name in {HEAVY!r} if name in sys.modules))\n"
    )
    result = run(sys.executable, "-c", program)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["heavy:"]
