"""What every page loads is cut to what the pages can show."""

import pytest

lean = pytest.importorskip("lean", reason="needs the docs requirements")


def test_a_style_sheet_keeps_what_pages_show_and_scripts_set(tmp_path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "a.html").write_text('<p class="shown first">unused</p>')
    (tmp_path / "_static" / "a.js").write_text('box.className = "opened"')
    used = lean.words(tmp_path)
    assert {"shown", "first", "opened"} <= used and "unused" not in used
    css = (
        ":root{--a:1}p,.unused,.shown.first>a{color:red}.unused,.shown .unused{top:0}.opened:not(.unused){top:1px}"
        "@media print{.unused{top:2px}}@media print{.shown{top:3px}.unused{top:4px}}.bs-made-of-parts{top:.5em}"
        ":is(.shown,.unused) b{top:5px}@font-face{font-family:x}@keyframes k{0%{top:0}to{top:1px}}"
    )
    assert lean.without_unused(css, used) == (
        ":root{--a:1}p,.shown.first>a{color:red}.opened:not(.unused){top:1px}"
        "@media print{.shown{top:3px}}.bs-made-of-parts{top:.5em}"
        ":is(.shown,.unused) b{top:5px}@font-face{font-family:x}@keyframes k{0%{top:0}to{top:1px}}"
    )
