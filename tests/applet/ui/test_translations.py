#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every text of the user interface is translated into every language, completely and with the same placeholders."""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

LANGUAGES = {"de": 2, "fr": 2, "pl": 3}
PLURALS_ONLY = {"en": 2}
PLACEHOLDER = re.compile(r"%(?:[0-9]+|n)")
options = argparse.Namespace()


def current(language: str, folder: pathlib.Path) -> list[ElementTree.Element]:
    """The messages of a language after lupdate has looked at the sources of today."""
    name = f"qubes-usb-applet_{language}.ts"
    copy = folder / name
    shutil.copy(options.root / "translations" / name, copy)
    sources = sorted((options.root / "applet" / "ui").glob("*.cpp"))
    sources += sorted((options.root / "applet" / "ui").glob("*.h"))
    command = [options.lupdate, "-silent", "-locations", "none", "-source-language", "en_US"]
    command += ["-pluralonly"] if language in PLURALS_ONLY else []
    subprocess.run([*command, *map(str, sources), "-ts", str(copy)], check=True, cwd=folder)
    return list(ElementTree.parse(copy).getroot().iter("message"))


def texts(message: ElementTree.Element) -> list[str]:
    translation = message.find("translation")
    if message.get("numerus") == "yes":
        return [form.text or "" for form in translation.findall("numerusform")]
    return [translation.text or ""]


class Translations(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def messages(self, language: str) -> list[ElementTree.Element]:
        found = current(language, pathlib.Path(self.folder.name))
        self.assertGreater(len(found), 3, "lupdate found nearly no texts")
        return found

    def test_nothing_is_missing_unfinished_or_left_over(self) -> None:
        for language in {**LANGUAGES, **PLURALS_ONLY}:
            for message in self.messages(language):
                source = message.find("source").text
                with self.subTest(language=language, source=source):
                    self.assertIsNone(message.find("translation").get("type"))
                    for text in texts(message):
                        self.assertTrue(text.strip())

    def test_all_texts_are_there(self) -> None:
        counts = {language: len(self.messages(language)) for language in LANGUAGES}
        self.assertEqual(len(set(counts.values())), 1, counts)
        self.assertGreater(counts["de"], 150)

    def test_plural_forms(self) -> None:
        for language, forms in {**LANGUAGES, **PLURALS_ONLY}.items():
            for message in self.messages(language):
                if message.get("numerus") == "yes":
                    with self.subTest(language=language, source=message.find("source").text):
                        self.assertEqual(len(texts(message)), forms)

    def test_placeholders_are_those_of_the_source(self) -> None:
        for language in {**LANGUAGES, **PLURALS_ONLY}:
            for message in self.messages(language):
                source = message.find("source").text
                wanted = sorted(PLACEHOLDER.findall(source))
                for text in texts(message):
                    with self.subTest(language=language, source=source, text=text):
                        self.assertEqual(sorted(PLACEHOLDER.findall(text)), wanted)

    def test_ends_of_sentences(self) -> None:
        """A text that ends like a sentence, a label or something unfinished does so in all languages."""
        for language in LANGUAGES:
            for message in self.messages(language):
                source = message.find("source").text
                for text in texts(message):
                    with self.subTest(language=language, source=source, text=text):
                        for end in (".", ":", "…", "?"):
                            self.assertEqual(source.endswith(end), text.endswith(end))


class OnlyInUi(unittest.TestCase):
    def test_translatable_texts_are_in_the_ui_only(self) -> None:
        for folder in ("model", "qubes", "dbus", "."):
            for path in (options.root / "applet" / folder).glob("*.cpp"):
                with self.subTest(path=path):
                    self.assertNotRegex(path.read_text(), r"\btr\(\"")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lupdate", required=True)
    parser.add_argument("--root", required=True, type=pathlib.Path)
    options, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
