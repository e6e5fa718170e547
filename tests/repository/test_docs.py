"""What a user may meet is in the documentation, and what the documentation shows works."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import kizuna
from kizuna.clv import models
from kizuna.demo import simulate_company
from kizuna.pipeline.run import discover, select
from kizuna.pipeline.steps import Step
from kizuna.pipeline.tables import TABLES, arrow_schema
from project import DOCS, ROOT, SOURCE, code_blocks, documentation, files_with, public_definitions

MARKDOWN = files_with(".md")
README = (ROOT / "README.md").read_text("utf-8")
JAPANESE = (ROOT / "README.ja.md").read_text("utf-8")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")
SETTING = re.compile(r"\bKIZUNA_[A-Z_]+\b")


def generated_pages() -> dict[str, str]:
    """Pages that are made from the code, as they ought to be now."""
    spec = spec_from_file_location("docs", ROOT / "scripts" / "docs.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    pages: dict[str, str] = module.pages()
    return pages


def settings(text: str) -> set[str]:
    return set(SETTING.findall(text))


@pytest.mark.parametrize("model", [m.__name__ for m in models.ALL_MODELS])
def test_every_model_is_in_the_glossary_and_has_a_page(model: str) -> None:
    assert f"`{model}`" in (DOCS / "glossary.md").read_text("utf-8")
    assert any(model in page.read_text("utf-8") for page in (DOCS / "models").glob("*.md"))


@pytest.mark.parametrize("page", ["tables.md", "command.md"])
def test_generated_pages_are_up_to_date(page: str) -> None:
    assert (DOCS / page).read_text("utf-8") == generated_pages()[page], "run: make docs"


def test_every_table_is_documented() -> None:
    page = (DOCS / "tables.md").read_text("utf-8")
    assert [name for name in TABLES if f"\n## {name}\n" not in page] == []


def test_every_setting_is_documented() -> None:
    code = "".join(p.read_text("utf-8") for p in files_with(".py") if "repository" not in p.parts)
    scripts = [ROOT / "Makefile", ROOT / ".ci" / "run", *(ROOT / "scripts").iterdir()]
    code += "".join(p.read_text("utf-8") for p in scripts if p.is_file())
    assert settings(code) - settings(documentation()) == set()


def test_every_link_leads_somewhere() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in MARKDOWN
        for target in LINK.findall(page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert dead == []


def test_every_page_can_be_found_from_the_start() -> None:
    entrances = README + (DOCS / "index.md").read_text("utf-8")
    pages = {path.name for path in DOCS.glob("*.md")} - {"index.md"}
    assert {page for page in pages if page not in entrances} == set()


def test_decisions_are_numbered_listed_and_one_page() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    listed = (DOCS / "architecture.md").read_text("utf-8")
    assert [int(p.name[:4]) for p in pages] == list(range(1, len(pages) + 1))
    assert [p.name for p in pages if p.name not in listed] == []
    assert [p.name for p in pages if len(p.read_text("utf-8").splitlines()) > 70] == []


def test_changelog_has_an_entry_for_this_version() -> None:
    assert f"\n## {kizuna.__version__} " in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_readmes_show_the_same_commands_and_sections() -> None:
    assert code_blocks(README, "console") == code_blocks(JAPANESE, "console")
    assert code_blocks(README, "text") == code_blocks(JAPANESE, "text")
    assert README.count("\n## ") == JAPANESE.count("\n## ")


@pytest.mark.parametrize("page", [README, JAPANESE], ids=["english", "japanese"])
def test_readme_example_prints_what_it_says(page: str) -> None:
    said = StringIO()
    with redirect_stdout(said):
        exec(compile("\n".join(code_blocks(page, "python")), "README", "exec"), {})
    assert said.getvalue().strip() == code_blocks(page, "text")[-1]


@pytest.fixture
def folder_of_examples(tmp_path: Path) -> Path:
    """A folder with the files that examples read."""
    order = {"customer_id": "a", "order_id": "1", "ordered_at": None, "amount": 1200}
    row = order | {"ordered_on": date(2024, 3, 1), "currency": "USD"}
    schema = arrow_schema("transactions")
    pq.write_table(pa.Table.from_pylist([row], schema=schema), tmp_path / "orders.parquet")
    shutil.copy(SOURCE / "pipeline" / "know" / "rfm_segments.csv", tmp_path / "map.csv")
    simulate_company(tmp_path, as_of=date(2026, 3, 31), customers=300)
    return tmp_path


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.stem)
def test_python_examples_of_the_docs_run(
    page: Path, folder_of_examples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder_of_examples)
    code = "\n".join(code_blocks(page.read_text("utf-8"), "python"))
    with redirect_stdout(StringIO()):
        exec(compile(code, page.name, "exec"), {})


def commands(page: str) -> list[str]:
    """Commands of the console blocks of a page."""
    lines = "\n".join(code_blocks(page, "console")).splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def test_readme_names_targets_that_make_has() -> None:
    targets = [c.split()[1] for c in commands(README) if c.startswith("make ")]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert targets
    assert [t for t in targets if f"\n{t}:" not in makefile] == []


@pytest.mark.parametrize("command", [c for c in commands(README) if "kizuna value" in c])
def test_readme_commands_run(tmp_path: Path, command: str) -> None:
    _, name, *arguments = command.split()
    company = simulate_company(tmp_path, as_of=date(2026, 3, 31), customers=300)
    assert company.orders.name == "orders.csv"
    run = subprocess.run(
        [sys.executable, "-c", "from kizuna.cli import main; main()", name, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "value-output" / "report.html").exists()


@pytest.mark.parametrize("room", ["clv", "pipeline", "demo"])
def test_every_public_name_says_what_it_is(room: str) -> None:
    mute = [
        f"{path.relative_to(SOURCE)}: {name}"
        for path in sorted((SOURCE / room).rglob("*.py"))
        for name, node in public_definitions(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not ast.get_docstring(node)
    ]
    assert mute == []


def untested(steps: tuple[Step, ...], tests: str) -> set[str]:
    """Steps that no test names, and that no step named in a test depends on."""
    named = [step.name for step in steps if re.search(rf"\b{step.name}\b", tests)]
    return {step.name for step in steps} - {step.name for step in select(steps, *named)}


def test_every_step_is_tested_itself_or_through_another() -> None:
    tests = "".join(p.read_text("utf-8") for p in (ROOT / "tests" / "pipeline").rglob("*.py"))
    assert untested(discover(), tests) == set()


def test_a_step_without_a_test_is_seen() -> None:
    assert "retention" in untested(discover(), "def test_cohorts(): ...")


def test_an_undocumented_setting_is_seen() -> None:
    assert settings('os.environ["KIZUNA_SECRET_SWITCH"]') - settings(documentation())
