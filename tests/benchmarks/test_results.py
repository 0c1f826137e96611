"""Results have two formats; a part that is measured again replaces its own rows."""

import json

import pytest

from benchmarks import __main__ as measuring
from benchmarks.__main__ import PARTS, RESULTS, main, merge, render


def row(what, ratio):
    return {"measurement": what, "compared with": "the baseline", "data": "posts", "ratio": ratio}


def test_both_formats_of_the_results_are_equal():
    results = json.loads((RESULTS / "results.json").read_text(encoding="utf-8"))
    assert (RESULTS / "results.md").read_text(encoding="utf-8") == render(results)


def test_rows_measured_again_replace_the_old_ones_and_new_ones_follow():
    stored = {"ratios": [row("a", 1), row("b", 2)], "one request": [{"part": "reading", "ms": 1}]}
    merged = merge(stored, {"ratios": [row("c", 3), row("a", 4)]})
    assert merged["ratios"] == [row("a", 4), row("b", 2), row("c", 3)]
    assert merged["one request"] == stored["one request"]


@pytest.mark.parametrize(("parts", "remaining"), [(["search"], ["old"]), ([], [])])
def test_run_of_all_parts_starts_empty_and_run_of_one_part_keeps_the_other_rows(
    tmp_path, monkeypatch, parts, remaining
):
    old = {"ratios": [row("old", 1)], "one request": []}
    (tmp_path / "results.json").write_text(json.dumps(old), encoding="utf-8")
    monkeypatch.setenv("DATASETS_DIR", str(tmp_path))
    monkeypatch.setattr(measuring, "RESULTS", tmp_path)
    monkeypatch.setattr(measuring, "PARTS", ("search",))
    monkeypatch.setattr(measuring, "_measure", lambda part: {"ratios": [row(part, 2)]})
    assert main(parts) == 0
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert [each["measurement"] for each in results["ratios"]] == [*remaining, "search"]
    assert (tmp_path / "results.md").read_text(encoding="utf-8") == render(results)


def test_unknown_part_is_refused_with_the_known_ones(capsys):
    with pytest.raises(SystemExit):
        main(["speed"])
    message = capsys.readouterr().err
    assert f"'speed' is not a part; expected any of {', '.join(PARTS)}" in message


def test_benchmarks_without_real_data_are_refused(capsys, monkeypatch):
    monkeypatch.delenv("DATASETS_DIR", raising=False)
    before = (RESULTS / "results.json").read_bytes()
    assert main(["search"]) == 1
    assert (
        capsys.readouterr().err
        == "error: DATASETS_DIR is not set; set it, because only real data is measured\n"
    )
    assert (RESULTS / "results.json").read_bytes() == before
