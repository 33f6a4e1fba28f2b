"""The catalogs: every marked text is drawn out, and what is wrong with a translation is named."""

import ast
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError

from scripts import messages
from tests.places import ROOT

# Which arguments are texts, by the function: the marks of babel.cfg, and those that Babel knows by itself.
TEXTS = {"N_": [0], "say": [1], "say_n": [1, 2], "gettext": [0], "ngettext": [0, 1], "_": [0]}
HEADER = (
    messages.TEMPLATE_HEADER + '"Language: ru\\n"\n"Plural-Forms: nplurals=3; plural=(n%10==1 ? 0 : n<5 ? 1 : 2);\\n"\n'
)

SAID = """
msgid "Whose turn"
msgstr "Чей ход"

msgid "{n} steps are done"
msgstr "Сделано шагов: {n}"

msgid "{n} step"
msgid_plural "{n} steps"
msgstr[0] "{n} шаг"
msgstr[1] "{n} шага"
msgstr[2] "{n} шагов"
"""


@pytest.fixture(scope="module")
def template() -> Catalog:
    return messages.drawn_out()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small program with a catalog of its own."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "LOCALE", tmp_path / "tracker" / "locale")
    for folder in ("tracker/locale/ru/LC_MESSAGES", "bot", "templates"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "babel.cfg").write_text((ROOT / "babel.cfg").read_text())
    (tmp_path / "tracker/saying.py").write_text('say(language, "Whose turn")\nWORDS = [N_("{n} steps are done")]\n')
    (tmp_path / "templates/_part.html").write_text('{{ _("Whose turn") }} {{ ngettext("{n} step", "{n} steps", 2) }}')
    russian(tmp_path).write_text(HEADER + SAID)
    messages.update(messages.drawn_out())
    return tmp_path


def russian(checkout: Path) -> Path:
    return checkout / "tracker/locale/ru/LC_MESSAGES/auftakt.po"


def found() -> list[str]:
    return list(messages.problems(messages.drawn_out()))


def test_the_extractor_overlooks_no_marked_text(template):
    """It reads tokens, not syntax: in an f-string, or deep inside of another marked call, it would see nothing."""
    drawn = {text for one in template for text in ([one.id] if isinstance(one.id, str) else one.id)}
    overlooked = []
    for file in [*ROOT.glob("tracker/**/*.py"), *ROOT.glob("bot/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            texts = [node.args[place] for place in TEXTS.get(name, []) if place < len(node.args)]
            overlooked += [
                f"{file.relative_to(ROOT)}:{node.lineno} {text.value!r}"
                for text in texts
                if isinstance(text, ast.Constant) and text.value not in drawn
            ]
    assert overlooked == []


def test_a_text_stands_with_its_files_and_without_their_lines(checkout):
    assert found() == []
    drawn = (checkout / "tracker/locale/auftakt.pot").read_text()
    assert '#: templates/_part.html tracker/saying.py\nmsgid "Whose turn"\nmsgstr ""\n' in drawn
    before = russian(checkout).read_text()
    saying = checkout / "tracker/saying.py"
    saying.write_text("import this\n\n\n" + saying.read_text())
    messages.update(messages.drawn_out())
    assert russian(checkout).read_text() == before
    assert (checkout / "tracker/locale/auftakt.pot").read_text() == drawn


def test_a_new_text_is_asked_for_and_the_check_writes_nothing(checkout, monkeypatch):
    (checkout / "bot/asking.py").write_text('say(language, "Which day")\n')
    files = {path: path.read_text() for path in checkout.rglob("auftakt.po*")}
    monkeypatch.setattr("sys.argv", ["messages.py", "--check"])
    assert messages.main() == 1
    assert {path: path.read_text() for path in files} == files
    assert found() == [
        "auftakt.pot: not what the code says, run `make messages`",
        "ru: not what the code says, run `make messages`",
        "ru: bot/asking.py 'Which day': no translation",
    ]
    monkeypatch.setattr("sys.argv", ["messages.py"])
    assert messages.main() == 1
    assert [problem.rpartition(": ")[2] for problem in found()] == ["not translated yet"]


def test_a_text_that_nobody_says_any_more_leaves_the_catalogs(checkout):
    (checkout / "templates/_part.html").write_text("")
    assert any("'{n} step': nobody says it" in problem for problem in found())
    messages.update(messages.drawn_out())
    assert found() == []
    assert "{n} steps" not in russian(checkout).read_text().replace("{n} steps are done", "")


def test_what_tools_of_translators_note_and_how_they_wrap_is_theirs(checkout):
    noted = russian(checkout).read_text().replace("8bit\\n", '8bit\\n"\n"X-Generator: Poedit 3.4\\n')
    wrapped = noted.replace('msgstr "Сделано шагов: {n}"', 'msgstr ""\n"Сделано "\n"шагов: {n}"')
    russian(checkout).write_text(wrapped)
    assert found() == []
    messages.update(messages.drawn_out())
    assert russian(checkout).read_text() == noted


@pytest.mark.parametrize(
    ("given", "instead", "problem"),
    [
        ("Чей ход", "", "not translated yet"),
        ("Чей ход", "Чей ход!", "off tone"),
        ("Чей ход", "Ход просрочен", "off tone"),
        ("Чей ход", "Кто сделал(а)", "off tone"),
        ("Чей ход", "Чей ход: {name}", "not the fields of the English text"),
        ("{n} шага", "", "not translated yet"),
        ("{n} шагов", "{m} шагов", "not the fields of the English text"),
        ('msgstr[2] "{n} шагов"\n', "", "not translated yet"),
        ('msgid "Whose turn"', '#, fuzzy\nmsgid "Whose turn"', "not translated yet"),
    ],
)
def test_what_is_wrong_with_a_translation_is_named(checkout, given, instead, problem):
    source = russian(checkout).read_text()
    assert source.count(given) == 1
    russian(checkout).write_text(source.replace(given, instead))
    assert problem in {one.rpartition(": ")[2] for one in found()}


def test_the_english_in_the_code_keeps_the_tone_as_well(checkout):
    (checkout / "bot/asking.py").write_text(
        'say(language, "Good day!")\nsay(language, "This is overdue")\nN_("Now!")\n'
    )
    assert {one for one in found() if one.endswith("off tone")} == {"'Now!': off tone", "'This is overdue': off tone"}


def test_a_greeting_may_greet_in_every_language(checkout):
    (checkout / "bot/asking.py").write_text('say(language, "Good day!")\n')
    messages.update(messages.drawn_out())
    source = russian(checkout).read_text()
    russian(checkout).write_text(source.replace('"Good day!"\nmsgstr ""', '"Good day!"\nmsgstr "Добрый день!"'))
    assert found() == []


def test_more_forms_than_the_language_has_are_no_catalog(checkout):
    source = russian(checkout).read_text()
    russian(checkout).write_text(source.replace('msgstr[2] "{n} шагов"', 'msgstr[2] "{n} шагов"\nmsgstr[3] "{n} шагу"'))
    with pytest.raises(PoFileError):
        found()
