"""The pages in a real browser: nothing wrong in its console, nothing asked of the network."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from pipeline.report.comparison import comparison_page
from pipeline.report.page import report_page

PROGRAMS = ("chromium", "chromedriver")
MISSING = [program for program in PROGRAMS if shutil.which(program) is None]

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"{' and '.join(MISSING)} not found: apt-get install chromium-driver"
)

SCHEMES = {"light": (247, 246, 243), "dark": (20, 23, 26)}


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture(params=["report", "comparison"])
def page(request: pytest.FixtureRequest, tmp_path: Path, content: dict[str, Any]) -> str:
    pages = {
        "report": lambda: report_page(content),
        "comparison": lambda: comparison_page(content, {**content, "seed": 2}, ["a", "b" * 300]),
    }
    # Long names are what breaks a narrow page.
    content["counts"]["lists_by_region"]["a_region_" * 1000] = {"train": 1, "eval": 0}
    content["blessing"]["reason"] += "x" * 300
    file = tmp_path / "page.html"
    file.write_text(pages[request.param]())
    return file.as_uri()


def opened(browser: webdriver.Chrome, page: str, width: int, scheme: str = "light") -> None:
    medium = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", medium)
    screen = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(page)
    browser.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")


def requested(browser: webdriver.Chrome) -> list[str]:
    messages = (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_is_quiet_and_fits(
    browser: webdriver.Chrome, page: str, width: int, scheme: str
) -> None:
    opened(browser, page, width, scheme)
    assert browser.get_log("browser") == []
    assert {url for url in requested(browser) if not url.startswith("data:")} == {page}
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.execute_script(WIDEST_TABLE) < 1500
    colour = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert colour == f"rgb{SCHEMES[scheme]}"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_stands_out_from_its_ground(browser: webdriver.Chrome, page: str, scheme: str) -> None:
    opened(browser, page, 1280, scheme)
    assert browser.execute_script(WEAKEST_CONTRAST) >= 4.5


def test_the_page_is_read_by_keyboard(browser: webdriver.Chrome, page: str) -> None:
    opened(browser, page, 1280)
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.TAB)
    assert browser.switch_to.active_element.text == "Skip to the content"
    assert browser.switch_to.active_element.is_displayed()
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.current_url.endswith("#main")
    unreachable = "return [...document.querySelectorAll('.scroll')].filter(one => one.tabIndex < 0)"
    assert browser.execute_script(unreachable) == []
    assert browser.find_elements(By.CSS_SELECTOR, ".scroll")


WIDEST_TABLE = """
return Math.max(...[...document.querySelectorAll('.scroll')].map(one => one.scrollWidth));
"""
# The smallest ratio of contrast, by WCAG 2, of a text that is shown to the nearest ground.
WEAKEST_CONTRAST = """
const light = colour => {
  const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255)
    .map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = one => {
  const colour = getComputedStyle(one).backgroundColor;
  return one.parentElement && /, 0\\)$/.test(colour) ? ground(one.parentElement) : colour;
};
const texts = [...document.querySelectorAll('body *')].filter(one =>
  !one.closest('title, desc, .faint, .skip') &&
  [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()));
return Math.min(...texts.map(one => {
  const style = getComputedStyle(one);
  const ink = one instanceof SVGElement ? style.fill : style.color;
  const [high, low] = [light(ink), light(ground(one))].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}));
"""
