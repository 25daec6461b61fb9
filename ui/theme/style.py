"""The style sheet and palette made of a theme's tokens."""

from functools import cache
from string import Template

from PySide6.QtGui import QFont, QPalette

from .tokens import Theme

QSS = Template(
    """
* { font-family: "Inter", "DejaVu Sans"; font-size: 13px; color: $text_1; }
QWidget#window, QMainWindow { background: $bg_base; }
QWidget[role="panel"] { background: $bg_panel; }
QWidget[role="page"] { background: $bg_panel; }
QFrame[role="line"] { background: $line; border: none; }
QLabel { background: transparent; }
QLabel[role="label"] { color: $text_3; font-size: 11px; }
QLabel[role="second"] { color: $text_2; font-size: 12px; }
QLabel[role="value"] { font-size: 15px; font-weight: 600; }
QLabel[role="title"] { font-size: 18px; font-weight: 600; }
QLabel[role="clock"] { font-size: 18px; font-weight: 600; }
QLabel[role="why"] { font-size: 15px; font-weight: 600; }
QLabel[role="section"] { color: $text_3; font-size: 12px; font-weight: 500; }
QLabel[role="mono"] { font-family: "JetBrains Mono", "DejaVu Sans Mono"; font-size: 12px; }
QLabel[role="bad"] { color: $p1; }
QLabel[role="ok"] { color: $ok; }
QPushButton { background: $bg_raised; border: 1px solid $line; border-radius: 6px;
  padding: 6px 12px; font-weight: 500; min-height: 18px; }
QPushButton:hover { background: $bg_hover; }
QPushButton[keyed="yes"] { text-align: left; }
QPushButton[role="choice"] { min-height: 30px; font-size: 15px; }
QPushButton[role="choice"]:checked { background: $bg_selected; border: 1px solid $accent; }
QPushButton[role="link"] { background: transparent; border: none; color: $accent; padding: 2px; }
QLabel[role="cap"] { color: $text_2; font-size: 11px; font-weight: 500; background: $bg_raised;
  border: 1px solid $line; border-radius: 4px; padding: 1px 5px; }
QLabel[role="tag"] { color: $text_2; font-size: 11px; border: 1px solid $line; border-radius: 9px;
  padding: 1px 7px; }
QLabel[role="number"] { color: $text_2; font-size: 11px; font-weight: 600;
  border: 1px solid $line_strong; border-radius: 10px; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="third"] { color: $text_3; font-size: 12px; }
QLabel[role="warn"] { color: $p3; font-size: 12px; font-weight: 600; }
QLabel[role="okay"] { color: $ok; font-size: 12px; font-weight: 500; }
QFrame[role="pill"] { background: transparent; border: 1px solid $line; border-radius: 11px; }
QFrame[role="pill"] QLabel { font-size: 12px; font-weight: 600; }
QFrame[role="alarmrow"] { background: transparent; border: none;
  border-bottom: 1px solid $line_soft; }
QFrame[role="alarmrow"][chosen="yes"] { background: $bg_selected; border: 1px solid $accent; }
QLabel[role="hidden"] { color: $bg_panel; font-size: 12px; }
QWidget[role="ground"] { background: $bg_base; }
QFrame[role="firstcard"] { background: $bg_panel; border: 1px solid $line; border-radius: 8px; }
QFrame[role="boxed"] { background: transparent; border: 1px solid $line; border-radius: 8px; }
QProgressBar { background: $bg_raised; border: none; border-radius: 2px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QRadioButton, QCheckBox { background: transparent; spacing: 8px; font-size: 12px;
  border: 2px solid transparent; border-radius: 6px; }
QRadioButton::indicator, QCheckBox::indicator { width: 14px; height: 14px;
  border: 1px solid $line_strong; background: $bg_input; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator:checked { border: 4px solid $accent_fill; width: 8px; height: 8px;
  background: $accent_ink; }
QCheckBox::indicator:checked { background: $accent_fill; border: 1px solid $accent_fill; }
QPushButton:focus, QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus {
  border: 2px solid $accent; }
QRadioButton:focus, QCheckBox:focus { border: 2px solid $accent; }
QPushButton:disabled { color: $text_off; }
QPushButton[role="default"] { background: $accent_fill; color: $accent_ink;
  border: 1px solid $accent_fill; }
QPushButton[role="default"]:disabled { background: $bg_raised; color: $text_off;
  border: 1px solid $line; }
QPushButton[role="critical"] { min-height: 32px; font-size: 14px; text-align: left; }
QPushButton[role="chip"] { padding: 3px 8px; min-height: 16px; font-size: 12px; }
QPushButton[role="chip"]:checked { border: 1px solid $accent; background: $bg_selected; }
QPushButton[role="layer"] { background: transparent; border: none; padding: 4px 12px;
  color: $text_2; font-weight: 500; }
QPushButton[role="layer"]:checked { background: $bg_hover; color: $text_1; }
QPushButton[role="layer"]:disabled { color: $text_off; }
QPushButton[role="flat"] { background: transparent; border: none; padding: 4px; }
QLineEdit, QComboBox, QPlainTextEdit, QSpinBox { background: $bg_input;
  border: 1px solid $line_strong;
  border-radius: 6px; padding: 5px 8px; selection-background-color: $accent_fill; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox QAbstractItemView { background: $bg_raised; border: 1px solid $line; }
QListView, QTableView, QTreeView { background: $bg_panel; border: none; outline: none;
  alternate-background-color: $bg_panel; gridline-color: $line_soft; }
QTableView::item { padding: 0 6px; border-bottom: 1px solid $line_soft; }
QTableView::item:selected { background: $bg_selected; color: $text_1; }
QHeaderView::section { background: $bg_panel; color: $text_3; font-size: 11px; border: none;
  border-bottom: 1px solid $line; padding: 8px 6px; }
QScrollArea { background: $bg_panel; border: none; }
QScrollArea > QWidget > QWidget { background: $bg_panel; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar::handle:vertical { background: $line; border-radius: 3px; min-height: 30px; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
  background: transparent; height: 0; }
QScrollBar:horizontal { height: 0; }
QToolTip { background: $bg_raised; color: $text_1; border: 1px solid $line; }
QFrame[role="floating"] { background: $bg_panel; border: 1px solid $line; border-radius: 8px; }
QFrame[role="edge"] { border: none; border-left: 1px solid $line; background: transparent; }
QPushButton[role="floating"] { background: $bg_panel; border: 1px solid $line;
  border-radius: 8px; padding: 4px 14px; font-weight: 600; }
QFrame[role="card"] { background: $bg_raised; border: 1px solid $line; border-radius: 8px; }
"""
)


def style_sheet(theme: Theme) -> str:
    """The style sheet of a theme."""
    return QSS.substitute({k.replace("-", "_"): v for k, v in theme.hexes.items()})


def palette(theme: Theme) -> QPalette:
    """The palette beneath the style sheet."""
    made = QPalette()
    role = QPalette.ColorRole
    for which, token in (
        (role.Window, "bg-base"),
        (role.WindowText, "text-1"),
        (role.Base, "bg-panel"),
        (role.Text, "text-1"),
        (role.Button, "bg-raised"),
        (role.ButtonText, "text-1"),
        (role.Highlight, "accent-fill"),
        (role.HighlightedText, "accent-ink"),
        (role.PlaceholderText, "text-3"),
        (role.ToolTipBase, "bg-raised"),
        (role.ToolTipText, "text-1"),
    ):
        made.setColor(which, theme.colour(token))
    return made


@cache
def font(size_px: int, weight: int = 400, *, tabular: bool = False) -> QFont:
    """A font of the interface, shared; tabular figures for what changes or aligns."""
    made = QFont("Inter")
    made.setPixelSize(size_px)
    made.setWeight(QFont.Weight(weight))
    if tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made
