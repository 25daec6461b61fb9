"""Tables paint what changed: rows kept as pictures, ages on top, places kept."""

from dataclasses import dataclass

import pytest
from prompt_engine import FakeConnection, context_of
from PySide6.QtCore import QSize

from ui.models.table import Column, TableModel
from ui.views.cells import RowPainter
from ui.views.tables import Table


@pytest.fixture(autouse=True)
def time_for_all_rows(monkeypatch):
    """However busy this machine is; tests of frames without time take it away."""
    monkeypatch.setattr("ui.views.pictures.BUDGET_S", 60.0)


@dataclass(frozen=True)
class Row:
    name: str
    word: str
    age: int = 0


def model_of(*rows, now):
    columns = (
        Column("Name", lambda r: r.name, 80),
        Column("Word", lambda r: r.word, 120, bold=lambda r: r.word == "odd"),
        Column("Age", lambda r: f"{now[0] - r.age} s", 60, ages=True),
    )
    model = TableModel(columns, lambda r: r.name, lambda token: token)
    model.set_rows(rows)
    return model


def told(model):
    cells = []
    model.dataChanged.connect(
        lambda one, other, *_: cells.append((one.row(), one.column(), other.row(), other.column()))
    )
    return cells


def table_of(qtbot, model):
    table = Table(context_of(FakeConnection(), "dark"), model, "Rows")
    qtbot.addWidget(table)
    table.resize(QSize(400, 300))
    table.show()
    return table


def test_only_the_cell_that_looks_different_is_told(qtbot):
    model = model_of(Row("a", "one"), Row("b", "two"), now=[0])
    cells = told(model)

    model.set_rows((Row("a", "one"), Row("b", "three")))

    assert cells == [(1, 1, 1, 1)]


def test_a_row_that_is_new_but_looks_the_same_is_not_painted(qtbot):
    model = model_of(Row("a", "one", age=0), now=[5])
    cells = told(model)

    model.set_rows((Row("a", "one", age=0),))

    assert cells == []


def test_as_time_goes_on_only_ages_are_painted(qtbot):
    model = model_of(Row("a", "one"), Row("b", "two"), now=[0])
    cells = told(model)

    model.tick()

    assert cells == [(0, 2, 1, 2)]


@pytest.fixture
def drawn(count_painted):
    """Names of the rows whose pictures were drawn."""
    return count_painted(RowPainter, lambda row: row.name)


def test_a_row_is_drawn_once_while_it_looks_the_same_and_its_age_goes_on(qtbot, drawn):
    now = [3]
    table = table_of(qtbot, model := model_of(Row("a", "one"), Row("b", "two"), now=now))
    before = table.grab().toImage()

    now[0] = 9
    model.tick()
    after = table.grab().toImage()

    assert drawn == ["a", "b"]
    assert after != before


def test_a_changed_word_and_a_selection_change_the_picture(qtbot):
    table = table_of(qtbot, model := model_of(Row("a", "one"), Row("b", "two"), now=[3]))
    plain = table.grab().toImage()

    model.set_rows((Row("a", "odd"), Row("b", "two")))
    changed = table.grab().toImage()
    table.selectRow(1)
    chosen = table.grab().toImage()

    assert plain != changed
    assert changed != chosen


def test_a_frame_without_time_shows_a_row_as_it_was_and_then_as_it_is(qtbot, monkeypatch):
    table = table_of(qtbot, model := model_of(Row("a", "one"), Row("b", "two"), now=[3]))
    before = table.viewport().grab().toImage().copy(0, 0, 190, 68)
    monkeypatch.setattr("ui.views.pictures.BUDGET_S", -1.0)

    model.set_rows((Row("a", "odd"), Row("b", "two")))
    late = table.viewport().grab().toImage().copy(0, 0, 190, 68)
    monkeypatch.setattr("ui.views.pictures.BUDGET_S", 1.0)

    def as_it_is():
        return table.viewport().grab().toImage().copy(0, 0, 190, 68) != late

    qtbot.waitUntil(as_it_is, timeout=2000)
    assert late == before


def test_a_frame_without_time_shows_no_row_in_the_place_of_another(qtbot, monkeypatch):
    table = table_of(qtbot, model := model_of(Row("a", "one"), Row("b", "two"), now=[3]))
    picture = table.viewport().grab().toImage()
    second = picture.copy(0, 34, 190, 34)
    monkeypatch.setattr("ui.views.pictures.BUDGET_S", -1.0)

    model.set_rows((Row("b", "two"), Row("c", "new")))
    late = table.viewport().grab().toImage()

    ground = late.pixelColor(5, 40)
    empty = late.copy(0, 34, 190, 34)
    assert late.copy(0, 0, 190, 34) == second
    assert all(
        empty.pixelColor(x, y) == ground
        for x in range(empty.width())
        for y in range(empty.height())
    )
