"""Take the README's pictures from the demo: docs/images/desk.png and rater.png.

usage: python tools/pictures.py
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console

from middlemost.demo import run
from middlemost.demo.server import running
from middlemost.project.folder import Project
from middlemost.project.people import invite

IMAGES = Path(__file__).parent.parent / "docs" / "images"
CHROMIUM = os.environ.get("MIDDLEMOST_CHROMIUM") or shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def picture(browser: Browser, link: str, name: str, wait_for: str) -> None:
    """Join by `link` and keep what the page shows."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, device_scale_factor=1)
    page.goto(link)
    if page.locator("input[name=name]").count():
        page.fill("input[name=name]", name)
    page.click("main button.send")
    page.wait_for_selector(wait_for)
    if name == "rater":
        page.keyboard.press("2")
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / f"{name}.png")
    page.close()


def main() -> None:
    """Run the demo in a folder that goes, and photograph both pages."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        run(Path(folder) / "demo", once=True, port=0, screen=Console())
        project_folder = Path(folder) / "demo" / "project"
        with Project.open(project_folder) as project:
            lead, rater = invite(project, role="lead"), invite(project)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with running(project_folder, 0) as server:
            picture(browser, f"{server.url}/join/{rater}", "rater", ".answer")
            picture(browser, f"{server.url}/join/{lead}", "desk", "main")
        browser.close()


if __name__ == "__main__":
    main()
