"""The cards of noticed robots beside a robot that is chosen, in the smallest window."""

from dataclasses import replace
from pathlib import Path

import pytest
from prompt_engine import tell
from PySide6.QtWidgets import QApplication
from shown_fleet import NOW
from whole import squeezed

from fleetapp.api.site_drawing import layout_of
from fleetapp.api.views import Delta
from fleetapp.client.live import LinkState
from fleetapp.layout import load_site
from ui.theme.style import style_sheet
from ui.views.first_run import FirstRun
from ui.views.noticed import NoticedCard
from ui.window.main_window import MainWindow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def window(qtbot, context):
    made = MainWindow(context, FirstRun(context, ""), "dark")
    qtbot.addWidget(made)
    made.setStyleSheet(style_sheet(context.theme))
    context.store.link = LinkState(connected=True, detail="")
    made.resize(1280, 720)
    made.show()
    made.set_layout(layout_of(load_site(ROOT / "maps" / "small")))
    yield made
    QApplication.instance().removeEventFilter(made.top.stop)


@pytest.mark.parametrize("serial", ["HR-C12-0731", "HALDEN-ROBOTICS-C12-" + "0731" * 12])
def test_a_card_is_whole_beside_a_robot_that_is_chosen(qtbot, window, context, serial):
    errors = ("the left scanner is dirty since 11:20 and sees half of what it should",)
    robots = context.store.model.robots
    told = tuple(
        replace(robots[key], serial=serial, errors=errors) for key in ("halden/r49", "halden/r50")
    )
    tell(context, Delta(2, NOW, robots=told))

    window.show_page("Robots")
    window.select("halden/r23")
    QApplication.processEvents()

    cards = window.findChildren(NoticedCard)
    assert len(cards) == 2
    assert [squeezed(card) for card in cards] == [[], []]
    assert all(card.minimumSizeHint().width() <= card.width() for card in cards)
