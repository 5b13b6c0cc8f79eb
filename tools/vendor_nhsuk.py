"""Take nhsuk-frontend's prebuilt files into the static folder: `npm pack nhsuk-frontend@10.6.1`, unpack, then

    python tools/vendor_nhsuk.py package/

The licence (MIT) covers code and icons, not the NHS's typeface and logo: the font faces, to be fetched
from another host, are taken out, and so are the pictures that carry the NHS logo.
"""

import re
import shutil
import sys
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "openoh" / "pages" / "static"
VERSION = "10.6.1"
FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
PICTURES = ("arrow-down", "arrow-up", "arrow-up-down", "arrow-left", "chevron-right-circle", "cross", "tick")


def main(package: Path) -> None:
    built = package / "dist" / "nhsuk"
    target = STATIC / "vendor" / f"nhsuk-frontend-{VERSION}"
    target.mkdir(parents=True, exist_ok=True)
    css = FONT_FACE.sub("", (built / "nhsuk-frontend.min.css").read_text(encoding="utf-8"))
    css = css.replace("Frutiger W01,", "").partition("/*# sourceMappingURL")[0]
    (target / "nhsuk-frontend.min.css").write_text(css, encoding="utf-8")
    script = (
        (built / "nhsuk-frontend.min.js").read_text(encoding="utf-8").partition("//# sourceMappingURL")[0]
    )
    (target / "nhsuk-frontend.min.js").write_text(script, encoding="utf-8")
    (STATIC / "images").mkdir(exist_ok=True)
    for name in PICTURES:
        shutil.copy(built / "assets" / "images" / f"nhsuk-icon-{name}.svg", STATIC / "images")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
